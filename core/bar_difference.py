"""Two readings of the same bars: which bar differs first, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np

from core.bars import COLUMNS, Bars

_VALUES = COLUMNS[1:]


def difference(then: Bars, now: Bars) -> str:
    """One sentence that names the first bar that differs, with what it was and what it is; empty when none does."""
    times = np.union1d(then.time, now.time)
    was, is_ = _rows(then), _rows(now)
    changed = [moment for moment in times.tolist() if was.get(moment) != is_.get(moment)]
    if not changed:
        return ""
    # In a window of so many bars one that is gone lets an older one in, and a new one drives the oldest out: those are
    # not what happened.
    full = len(then) == len(now)
    inside = [one for one in changed if _within(one, was) and (_within(one, is_) or not full)]
    changed = inside or changed
    moment = changed[0]
    more = f"; {len(changed) - 1} more of {len(then)} differ" if len(changed) > 1 else ""
    opened = f"{datetime.fromtimestamp(moment / 1000, UTC):%Y-%m-%d %H:%M}"
    return f"{then.timeframe.name} bar of {opened} UTC: {_words(was.get(moment), is_.get(moment))}{more}."


def _within(moment: int, rows: Mapping[int, object]) -> bool:
    return moment >= min(rows, default=0)


def _rows(bars: Bars) -> dict[int, tuple[float, ...]]:
    columns = [getattr(bars, name).tolist() for name in COLUMNS]
    return {row[0]: row[1:] for row in zip(*columns, strict=True)}


def _words(was: tuple[float, ...] | None, now: tuple[float, ...] | None) -> str:
    if now is None:
        return "it is gone, its close was " + f"{was[3]:.10g}" if was else ""
    if was is None:
        return f"it was not there, its close is {now[3]:.10g}"
    pairs = [f"{name} was {old!r}, is {new!r}" for name, old, new in zip(_VALUES, was, now, strict=True) if old != new]
    return ", ".join(pairs)
