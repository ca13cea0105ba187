"""Where an exported chart comes from, as steps of the lineage."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from core.bars import Bars
from db.models import ChartExport, LineageEdge, LineageStep, Symbol
from db.store.lineage.steps import Step, add_step, steps_of


def trace_export(session: Session, row: ChartExport, bars: Bars, began: datetime, ended: datetime) -> int:
    """Record the step of a finished export below those of what it shows; returns its id.

    A chart of bars alone gets a step for these first, so that it too can be followed to where it comes from.
    """
    parents = [step for signal_id in _shown(row, "signal") for step in signal_steps(session, signal_id)]
    parents += [step for trade_id in _shown(row, "trade") for step in _trade_steps(session, trade_id)]
    symbol = session.get_one(Symbol, row.request["symbol_id"])
    span = {"symbol": symbol.name, "timeframe": bars.timeframe.name}
    extent = {"first": int(bars.time[0]), "last": int(bars.time[-1]), "count": len(bars)}
    if not parents:
        name = f"{symbol.name} {bars.timeframe.name}"
        wanted = {name: row.request[name] for name in ("start", "until", "bars")}
        parents = [add_step(session, Step("bars", name, began, began, None, None, None, span, wanted, extent, bars))]
    step = Step(
        kind="chart",
        name=f"Chart: {row.title}",
        entity="chart_export",
        entity_id=row.id,
        inputs=span | extent,
        parameters={name: value for name, value in row.request.items() if name != "symbol_id"},
        output={"path": row.path, "sha256": row.sha256, "width": row.width, "height": row.height},
        content={"sha256": row.sha256},
        started_at=began,
        finished_at=ended,
    )
    return add_step(session, step, parents)


def signal_steps(session: Session, signal_id: int) -> list[int]:
    """The step that made the signal: decisions about it, which may come first, are no parents of its chart."""
    query = select(LineageStep.id).where(LineageStep.entity == "signal", LineageStep.entity_id == signal_id)
    return [found for found in session.exec(query.where(LineageStep.kind == "signal")) if found is not None]


def _trade_steps(session: Session, trade_id: int) -> list[int]:
    """The step that made the trade, and the one that closed it."""
    made = steps_of(session, "trade", trade_id)
    closed = (
        select(LineageStep.id)
        .join(LineageEdge, col(LineageEdge.child_id) == LineageStep.id)
        .where(col(LineageEdge.parent_id).in_(made), LineageStep.kind == "close")
    )
    return made + [found for found in session.exec(closed) if found is not None]


def _shown(row: ChartExport, subject: str) -> list[int]:
    own = [row.subject_id] if row.subject == subject and row.subject_id is not None else []
    return list(dict.fromkeys([*own, *row.request.get(f"{subject}s", ())]))
