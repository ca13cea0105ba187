"""A signal's chart from the data base to a file in the charts folder."""

from __future__ import annotations

import hashlib
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from core.charts.figure import HEIGHT, WIDTH, signal_figure
from core.errors import RenderError
from db.actions.chart import DrawnImage, load_chart, record_chart
from workers.renderer.render import render

SCALE: Final = 1.5


def draw_signal(engine: Engine, folder: Path, signal_id: int) -> int | None:
    """Draw, write and record the chart of a signal; returns the image's id, None when it was there already.

    The file is complete before its row exists, so that a row always has its file.

    Raises:
        NotFoundError: no such signal.
        ParameterError: the signal has no bars to draw.
        RenderError: the browser failed, or the folder cannot be written.
    """
    began = datetime.now(UTC)
    given = load_chart(engine, signal_id)
    if given is None:
        return None
    png = render(signal_figure(given.bars, given.drawing), WIDTH, HEIGHT, SCALE)
    name = f"signal-{int(signal_id)}.png"
    write_image(folder, name, png)
    image = DrawnImage(name, hashlib.sha256(png).hexdigest(), round(WIDTH * SCALE), round(HEIGHT * SCALE))
    return record_chart(engine, given, image, began, datetime.now(UTC))


def write_image(folder: Path, name: str, png: bytes) -> None:
    """Write `png` to `folder`/`name`, whole or not at all.

    Raises:
        RenderError: the name leads out of the folder, or the folder cannot be written.
    """
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise RenderError(f"'{name}' lies outside the charts folder: choose a plain file name.", name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _replace(path, png)
    except OSError as error:
        reason = error.strerror or str(error)
        raise RenderError(f"The chart cannot be written to {folder} ({reason}): make room or access.", path) from error


def _replace(path: Path, png: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
        part = Path(file.name)
        try:
            file.write(png)
            file.flush()
            os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
