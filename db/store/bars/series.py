"""Bars of a symbol: exact upserts, quick reads, and the higher timeframes that follow from the finest one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, delete, select
from sqlmodel import Session, col

from core.bars import Bars, Floats, Times
from core.resample import DAY_MS, HOUR_MS, bucket_opens, resample
from core.timeframe import Calendar, Timeframe
from db.models import Bar, Symbol
from db.store.bars.changes import PARAMETERS, keep_versions, note_gap, note_late
from db.store.bars.rows import write_rows

_PRICES = ("open", "high", "low", "close", "volume")
_COLUMNS = [Bar.__table__.c[name] for name in ("time", *_PRICES)]  # type: ignore[attr-defined]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class UpsertCount:
    """What became of the bars handed over; the three add up to their number."""

    inserted: int = 0
    unchanged: int = 0
    updated: int = 0

    def __add__(self, other: UpsertCount) -> UpsertCount:
        return UpsertCount(
            self.inserted + other.inserted, self.unchanged + other.unchanged, self.updated + other.updated
        )


def read_bars(
    session: Session,
    symbol_id: int,
    timeframe: Timeframe,
    *,
    start: int | None = None,
    until: int | None = None,
    count: int | None = None,
) -> Bars:
    """Bars opened at or after `start` and complete at `until` (UTC ms), the last `count` of them, oldest first."""
    query = select(*_COLUMNS).where(*_which(symbol_id, timeframe))
    if start is not None:
        query = query.where(col(Bar.time) >= start)
    if until is not None:
        query = query.where(col(Bar.time) <= until - timeframe.ms)
    query = query.order_by(col(Bar.time).desc() if count is not None else col(Bar.time)).limit(count)
    rows = _rows(session, query)
    # Times fit a float64 exactly: they are far below 2**53.
    table = np.fromiter(chain.from_iterable(rows), np.float64, 6 * len(rows)).reshape(-1, 6)
    columns = np.ascontiguousarray((table[::-1] if count is not None else table).T)
    return Bars(timeframe, columns[0].astype(np.int64), *columns[1:])


def last_close(session: Session, symbol_id: int, timeframe: Timeframe) -> int | None:
    """Close time (UTC ms) of the newest stored bar, None when there is none."""
    newest = _edge(session, symbol_id, timeframe)
    return None if newest is None else newest + timeframe.ms


def upsert_bars(session: Session, symbol_id: int, bars: Bars, adj_close: Floats | None = None) -> UpsertCount:
    """Store `bars` as they are, oldest first, strictly increasing; count them exactly against what was stored.

    `adj_close` (NaN where the provider gives none) is left as it is stored when it is None.
    """
    _lock(session, symbol_id)
    return _upsert(session, symbol_id, bars, adj_close, _edge(session, symbol_id, bars.timeframe)).count


def store_bars(
    session: Session, symbol: Symbol, bars: Bars, adj_close: Floats | None = None, *, until: int | None = None
) -> UpsertCount:
    """Store bars of one timeframe and rebuild every higher one over what changed, complete buckets only.

    Each timeframe is built from the stored bars of the one below it, hence from the finest bars there are: where a
    finer timeframe already made a bar, one handed over for that time stays out and counts as unchanged. `until` (UTC
    ms) says up to when the bars are known to be all there is; by default the close of the newest stored bar. Counts
    are those of `bars` alone. Keeps `symbol.base_timeframe` the finest stored one.
    """
    if len(bars) == 0 or symbol.id is None:
        return UpsertCount()
    base = _lock(session, symbol.id)
    newest = _edge(session, symbol.id, bars.timeframe)
    mine = np.ones(len(bars), bool) if base is None or bars.timeframe <= base else ~_covered(session, symbol, bars)
    taken = _take(bars, mine)
    written = _upsert(session, symbol.id, taken, None if adj_close is None else adj_close[mine], newest)
    if base is None or bars.timeframe < base:
        symbol.base_timeframe = int(bars.timeframe)
        session.add(symbol)
        session.flush()
    ends = [end + bars.timeframe.ms for end in (newest, *taken.time[-1:].tolist()) if end is not None]
    count = written.count
    for timeframe in [member for member in Timeframe if member > bars.timeframe]:
        written = _rebuild(session, symbol, written, timeframe, max(until or 0, *ends))
    return replace(count, unchanged=count.unchanged + int((~mine).sum()))


@dataclass(frozen=True)
class _Written:
    """What a write did: the counts and the open times of the rows written.

    `whole` are the bars, if they are now all that is stored between the first and the last of them.
    """

    timeframe: Timeframe
    count: UpsertCount
    changed: Times
    whole: Bars | None


def _rebuild(session: Session, symbol: Symbol, below: _Written, timeframe: Timeframe, until: int) -> _Written:
    """Write the buckets that the bars written below touch, and those that became complete since."""
    symbol_id, calendar = symbol.id or 0, Calendar(symbol.calendar)
    source, changed = below.timeframe, below.changed
    touched = bucket_opens(changed[[0, -1]] + source.ms, timeframe, calendar) if len(changed) else changed
    newest = _edge(session, symbol_id, timeframe)
    tail = newest is None or len(touched) == 0 or int(touched[-1]) >= newest
    # Every bucket after the last stored one may have become complete without a change inside it.
    kept = _edge(session, symbol_id, timeframe, col(Bar.time) < int(touched[0])) if len(touched) else newest
    if tail and kept is not None and kept == newest and kept + 2 * timeframe.ms - HOUR_MS > until:
        # The next bucket, an hour shorter when the clocks go forward, is still open.
        return _Written(timeframe, UpsertCount(), changed[:0], None)
    # A bucket's first source bar may open before its stamp: pre-market, days stamped at midnight, the autumn hour.
    start = None if kept is None else kept - DAY_MS
    end = until if tail else int(touched[-1]) + timeframe.ms
    made = resample(_read_around(session, symbol_id, below, start, end), timeframe, calendar, end)
    made = made if kept is None else made[int(np.searchsorted(made.time, kept, side="right")) :]
    made = made if tail else made[: int(np.searchsorted(made.time, touched[-1], side="right"))]
    dropped = _drop_replaced(session, symbol_id, made, calendar)
    rebuilt = _upsert(session, symbol_id, made, None, newest)
    if newest is not None and newest in dropped:
        left = _edge(session, symbol_id, timeframe)
        if left is None or left < newest:
            note_gap(session, symbol_id, timeframe, -1 if left is None else left, newest)
    return rebuilt


def _read_around(session: Session, symbol_id: int, written: _Written, start: int | None, until: int) -> Bars:
    """Stored bars of the timeframe just written; what was written whole is not read back."""
    held, timeframe = written.whole, written.timeframe
    if held is None or len(held) == 0 or int(held.time[0]) > until or (start or 0) > int(held.time[-1]):
        return read_bars(session, symbol_id, timeframe, start=start, until=until)
    before = read_bars(session, symbol_id, timeframe, start=start, until=int(held.time[0]) - 1 + timeframe.ms)
    after = read_bars(session, symbol_id, timeframe, start=int(held.time[-1]) + 1, until=until)
    return _join((before, held, after)).until(until)


def _drop_replaced(session: Session, symbol_id: int, made: Bars, calendar: Calendar) -> Times:
    """Delete bars that `made` replaces under another stamp, a provider's day stamped at midnight, for one.

    Returns their times.
    """
    if made.timeframe < Timeframe.H1 or len(made) == 0:
        return made.time[:0]
    times = _times(
        session, symbol_id, made.timeframe, int(made.time[0]) - DAY_MS, int(made.time[-1]) + made.timeframe.ms
    )
    elsewhere = times[~np.isin(times, made.time)]
    gone = elsewhere[np.isin(_home(elsewhere, made.timeframe, calendar), made.time)]
    if len(gone):
        keep_versions(session, symbol_id, made.timeframe, "removed", gone)
    for part in range(0, len(gone), PARAMETERS):
        some = gone[part : part + PARAMETERS].tolist()
        session.connection().execute(delete(Bar).where(*_which(symbol_id, made.timeframe), col(Bar.time).in_(some)))
    return gone


def _covered(session: Session, symbol: Symbol, bars: Bars) -> Mask:
    """Which of `bars` a finer timeframe has already made."""
    symbol_id, calendar, timeframe = symbol.id or 0, Calendar(symbol.calendar), bars.timeframe
    finer = max(member for member in Timeframe if member < timeframe)
    low, high = int(bars.time[0]) - DAY_MS, int(bars.time[-1]) + timeframe.ms
    made = bucket_opens(_times(session, symbol_id, finer, low, high) + finer.ms, timeframe, calendar)
    stored = _times(session, symbol_id, timeframe, low, high)
    return np.isin(_home(bars.time, timeframe, calendar), np.intersect1d(made, stored))


def _home(times: Times, timeframe: Timeframe, calendar: Calendar) -> Times:
    """The bucket a bar that opens at `times` stands for: its own if it is on the grid, else the one it closes in."""
    own = bucket_opens(times + 1, timeframe, calendar)
    return np.where(own == times, own, bucket_opens(times + timeframe.ms, timeframe, calendar))


def _upsert(session: Session, symbol_id: int, bars: Bars, adj_close: Floats | None, newest: int | None) -> _Written:
    """Write what differs from what is stored, and note what changes for those who read before.

    `newest` is the open time of the last bar that was stored when this began. The symbol is locked.
    """
    if len(bars) == 0:
        return _Written(bars.timeframe, UpsertCount(), bars.time, None)
    stored = _stored(session, symbol_id, bars, with_adj_close=adj_close is not None)
    columns = [getattr(bars, name) for name in _PRICES] + ([] if adj_close is None else [adj_close])
    place = np.searchsorted(stored[0], bars.time)
    known = np.isin(bars.time, stored[0]) if stored.shape[1] else np.zeros(len(bars), bool)
    same = known.copy()
    corrected = np.zeros(len(bars), bool)
    for at, (ours, theirs) in enumerate(zip(columns, stored[1:], strict=True)):
        there = theirs[place[known]]
        same[known] &= (ours[known] == there) | (np.isnan(ours[known]) & np.isnan(there))
        if at == len(_PRICES) - 1:
            corrected = known & ~same  # nobody reads adjusted closes to judge by: theirs is no change
    late = ~known & (bars.time < (-1 if newest is None else newest))
    if late.any():
        note_late(session, symbol_id, bars.timeframe, bars.time[late], place[late])
    if corrected.any():
        keep_versions(session, symbol_id, bars.timeframe, "corrected", bars.time[corrected])
    fresh = ~same
    write_rows(session, symbol_id, _take(bars, fresh), None if adj_close is None else adj_close[fresh])
    inserted, unchanged = len(bars) - int(known.sum()), int(same.sum())
    count = UpsertCount(inserted, unchanged, len(bars) - inserted - unchanged)
    return _Written(bars.timeframe, count, bars.time[fresh], bars if known.sum() == stored.shape[1] else None)


def _stored(session: Session, symbol_id: int, bars: Bars, *, with_adj_close: bool) -> Floats:
    """Stored columns (time, prices and volume, perhaps the adjusted close) over the range of `bars`, shape (k, n)."""
    columns = [*_COLUMNS, Bar.__table__.c.adj_close] if with_adj_close else _COLUMNS  # type: ignore[attr-defined]
    query = select(*columns).where(*_which(symbol_id, bars.timeframe), *_between(int(bars.time[0]), int(bars.time[-1])))
    rows = _rows(session, query.order_by(col(Bar.time)))
    if not with_adj_close:
        flat = np.fromiter(chain.from_iterable(rows), np.float64, len(columns) * len(rows))
        return flat.reshape(-1, len(columns)).T
    return np.array(rows, dtype=np.float64).reshape(-1, len(columns)).T


def _lock(session: Session, symbol_id: int) -> int | None:
    """One writer a symbol at a time, or the counts would be guesses; SQLite has one anyway. The finest timeframe.

    The key stays shared: rows that point to the symbol, such as a trade that is being accepted, need not wait.
    """
    session.flush()
    query = select(col(Symbol.base_timeframe)).where(col(Symbol.id) == symbol_id).with_for_update(key_share=True)
    base: int | None = session.connection().execute(query).scalar()
    return base


def _edge(session: Session, symbol_id: int, timeframe: Timeframe, *where: ColumnElement[bool]) -> int | None:
    """Open time of the newest bar of those chosen."""
    query = select(col(Bar.time)).where(*_which(symbol_id, timeframe), *where).order_by(col(Bar.time).desc()).limit(1)
    found: int | None = session.connection().execute(query).scalar()
    return found


def _times(session: Session, symbol_id: int, timeframe: Timeframe, low: int, high: int) -> Times:
    query = select(col(Bar.time)).where(*_which(symbol_id, timeframe), *_between(low, high)).order_by(col(Bar.time))
    rows = _rows(session, query)
    return np.fromiter(chain.from_iterable(rows), np.int64, len(rows))


def _rows(session: Session, query: Select[Any]) -> list[tuple[Any, ...]]:
    """All rows as the driver's own tuples: numbers need no conversion, and row objects cost as much as the reading."""
    with session.connection().execute(query) as result:
        return list(result.cursor.fetchall())


def _which(symbol_id: int, timeframe: Timeframe) -> tuple[ColumnElement[bool], ...]:
    return col(Bar.symbol_id) == symbol_id, col(Bar.timeframe) == int(timeframe)


def _between(low: int, high: int) -> tuple[ColumnElement[bool], ...]:
    return col(Bar.time) >= low, col(Bar.time) <= high


def _join(parts: Sequence[Bars]) -> Bars:
    names = ("time", *_PRICES)
    return Bars(parts[0].timeframe, *(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _take(bars: Bars, rows: Mask) -> Bars:
    if rows.all():
        return bars
    return Bars(bars.timeframe, bars.time[rows], *(getattr(bars, name)[rows] for name in _PRICES))
