"""Files of a data set: whole or not at all, inside its folder, by one process at a time."""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from core.errors import ConflictError, DatasetError

STATE: Final = ".build"
"""Folder inside a data set for what is needed to go on with it; no part of the data set itself."""

PART: Final = ".part"
_BLOCK = 1 << 20


def inside(folder: Path, name: str) -> Path:
    """`folder`/`name`.

    Raises:
        DatasetError: it would lie outside the folder.
    """
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise DatasetError(f"'{name}' lies outside {folder}: nothing is written there.", name)
    return path


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """A file that appears under its name when it is complete; what went wrong leaves no trace.

    Raises:
        DatasetError: the disk is full or the folder cannot be written.
    """
    part = path.with_name(path.name + PART)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("wb") as file:
                yield file
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise _refused(path, error) from error


def write(path: Path, data: bytes) -> None:
    """Write a small file whole. Raises DatasetError, as `writing` does."""
    with writing(path) as file:
        file.write(data)


def make_folder(folder: Path) -> None:
    """Raises DatasetError when it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refused(folder, error) from error


def digest(path: Path) -> str | None:
    """SHA-256 of a file; None when it cannot be read."""
    found = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                found.update(block)
    except OSError:
        return None
    return found.hexdigest()


def sweep(folder: Path) -> None:
    """Remove what a killed process left half-written."""
    for left in folder.rglob(f"*{PART}"):
        left.unlink(missing_ok=True)


@contextmanager
def alone(folder: Path, patience: float = 0.0) -> Iterator[None]:
    """The folder for this process only; the lock dies with the process, however that ends.

    Raises:
        ConflictError: after `patience` seconds somebody else still has it.
        DatasetError: the folder cannot be written.
    """
    make_folder(folder / STATE)
    try:
        handle = os.open(folder / STATE / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise _refused(folder, error) from error
    try:
        _lock(handle, folder, patience)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, folder: Path, patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            if time.monotonic() >= deadline:
                raise ConflictError(f"Another process is working in {folder}: let it finish first.", folder) from error
            time.sleep(0.1)


def _refused(path: Path, error: OSError) -> DatasetError:
    reason = error.strerror or str(error)
    return DatasetError(f"{path} cannot be written ({reason}): make room or access, then go on.", path)
