"""Bars as an earlier reader saw them.

A reader who notes the newest change of the symbol (`newest_change`) in the snapshot in which it reads can have the same
bars again: of all changes that came later, the earliest one about a time says what was there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlmodel import Session, col

from core.bars import COLUMNS, Bars, Floats, Times
from core.timeframe import Timeframe
from db.models import BarChange, BarVersion, LineageStep
from db.store.bars.series import read_bars
from db.store.lineage.rows import query_one

_LAST = 2**62
_NEWEST = "SELECT max(id) FROM bar_change WHERE symbol_id = ?"
_RANGE = col(BarChange.id), col(BarChange.start), col(BarChange.end)


def newest_change(session: Session, symbol_id: int) -> int:
    """Id of the newest change of a symbol's bars, the version of what is stored now; 0 when nothing ever changed."""
    return query_one(session, _NEWEST, (symbol_id,)) or 0


def read_bars_seen(session: Session, step: LineageStep, count: int) -> Bars:
    """The last `count` bars that the reader of a `bars` step saw, which noted the version of the bars it read."""
    seen: dict[str, Any] = step.inputs
    until = 0 if seen["as_of"] is None else seen["as_of"]
    return read_bars_at(session, seen["symbol_id"], Timeframe.parse(seen["timeframe"]), seen["version"], until, count)


def read_bars_at(
    session: Session, symbol_id: int, timeframe: Timeframe, version: int, until: int | None, count: int | None
) -> Bars:
    """The last `count` bars complete at `until` (UTC ms) as they were when `version` was the newest change.

    Bars that only continued the series since are no change: `until` is the close of that reader's last bar.
    """
    last = _LAST if until is None else until - timeframe.ms
    since = (
        col(BarChange.symbol_id) == symbol_id,
        col(BarChange.timeframe) == int(timeframe),
        col(BarChange.id) > version,
    )
    late = _late(session, select(*_RANGE).where(*since, col(BarChange.start) <= last))
    columns = [col(BarChange.id), *(getattr(BarVersion, name) for name in COLUMNS)]
    query = select(*columns).join(BarVersion, col(BarVersion.change_id) == col(BarChange.id))
    kept = _kept(session, query.where(*since, col(BarVersion.time) <= last))
    if not len(late) and not len(kept):
        return read_bars(session, symbol_id, timeframe, until=until, count=count)
    stored = _outside(session, symbol_id, timeframe, late, last, None if count is None else count + len(kept))
    stored = stored[~np.isin(stored[:, 0], kept[:, 1])]
    table = np.vstack([stored, kept[~_came_late(late, kept), 1:]])
    table = table[np.argsort(table[:, 0])]
    columns_of = np.ascontiguousarray((table if count is None else table[max(len(table) - count, 0) :]).T)
    return Bars(timeframe, columns_of[0].astype(np.int64), *columns_of[1:])


def _late(session: Session, query: Any) -> Times:
    """(id, start, end) of the changes that brought bars which were not there before, shape (n, 3)."""
    rows = session.execute(query.where(col(BarChange.kind) == "late")).all()
    return np.array([tuple(row) for row in rows], dtype=np.int64).reshape(-1, 3)


def _kept(session: Session, query: Any) -> Floats:
    """(change id, time, prices, volume) of each time's earliest kept bar, by time, shape (n, 7)."""
    # Ids and times fit a float64 exactly: they are far below 2**53.
    rows = [tuple(row) for row in session.execute(query.order_by(col(BarChange.id)))]
    table = np.array(rows, dtype=np.float64).reshape(-1, len(COLUMNS) + 1)
    return table[np.unique(table[:, 1], return_index=True)[1]]


def _came_late(late: Times, kept: Floats) -> NDArray[np.bool_]:
    """Which kept bars were not there yet, because an earlier change brought them; shape (n,)."""
    found = np.zeros(len(kept), bool)
    for change, start, end in late.tolist():
        found |= (kept[:, 0] > change) & (kept[:, 1] >= start) & (kept[:, 1] <= end)
    return found


def _outside(
    session: Session, symbol_id: int, timeframe: Timeframe, late: Times, last: int, count: int | None
) -> Floats:
    """The last `count` stored bars up to `last` that lie in no range of `late`, shape (n, 6), in no order."""
    parts, left = [np.empty((0, len(COLUMNS)))], count
    high = last
    for start, end in _merged(late, last):
        parts.append(_table(session, symbol_id, timeframe, end + 1, high, left))
        left = None if left is None else left - len(parts[-1])
        high = start - 1
        if left == 0:
            break
    if left != 0:
        parts.append(_table(session, symbol_id, timeframe, None, high, left))
    return np.vstack(parts)


def _table(
    session: Session, symbol_id: int, timeframe: Timeframe, low: int | None, high: int, count: int | None
) -> Floats:
    bars = read_bars(session, symbol_id, timeframe, start=low, until=high + timeframe.ms, count=count)
    return np.column_stack([getattr(bars, name) for name in COLUMNS])


def _merged(late: Times, last: int) -> list[tuple[int, int]]:
    """The ranges (start, end) without overlap, newest first, cut at `last`."""
    found: list[tuple[int, int]] = []
    for start, end in sorted((start, min(end, last)) for _, start, end in late.tolist()):
        if found and start <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found[::-1]
