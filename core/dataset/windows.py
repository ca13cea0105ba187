"""The windows of a history: which bars are drawn on each image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.bars import Bars
from core.errors import ParameterError
from core.resample import DAY_MS


@dataclass(frozen=True)
class Window:
    """Some consecutive bars of a symbol and timeframe.

    `start` is the open time of the first, `end` the close time of the last, `reach` the close time of the last bar that
    a label or outcome of this window could have looked at; all UTC ms.
    """

    symbol: str
    timeframe: int
    start: int
    end: int
    reach: int


def windows(symbol: str, bars: Bars, days_back: int, length: int, stride: int, gap: int) -> list[Window]:
    """Windows of `length` bars, oldest first: the newest ends with the last bar, the others `stride` bars before it.

    Only those that end within `days_back` days of the newest bar's close. Where fewer than `gap` bars follow, the
    missing ones count with the timeframe's length.

    Raises:
        ParameterError: there are fewer bars than one window.
    """
    count = len(bars)
    if count < length:
        raise ParameterError(
            f"{symbol} has {count:,} {bars.timeframe.name} bars, fewer than a window of {length:,}: "
            "use a shorter window, or another timeframe.",
            symbol,
        )
    close = bars.close_time
    ends = np.arange(count - 1, length - 2, -stride)
    ends = ends[close[ends] > close[-1] - days_back * DAY_MS][::-1]
    behind = np.minimum(ends + gap, count - 1)
    reach = close[behind] + (ends + gap - behind) * bars.timeframe.ms
    return [
        Window(symbol, int(bars.timeframe), int(first), int(last), int(far))
        for first, last, far in zip(bars.time[ends - length + 1], close[ends], reach, strict=True)
    ]
