"""The data directory: it exists, can be written, and belongs to one desk at a time."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psutil

from core.errors import SettingsError

LEAVING = 12.0
"""Seconds that the processes of a desk which was killed may take to notice and leave."""


def prepare_home(home: Path) -> None:
    """Create the data directory and its folders.

    Raises:
        SettingsError: it cannot be created or written.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        (home / "charts").mkdir(exist_ok=True)
        probe = home / f".probe-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise SettingsError(
            f"The data directory {home} cannot be written ({error.strerror}): "
            "correct its permissions, or set CHARTROOM_HOME to another folder.",
            home,
        ) from error


@contextmanager
def claimed(home: Path) -> Iterator[None]:
    """Hold the data directory for this desk. The kernel frees it when the last of our processes has gone.

    Raises:
        SettingsError: another desk runs on the same directory.
    """
    path = home / "desk.lock"
    with path.open("a+") as lock:
        _acquire(lock, path)
        lock.seek(0)
        lock.truncate()
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def _acquire(lock: IO[str], path: Path) -> None:
    deadline = time.monotonic() + LEAVING
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            owner = path.read_text().strip()
            alive = owner.isdecimal() and psutil.pid_exists(int(owner))
            if alive or time.monotonic() > deadline:
                raise SettingsError(
                    f"Another Chartroom (process {owner}) already uses {path.parent}: "
                    "stop it, or set CHARTROOM_HOME to another folder.",
                    path.parent,
                ) from None
            time.sleep(0.2)
