"""Which rows are bars: the contract of `core.bars`, the order of times, and repeated times."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from core.bars import HIGHEST_PRICE, LARGEST_VOLUME, Bars, Floats, Times
from core.errors import ParameterError
from core.timeframe import MINUTE_MS, Timeframe
from workers.market.files.moments import day_first, to_utc
from workers.market.files.table import Rejection, Table

Mask = NDArray[np.bool_]
# So many rows must be as far apart as those of another timeframe before a file counts as mislabelled.
_ENOUGH_ROWS, _MOST = 20, 0.5


@dataclass(frozen=True)
class Checked:
    """What may be stored, oldest first, and what may not. `rows` counts every line that held something.

    `repeated` rows say the same as another row of the file.
    """

    bars: Bars
    adj_close: Floats | None
    rejected: list[Rejection]
    repeated: int
    rows: int


def check(table: Table, timeframe: Timeframe, zone: ZoneInfo, told_day_first: bool | None, now: int) -> Checked:
    """Sort the good rows from the bad ones; a bar that is not complete at `now` (UTC ms) is a bad one.

    Raises:
        ParameterError: the order of day and month cannot be told, or the rows are of another timeframe.
    """
    time, *unclear = to_utc(table.stamps, day_first=day_first(table.stamps, told_day_first), zone=zone)
    reasons = (
        "the time cannot be read",
        f"the time exists twice in {zone.key}, when the clocks go back",
        f"the time does not exist in {zone.key}, when the clocks go forward",
    )
    rules = [
        *zip(reasons, unclear, strict=True),
        *_price_rules(table),
        ("the bar is not complete yet: its time lies in the future", time + timeframe.ms > now),
    ]
    good = np.ones(len(time), bool)
    rejected = list(table.rejected)
    for reason, broken in rules:
        rejected += [Rejection(int(line), reason) for line in table.line[broken & good]]
        good &= ~broken
    kept, out_of_order, repeated = _in_order(np.flatnonzero(good), time, table)
    rejected += out_of_order
    _refuse_other_timeframe(time[kept], timeframe)
    bars = Bars(timeframe, time[kept], *(np.ascontiguousarray(column[kept]) for column in table.values))
    adjusted = None if table.adj_close is None else table.adj_close[kept]
    rows = len(time) + len(table.rejected)
    return Checked(bars, adjusted, sorted(rejected, key=lambda item: item.line), repeated, rows)


def _price_rules(table: Table) -> list[tuple[str, Mask]]:
    opened, high, low, close, volume = table.values
    rules = [
        (f"the {name} is not a number", ~np.isfinite(column))
        for name, column in (("open", opened), ("high", high), ("low", low), ("close", close))
    ]
    with np.errstate(invalid="ignore"):
        lowest = np.minimum(np.minimum(opened, close), np.minimum(high, low))
        highest = np.maximum(np.maximum(opened, close), np.maximum(high, low))
        return [
            *rules,
            ("a price is not positive", lowest <= 0),
            (f"a price is above {HIGHEST_PRICE:g}, which no market has", highest > HIGHEST_PRICE),
            ("the volume is negative or not a number", ~(np.isfinite(volume) & (volume >= 0))),
            (f"the volume is above {LARGEST_VOLUME:g}, which no market has", volume > LARGEST_VOLUME),
            ("the high is below the low", high < low),
            ("the open lies outside high and low", (opened > high) | (opened < low)),
            ("the close lies outside high and low", (close > high) | (close < low)),
        ]


def _in_order(rows: NDArray[np.int64], time: Times, table: Table) -> tuple[NDArray[np.int64], list[Rejection], int]:
    """The rows to keep, oldest first; what is out of order or contradicts a kept row; how many repeat a kept row.

    A file that runs backwards is read backwards. Of times in disorder the longest rising sequence stays, so that one
    row with a wrong time costs that row and not all that follow it.
    """
    steps = np.diff(time[rows])
    if (steps < 0).sum() > (steps > 0).sum():
        rows, steps = rows[::-1], -steps[::-1]
    if (steps > 0).all():
        return rows, [], 0
    chosen = longest_rising(time[rows])
    kept, others = rows[chosen], np.delete(rows, chosen)
    place = np.minimum(np.searchsorted(time[kept], time[others]), len(kept) - 1)
    twin = kept[place]
    known = time[twin] == time[others]
    equal = known & (table.values[:, twin] == table.values[:, others]).all(axis=0)
    rejected = [
        Rejection(int(table.line[row]), f"the same time as line {table.line[other]} with other values")
        if repeated
        else Rejection(int(table.line[row]), "the time is out of order")
        for row, other, repeated in zip(others[~equal], twin[~equal], known[~equal], strict=True)
    ]
    return kept, rejected, int(equal.sum())


def longest_rising(times: Times) -> NDArray[np.int64]:
    """Places of a longest strictly rising subsequence (patience sorting, n log n); of equal neighbours the first."""
    tops: list[int] = []
    top_places: list[int] = []
    before = np.full(len(times), -1, np.int64)
    for place, value in enumerate(times.tolist()):
        pile = bisect_left(tops, value)
        if pile:
            before[place] = top_places[pile - 1]
        if pile == len(tops):
            tops.append(value)
            top_places.append(place)
        elif tops[pile] != value:
            tops[pile], top_places[pile] = value, place
    found = np.empty(len(tops), np.int64)
    place = top_places[-1] if top_places else -1
    for index in range(len(tops) - 1, -1, -1):
        found[index] = place
        place = int(before[place])
    return found


def _refuse_other_timeframe(time: Times, timeframe: Timeframe) -> None:
    """Bars closer together than they last, or all exactly as far apart as those of a longer timeframe."""
    steps = np.diff(time)
    if len(steps) <= 1:
        return
    values, counts = np.unique(steps, return_counts=True)
    usual = int(values[np.argmax(counts)])
    share = counts.max() / len(steps)
    longer = len(time) > _ENOUGH_ROWS and values[0] == usual and usual in {member.ms for member in Timeframe}
    if share > _MOST and (usual < timeframe.ms or (usual > timeframe.ms and longer)):
        raise ParameterError(
            f"its rows come every {usual / MINUTE_MS:g} min: no {timeframe.name} bars; correct --timeframe.",
            usual,
        )
