"""No process and no file stays behind a renderer, in whatever state its browser was."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import psutil

PATIENCE_S = 5.0


def sweep(folder: Path, guard: int | None = None) -> None:
    """Kill everything the process `guard` started and everything that works in `folder`, then remove the folder.

    A browser whose parent died first is no descendant any more, but its command line still names its folder. The guard
    itself stays.
    """
    for _ in range(3):
        found = _belonging(folder, guard)
        if not found:
            break
        for process in found:
            _kill(process)
        psutil.wait_procs(found, timeout=PATIENCE_S)
    # What somebody else removes at the same moment, or a dying browser still writes, makes one pass give up halfway.
    for _ in range(10):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.05)


def end(guard: int, folder: Path) -> None:
    """The same, and the guard itself first: it must not answer or start anything any more."""
    try:
        family = psutil.Process(guard).children(recursive=True)
        _kill(psutil.Process(guard))
    except psutil.NoSuchProcess:
        family = []
    for process in family:
        _kill(process)
    psutil.wait_procs(family, timeout=PATIENCE_S)
    sweep(folder)


def _belonging(folder: Path, guard: int | None) -> list[psutil.Process]:
    try:
        family = psutil.Process(guard).children(recursive=True) if guard is not None else []
    except psutil.NoSuchProcess:
        family = []
    others = [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(_names(word, folder) for word in process.info["cmdline"] or ())
    ]
    alive = {process.pid: process for process in family + others if process.pid != guard}
    return [process for process in alive.values() if _is_alive(process)]


def _names(word: str, folder: Path) -> bool:
    """Whether an argument is the folder, or a place in it, by itself or as `--option=place`."""
    place = word.rpartition("=")[2]
    return place == str(folder) or place.startswith(f"{folder}/")


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return
