"""Bars drawn by hand for the tests of chart patterns, and their events in bars instead of milliseconds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.bars import Bars
from core.patterns.events import EventLog, Kind, Status
from core.timeframe import Timeframe
from tests.series import bars_of

M = Timeframe.M15.ms
Found = tuple[int, int, int, float, int]


def path(*points: tuple[int, float]) -> Bars:
    """Bars without wicks whose closes run straight from each (bar, price) to the next; each opens at the last close."""
    at, price = zip(*points, strict=True)
    closes = np.interp(np.arange(at[-1] + 1), at, price).tolist()
    opened = [closes[0], *closes[:-1]]
    return bars_of([(o, max(o, c), min(o, c), c) for o, c in zip(opened, closes, strict=True)])


def with_high(bars: Bars, at: int, price: float) -> Bars:
    """The same bars, one of them with a longer wick."""
    high = bars.high.copy()
    high[at] = price
    return replace(bars, high=high)


def mirrored(bars: Bars, around: float = 220.0) -> Bars:
    """Upside down."""
    turned = [around - column for column in (bars.open, bars.low, bars.high, bars.close)]
    return Bars(bars.timeframe, bars.time, *turned, bars.volume)


def scaled(bars: Bars, factor: float) -> Bars:
    """Every price times `factor`."""
    prices = (column * factor for column in (bars.open, bars.high, bars.low, bars.close))
    return Bars(bars.timeframe, bars.time, *prices, bars.volume)


def events(log: EventLog, kind: Kind) -> list[Found]:
    """(direction, start bar, end bar, level to nine digits, bar at which it is known) of every event of a kind."""
    rows = log.events[log.of(kind)]
    return [
        (int(e["direction"]), e["start"] // M, e["end"] // M, float(f"{e['level']:.9g}"), e["known_at"] // M - 1)
        for e in rows
    ]


def statuses(log: EventLog, kind: Kind) -> list[tuple[Status, int]]:
    """(status, bar at which it is known) of every status row of a kind's events."""
    rows = [row for row in log.statuses if log.events["kind"][row["event"]] == kind]
    return [(Status(int(row["status"])), row["known_at"] // M - 1) for row in rows]
