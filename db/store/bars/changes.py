"""Notes of what a write changes about bars that somebody may have read before; see `db.models.BarChange`."""

from __future__ import annotations

import time

import numpy as np
from sqlalchemy import insert, literal, select
from sqlmodel import Session, col

from core.bars import Times
from core.timeframe import Timeframe
from db.models import Bar, BarChange, BarVersion

# Well under what either data base takes in one statement.
PARAMETERS = 5_000
_COLUMNS = ("time", "open", "high", "low", "close", "volume", "adj_close")


def note_late(session: Session, symbol_id: int, timeframe: Timeframe, times: Times, gaps: Times) -> None:
    """Note bars that come before the end of the series; `gaps` (n,) says after how many stored bars each one lies.

    Neighbours with no stored bar between them share a note: history loaded from new to old is one, however long.
    """
    starts = np.flatnonzero(np.diff(gaps, prepend=-1))
    ends = np.append(starts[1:], len(times)) - 1
    pairs = zip(starts, ends, strict=True)
    _insert(session, [_row(symbol_id, timeframe, "late", times[low], times[high]) for low, high in pairs])


def note_gap(session: Session, symbol_id: int, timeframe: Timeframe, after: int, end: int) -> None:
    """Note that there is nothing after `after` up to `end`, where the series ended before its last bars were removed.

    What comes there later continues the series, and leaves no note of its own.
    """
    _insert(session, [_row(symbol_id, timeframe, "late", after + 1, end)])


def keep_versions(session: Session, symbol_id: int, timeframe: Timeframe, kind: str, times: Times) -> None:
    """Keep the stored bars at `times` as they are, because they are about to be `corrected` or `removed`."""
    statement = insert(BarChange).values(_row(symbol_id, timeframe, kind, times[0], times[-1]))
    change_id = session.connection().execute(statement.returning(col(BarChange.id))).scalar_one()
    columns = [getattr(Bar, name) for name in _COLUMNS]
    found = select(literal(change_id), *columns).where(
        col(Bar.symbol_id) == symbol_id, col(Bar.timeframe) == int(timeframe)
    )
    for part in range(0, len(times), PARAMETERS):
        some = found.where(col(Bar.time).in_(times[part : part + PARAMETERS].tolist()))
        session.connection().execute(insert(BarVersion).from_select(["change_id", *_COLUMNS], some))


def _insert(session: Session, rows: list[dict[str, object]]) -> None:
    session.connection().execute(insert(BarChange), rows)


def _row(symbol_id: int, timeframe: Timeframe, kind: str, start: int, end: int) -> dict[str, object]:
    return {
        "symbol_id": symbol_id,
        "timeframe": int(timeframe),
        "kind": kind,
        "start": int(start),
        "end": int(end),
        "at": time.time_ns() // 1_000_000,
    }
