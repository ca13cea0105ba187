"""What stands on a chart's time axis: candles, bricks or columns, each with a time of its own. Pure functions.

The candle component wants strictly rising times, and several bricks may be made by one bar. Bricks of one bar
therefore stand one second apart, beginning with the bar's own opening: the axis writes minutes, so that every label is
true. A brick is placed at the bar whose close finished it, a column at the bar that began it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10
from typing import Final

import numpy as np

from core.bars import Bars, Times
from core.charts.series import BY_TIME, ChartSeries, chart_series
from core.charts.transforms import default_size
from core.timeframe import Timeframe

MOST: Final = 5_000
"""More candles than this make the chart slow: the newest are kept."""
_LOOKED_AT = 16


@dataclass(frozen=True)
class Drawn:
    """The elements of one chart, shape (m,).

    `bars` has one row an element, with the time it stands at. `source` is, for each, the index of the history's bar at
    whose close it was what it is. `size` is that of a brick or box; `cut` says that older elements were left out.
    """

    bars: Bars
    source: Times
    size: float | None = None
    cut: bool = False


def elements(
    history: Bars, since: int, chart_type: str, *, size: float | None, reversal: int | None, tick: float
) -> Drawn:
    """The elements of `history` that end after `since` (UTC ms), made from all of it.

    Raises:
        ParameterError: a size or reversal that cannot be.
    """
    if chart_type not in BY_TIME and size is None:
        size = proposed_size(history, since, tick)
    found = chart_series(history, chart_type, size=size, reversal=reversal, tick=tick)
    begin = int(np.searchsorted(found.end, since, side="right"))
    first = max(begin, len(found) - MOST)
    part = slice(first, None)
    prices = (found.open[part], found.high[part], found.low[part], found.close[part])
    source = np.searchsorted(history.close_time, found.end[part])
    volume = history.volume[source] if chart_type in BY_TIME else np.zeros(len(source))
    bars = Bars(history.timeframe, _times(found, history.timeframe)[part], *prices, volume)
    return Drawn(bars, source, found.size, first > begin)


def proposed_size(history: Bars, since: int, tick: float) -> float:
    """Size of a brick or box: the average true range where the span begins, rounded to 1, 2 or 5 of a power of ten.

    Only bars from before the span count (its first ones where there are none), so that it looks at nothing to come,
    and the rounding keeps it the same while the span moves on.
    """
    first = int(np.searchsorted(history.close_time, since, side="right"))
    size = default_size(history[max(0, first - _LOOKED_AT) :][:_LOOKED_AT], tick)
    power = 10.0 ** floor(log10(size))
    steps = (step * power for step in (1, 2, 5, 10))
    nearest = min(steps, key=lambda step: abs(log10(step / size)))
    return float(f"{max(nearest, tick):.12g}")


def _times(found: ChartSeries, timeframe: Timeframe) -> Times:
    """A strictly rising time (UTC ms, whole seconds) for each element."""
    if found.type in BY_TIME:
        return found.start
    moments = (found.end - timeframe.ms if found.type == "renko" else found.start) // 1000
    # Each takes its own second or the one after its neighbour's, whichever is later.
    places = np.arange(len(moments))
    return (np.maximum.accumulate(moments - places) + places) * 1000
