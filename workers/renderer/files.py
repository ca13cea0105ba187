"""Files of the charts folder: whole or not at all, and nowhere else."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from core.errors import RenderError
from db.store.charts.exports import file_inside


def write_file(folder: Path, name: str, content: bytes) -> None:
    """Write `content` to `folder`/`name`, whole or not at all.

    Raises:
        RenderError: the name leads out of the folder, or the folder cannot be written.
    """
    path = file_inside(folder, name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _replace(path, content)
    except OSError as error:
        reason = error.strerror or str(error)
        raise RenderError(f"The chart cannot be written to {folder} ({reason}): make room or access.", path) from error


def _replace(path: Path, content: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
        part = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
