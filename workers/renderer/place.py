"""Where the renderer of a machine and a home is found: its socket, its lock, and who holds them."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

_LONGEST_ADDRESS = 100
"""Bytes of a Unix socket's path that every system allows."""


@dataclass(frozen=True)
class Place:
    """The files of one renderer. Containers that share a home have names of their own, and so a renderer each."""

    lock: Path
    socket: Path


def place_in(home: Path) -> Place:
    """The renderer of this machine for the data directory `home`.

    A socket below a very long path cannot be; it then lies in a folder of our own in the temporary one.
    """
    name = f"renderer-{hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]}"
    address = home / f"{name}.sock"
    if len(os.fsencode(address)) > _LONGEST_ADDRESS:
        mark = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
        address = Path(tempfile.gettempdir()) / f"chartroom-{os.getuid()}-{mark}" / "renderer.sock"
    return Place(home / f"{name}.lock", address)


def take(place: Place) -> IO[str] | None:
    """Become the renderer of this place: the open lock, to be kept; None while another one is."""
    place.lock.parent.mkdir(parents=True, exist_ok=True)
    lock = place.lock.open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def note(lock: IO[str], folder: Path | None = None) -> None:
    """Write down who works here and in which folder its browser does, for those who may have to clean up."""
    lock.seek(0)
    lock.truncate()
    json.dump({"pid": os.getpid(), "folder": str(folder) if folder is not None else None}, lock)
    lock.flush()


def noted_folder(lock: IO[str]) -> Path | None:
    """The folder of the one before."""
    lock.seek(0)
    try:
        return Path(json.load(lock)["folder"])
    except (ValueError, KeyError, TypeError):
        return None


def holder(place: Place) -> psutil.Process | None:
    """The server that works at this place, if it can still be found."""
    try:
        process = psutil.Process(int(json.loads(place.lock.read_text())["pid"]))
        return process if "workers.renderer.server" in process.cmdline() else None
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        return None
