"""No process and no file stays behind a renderer, in whatever state its browser was."""

from __future__ import annotations

import shutil
from pathlib import Path

import psutil

PATIENCE_S = 5.0


def sweep(guard: int, folder: Path) -> None:
    """Kill everything the process `guard` started and every browser that works in `folder`, then remove the folder.

    A browser whose parent died first is no descendant any more, but its command line still names its folder.
    """
    for _ in range(3):
        found = _started_by(guard, folder)
        if not found:
            break
        for process in found:
            _kill(process)
        psutil.wait_procs(found, timeout=PATIENCE_S)
    shutil.rmtree(folder, ignore_errors=True)


def end(guard: int, folder: Path) -> None:
    """The same, and the guard itself."""
    sweep(guard, folder)
    try:
        _kill(psutil.Process(guard))
    except psutil.NoSuchProcess:
        return


def _started_by(guard: int, folder: Path) -> list[psutil.Process]:
    try:
        family = psutil.Process(guard).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    mark = f"={folder}/"
    others = [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(mark in word for word in process.info["cmdline"] or ())
    ]
    alive = {process.pid: process for process in family + others if process.pid != guard}
    return [process for process in alive.values() if _is_alive(process)]


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return
