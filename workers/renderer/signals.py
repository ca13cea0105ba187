"""A signal's chart from the data base to a file in the charts folder."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from core.charts.figure import HEIGHT, WIDTH, signal_figure
from db.actions.chart import DrawnImage, load_chart, record_chart
from workers.renderer.files import write_file
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
    write_file(folder, name, png)
    size = round(WIDTH * SCALE), round(HEIGHT * SCALE)
    image = DrawnImage(name, hashlib.sha256(png).hexdigest(), *size, len(png), SCALE)
    return record_chart(engine, given, image, began, datetime.now(UTC))
