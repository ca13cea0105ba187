"""The image of a signal's chart: what it is drawn from, and its one record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from core.bars import Bars
from core.charts.drawing import SignalDrawing
from core.charts.export import ExportRequest
from core.errors import NotFoundError
from core.timeframe import Timeframe
from db.conflict import insert_for
from db.engine import reader, writer
from db.models import ChartExport, Strategy, Symbol
from db.store.bars.series import read_bars
from db.store.charts.drawing import drawing_of
from db.store.charts.exports import signal_export
from db.store.charts.trace import signal_steps
from db.store.lineage.roots import origin
from db.store.lineage.steps import Step, add_step
from db.store.revision import bump
from db.store.signals import get_signal

KIND: Final = "signal"
WINDOW: Final = 130
"""Bars on a chart."""


@dataclass(frozen=True)
class ChartInput:
    """Everything that a signal's chart shows: bars of its timeframe up to the last that it saw, and the drawing."""

    signal_id: int
    run_id: int
    symbol_id: int
    bars: Bars
    drawing: SignalDrawing


@dataclass(frozen=True)
class DrawnImage:
    """A finished image: `path` relative to the charts folder, SHA-256 and bytes of the file, size in pixels."""

    path: str
    sha256: str
    width: int
    height: int
    size: int | None = None
    scale: float = 1.0


def load_chart(engine: Engine, signal_id: int) -> ChartInput | None:
    """What to draw; None when the image is recorded already.

    Raises:
        NotFoundError: no such signal, or its symbol or strategy is gone.
    """
    with reader(engine) as session:
        signal = get_signal(session, signal_id)
        if _is_recorded(session, signal_id):
            return None
        symbol, strategy = session.get(Symbol, signal.symbol_id), session.get(Strategy, signal.strategy_id)
        if symbol is None or strategy is None:
            raise NotFoundError(f"The symbol or strategy of signal {signal_id} does not exist any more.", signal_id)
        timeframe = Timeframe(signal.timeframe)
        bars = read_bars(session, signal.symbol_id, timeframe, until=signal.as_of, count=WINDOW)
        return ChartInput(signal_id, signal.run_id, signal.symbol_id, bars, drawing_of(signal, symbol, strategy))


def record_chart(engine: Engine, given: ChartInput, image: DrawnImage, began: datetime, ended: datetime) -> int | None:
    """Store the image and its step in the lineage; returns its id, None when somebody recorded one before."""
    with writer(engine) as session:
        image_id = _insert(session, given, image, ended)
        if image_id is not None:
            parents = signal_steps(session, given.signal_id) or origin(session, "signal", given.signal_id, ended)
            add_step(session, _step(given, image, image_id, began, ended), parents)
            bump(session)
        return image_id


def _insert(session: Session, given: ChartInput, image: DrawnImage, now: datetime) -> int | None:
    signal_id, until = given.signal_id, given.drawing.as_of
    request = ExportRequest(given.symbol_id, given.bars.timeframe, until=until, bars=WINDOW, signals=(signal_id,))
    row = {
        "subject": KIND,
        "subject_id": signal_id,
        "once": signal_export(signal_id),
        "title": f"Signal {signal_id}, {given.drawing.symbol} {given.bars.timeframe.name}",
        "format": "png",
        "status": "done",
        "path": image.path,
        "sha256": image.sha256,
        "size": image.size,
        "width": image.width,
        "height": image.height,
        "scale": image.scale,
        "request": request.stored(),
        "created_at": now,
        "finished_at": now,
    }
    statement = insert_for(session, ChartExport).values(row)
    once = statement.on_conflict_do_nothing(index_elements=["once"]).returning(col(ChartExport.id))
    return session.execute(once).scalar()


def _step(given: ChartInput, image: DrawnImage, image_id: int, began: datetime, ended: datetime) -> Step:
    bars = given.bars
    return Step(
        kind="chart",
        name=f"Chart of signal {given.signal_id}",
        run_id=given.run_id,
        entity="chart_export",
        entity_id=image_id,
        inputs={
            "symbol": given.drawing.symbol,
            "timeframe": bars.timeframe.name,
            "bars": len(bars),
            "last": bars.as_of,
        },
        parameters={"width": image.width, "height": image.height},
        output={"path": image.path, "sha256": image.sha256},
        content={"sha256": image.sha256},
        started_at=began,
        finished_at=ended,
    )


def _is_recorded(session: Session, signal_id: int) -> bool:
    query = select(ChartExport.id).where(ChartExport.once == signal_export(signal_id))
    return session.exec(query).first() is not None
