"""A chart that a person asks for: asked, finished, failed, tried again, deleted. One transaction each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import CursorResult, Engine, update
from sqlmodel import Session, SQLModel, col

from core.bars import Bars
from core.charts.export import SUBJECTS, ExportRequest, check
from core.errors import ConflictError, NotFoundError, ParameterError, RenderError
from core.indicators import registry
from core.patterns.families import ALL
from db.engine import writer
from db.models import ChartExport, Signal, Symbol, Trade
from db.store.bars.series import last_close, read_bars
from db.store.charts.exports import file_inside, file_name, get_export
from db.store.charts.trace import trace_export
from db.store.revision import bump

_OWNERS: Final[dict[str, type[SQLModel]]] = {"signal": Signal, "trade": Trade, "chart": Symbol, "patterns": Symbol}


@dataclass(frozen=True)
class FinishedFile:
    """A written file: its name in the charts folder, SHA-256 and bytes."""

    name: str
    sha256: str
    size: int


def ask_export(engine: Engine, subject: str, subject_id: int | None, request: ExportRequest, now: datetime) -> int:
    """Store a request for a chart as `queued`; returns the export's id. The job that draws it is
    `core.jobs.render_export`; a request whose job got lost is found and asked for again.

    An open end of the window becomes `now`, so that a retry draws the same.

    Raises:
        ParameterError: what cannot be drawn: a size out of range, an unknown indicator or pattern family, no bars.
        NotFoundError: the symbol, the subject, or a signal or trade to be drawn does not exist.
    """
    check(request)
    if subject not in SUBJECTS:
        raise ParameterError(f"'{subject}' is no subject of a chart: use {', '.join(SUBJECTS)}.", subject)
    _check_content(request)
    with writer(engine) as session:
        symbol = _require(session, Symbol, request.symbol_id, "symbol")
        if subject_id is not None:
            _require(session, _OWNERS[subject], subject_id, subject)
        for model, ids, noun in ((Signal, request.signals, "signal"), (Trade, request.trades, "trade")):
            for one in ids:
                _require(session, model, one, noun)
        fixed = _fixed(session, symbol, request, int(now.timestamp() * 1000))
        row = new_export(subject, subject_id, fixed, _title(subject, subject_id, symbol.name, fixed), now)
        session.add(row)
        session.flush()
        bump(session)
        assert row.id is not None
        return row.id


def new_export(
    subject: str, subject_id: int | None, request: ExportRequest, title: str, now: datetime, once: str | None = None
) -> ChartExport:
    """The row of a request, not stored yet."""
    width, height = request.pixels
    return ChartExport(
        subject=subject,
        subject_id=subject_id,
        once=once,
        title=title,
        format=request.format,
        theme=request.theme,
        width=width,
        height=height,
        scale=request.scale,
        request=request.stored(),
        created_at=now,
    )


def finish_export(
    engine: Engine, export_id: int, done: FinishedFile, bars: Bars, began: datetime, ended: datetime
) -> bool:
    """Note that the file is written, with its steps in the lineage; False when it is done already, or deleted."""
    values = {"status": "done", "error": None, "path": done.name, "sha256": done.sha256, "size": done.size}
    with writer(engine) as session:
        if not _change(session, export_id, ("queued", "failed"), values | {"finished_at": ended}):
            return False
        trace_export(session, get_export(session, export_id), bars, began, ended)
        bump(session)
        return True


def fail_export(engine: Engine, export_id: int, sentence: str, now: datetime) -> None:
    """Note why it could not be drawn, unless it has been by now."""
    with writer(engine) as session:
        if _change(
            session, export_id, ("queued", "failed"), {"status": "failed", "error": sentence, "finished_at": now}
        ):
            bump(session)


def retry_export(engine: Engine, export_id: int, now: datetime) -> datetime:
    """Queue an export again that failed, or whose job got lost; returns the moment that names its new job.

    Raises:
        NotFoundError, ConflictError: it is gone, or done.
    """
    with writer(engine) as session:
        get_export(session, export_id)
        values = {"status": "queued", "error": None, "finished_at": None, "created_at": now}
        if not _change(session, export_id, ("failed", "queued"), values):
            raise ConflictError("This export is done already: download it.", export_id)
        bump(session)
        return get_export(session, export_id).created_at


def delete_export(engine: Engine, folder: Path, export_id: int) -> None:
    """Delete an export and its file; its step stays in the lineage. Deleting it again changes nothing.

    Raises:
        ConflictError: the desk makes this chart by itself, and would only make it again.
        RenderError: the file lies outside the charts folder, or cannot be removed; nothing is deleted.
    """
    with writer(engine) as session:
        row = session.get(ChartExport, export_id)
        if row is None:
            return
        if row.once is not None:
            raise ConflictError(
                "The desk makes this chart by itself and keeps it: delete those you asked for.", row.once
            )
        path = file_inside(folder, row.path or file_name(row))
        session.delete(row)
        session.flush()
        bump(session)
        # Within the transaction: what cannot be removed keeps its row.
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            reason = error.strerror or str(error)
            raise RenderError(
                f"The file of this export cannot be removed ({reason}): correct its access.", path
            ) from error


def _check_content(request: ExportRequest) -> None:
    for overlay in request.overlays:
        registry.describe(overlay.name).warm_up(dict(overlay.parameters))
    strange = [family for family in request.patterns if family not in ALL]
    if strange:
        raise ParameterError(f"'{strange[0]}' is no family of patterns: use {', '.join(ALL)}.", strange[0])


def _fixed(session: Session, symbol: Symbol, request: ExportRequest, now: int) -> ExportRequest:
    """The request with its end stated, and bars before it."""
    name = f"{symbol.name} {request.timeframe.name}"
    if last_close(session, request.symbol_id, request.timeframe) is None:
        raise ParameterError(f"There are no bars of {name} to draw: fetch or import some first.", name)
    fixed = replace(request, until=min(request.until or now, now))
    if not len(
        read_bars(session, request.symbol_id, request.timeframe, start=request.start, until=fixed.until, count=1)
    ):
        raise ParameterError(f"There are no bars of {name} in this range: choose another one.", name)
    return fixed


def _title(subject: str, subject_id: int | None, symbol: str, request: ExportRequest) -> str:
    name = f"{symbol} {request.timeframe.name}"
    if subject in ("signal", "trade") and subject_id is not None:
        return f"{subject.capitalize()} {subject_id}, {name}"
    return f"Patterns of {name}" if subject == "patterns" else name


def _require(session: Session, model: type[Any], row_id: int, noun: str) -> Any:
    found = session.get(model, row_id)
    if found is None:
        raise NotFoundError(f"There is no {noun} {row_id}: choose one that exists.", row_id)
    return found


def _change(session: Session, export_id: int, from_states: tuple[str, ...], values: dict[str, Any]) -> bool:
    """Compare and set; False when the export is in none of these states, or gone."""
    statement = update(ChartExport).where(col(ChartExport.id) == export_id, col(ChartExport.status).in_(from_states))
    done: CursorResult[Any] = session.connection().execute(statement.values(**values))
    session.expire_all()
    return done.rowcount == 1
