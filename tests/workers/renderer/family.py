"""The processes of a renderer, found by the folder that their command lines name."""

from __future__ import annotations

import signal
from collections.abc import Iterable

import psutil


def words(process: psutil.Process) -> list[str]:
    """Its command line; none when it has ended since it was found."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def family(folder: object) -> list[psutil.Process]:
    """Server, guard and browser that work in this folder and still live."""
    return [
        process
        for process in psutil.process_iter(["cmdline", "status"])
        if process.info["status"] != psutil.STATUS_ZOMBIE
        and any(str(folder) in word for word in process.info["cmdline"] or ())
        and any(word.startswith("workers.renderer.") or "chartroom-render-" in word for word in process.info["cmdline"])
    ]


def module(processes: Iterable[psutil.Process], name: str) -> psutil.Process:
    """The server or the guard among them."""
    return next(process for process in processes if f"workers.renderer.{name}" in words(process))


def browser(processes: Iterable[psutil.Process]) -> psutil.Process:
    """The browser's own process, from which all its others come."""
    mine = [process for process in processes if not any("workers.renderer" in word for word in words(process))]
    return next(
        process
        for process in mine
        if not any(word.startswith("--type=") or word.endswith(".py") for word in words(process))
    )


def page(processes: Iterable[psutil.Process]) -> psutil.Process:
    """The process that draws the page: of all of its kind, idle ones in reserve among them, it has worked most."""
    kind = [process for process in processes if "--type=renderer" in words(process)]
    return max(kind, key=lambda process: sum(process.cpu_times()[:2]))


def freeze(processes: Iterable[psutil.Process]) -> None:
    for process in processes:
        process.send_signal(signal.SIGSTOP)
