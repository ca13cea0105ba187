"""Families of processes: who dies with whom, and how to end a whole tree."""

from __future__ import annotations

import ctypes
import signal
import sys

import psutil

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def die_with_parent(signum: int = signal.SIGTERM) -> None:
    """Ask the kernel to send us `signum` when our parent dies, however it dies. Does nothing but on Linux."""
    _prctl(_PR_SET_PDEATHSIG, signum)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent dies, so that none gets out of sight. Linux only."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def end_descendants(grace: float) -> None:
    """Wait up to `grace` seconds for all descendants to go by themselves, then kill those that are left."""
    _, alive = psutil.wait_procs(_descendants(), timeout=grace)
    while alive:
        for process in alive:
            _send(process, signal.SIGKILL)
        psutil.wait_procs(alive, timeout=2)
        alive = _descendants()


def terminate_descendants(grace: float) -> None:
    """Ask all descendants to stop, then as `end_descendants`."""
    for process in _descendants():
        _send(process, signal.SIGTERM)
    end_descendants(grace)


def is_alive(process: psutil.Process) -> bool:
    """Whether it still runs: a zombie that nobody has waited for does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _descendants() -> list[psutil.Process]:
    return [process for process in psutil.Process().children(recursive=True) if is_alive(process)]


def _send(process: psutil.Process, signum: signal.Signals) -> None:
    try:
        process.send_signal(signum)
    except psutil.NoSuchProcess:
        return  # gone in the meantime, which is what we want


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
