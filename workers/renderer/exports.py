"""An exported chart from the data base to a file in the charts folder."""

from __future__ import annotations

import contextlib
import hashlib
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from core.charts.figure import chart_figure
from core.charts.palette import PALETTES
from core.errors import ChartroomError, NotFoundError
from db.actions.chart_export import FinishedFile, fail_export, finish_export
from db.actions.chart_scene import ExportInput, load_export
from db.engine import reader
from db.models import ChartExport
from db.store.charts.exports import file_inside
from workers.renderer.files import write_file
from workers.renderer.render import page, render


def draw_export(engine: Engine, folder: Path, export_id: int) -> bool:
    """Draw, write and record an export; False when it was done already, or has been deleted.

    The file is complete before its row says so. A failure is noted with its sentence and raised; another try starts
    from the same request.

    Raises:
        ParameterError: there is nothing to draw.
        RenderError: the browser failed, or the folder cannot be written.
    """
    began = datetime.now(UTC)
    try:
        given = load_export(engine, export_id)
        if given is None:
            return False
        content = _content(given)
        write_file(folder, given.file, content)
    except ChartroomError as error:
        if isinstance(error, NotFoundError) and not _exists(engine, export_id):
            return False
        fail_export(engine, export_id, error.message, datetime.now(UTC))
        raise
    except Exception as error:
        sentence = f"The chart could not be drawn ({type(error).__name__}): see the job for the reason."
        fail_export(engine, export_id, sentence, datetime.now(UTC))
        raise
    done = FinishedFile(given.file, hashlib.sha256(content).hexdigest(), len(content))
    if finish_export(engine, export_id, done, given.scene.bars, began, datetime.now(UTC)):
        return True
    if not _exists(engine, export_id):  # deleted while it was drawn
        with contextlib.suppress(OSError):
            file_inside(folder, given.file).unlink(missing_ok=True)
    return False


def _content(given: ExportInput) -> bytes:
    request, palette = given.request, PALETTES[given.request.theme]
    interactive = request.format == "html"
    figure = chart_figure(given.scene, request.width, request.height, palette, interactive=interactive)
    if interactive:
        return page(figure, f"{given.title} - Chartroom", palette.background)
    return render(figure, request.width, request.height, request.scale, form=request.format)


def _exists(engine: Engine, export_id: int) -> bool:
    with reader(engine) as session:
        return session.get(ChartExport, export_id) is not None
