"""Candlestick patterns: the 61 CDL functions of TA-Lib, which are the reference, as events.

Direction is the sign of TA-Lib's output. Most functions say bullish (+) or bearish (-) with it; three groups need care:

- The doji family (doji, dragonfly and gravestone doji, long-legged doji, rickshaw man, takuri) always answers +100:
  the candle is there, and says that neither side won. Its +1 is not a vote for rising prices; the trade reads a
  dragonfly after a fall as bullish and a gravestone after a rise as bearish.
- Long, short, high-wave and spinning-top candles, marubozu and belt hold carry the colour of the candle.
- TA-Lib looks at the candles alone. What a reversal pattern reverses (a hammer after a fall, a hanging man after a
  rise) is for the reader of the trend to judge.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import njit
from numpy.typing import NDArray

from core.bars import Bars, Floats
from core.indicators.engine import talib
from core.patterns.events import Kind
from core.patterns.spans import extremes
from core.patterns.tables import FIRST, KIND, LAST, NO_STATUSES, NOTHING, Part, Positions, share, space, write

# How deep a later candle must close into an earlier body, as a share of it.
PENETRATION = {
    Kind.CDL_ABANDONEDBABY: 0.3,
    Kind.CDL_EVENINGDOJISTAR: 0.3,
    Kind.CDL_EVENINGSTAR: 0.3,
    Kind.CDL_MORNINGDOJISTAR: 0.3,
    Kind.CDL_MORNINGSTAR: 0.3,
    Kind.CDL_DARKCLOUDCOVER: 0.5,
    Kind.CDL_MATHOLD: 0.5,
}
# Candles a pattern is made of, where it is not one.
_CANDLES = {
    2: "COUNTERATTACK DARKCLOUDCOVER DOJISTAR ENGULFING HARAMI HARAMICROSS HOMINGPIGEON INNECK KICKING KICKINGBYLENGTH "
    "MATCHINGLOW ONNECK PIERCING SEPARATINGLINES THRUSTING",
    3: "2CROWS 3BLACKCROWS 3INSIDE 3OUTSIDE 3STARSINSOUTH 3WHITESOLDIERS ABANDONEDBABY ADVANCEBLOCK EVENINGDOJISTAR "
    "EVENINGSTAR GAPSIDESIDEWHITE HIKKAKE IDENTICAL3CROWS MORNINGDOJISTAR MORNINGSTAR STALLEDPATTERN STICKSANDWICH "
    "TASUKIGAP TRISTAR UNIQUE3RIVER UPSIDEGAP2CROWS XSIDEGAP3METHODS",
    4: "3LINESTRIKE CONCEALBABYSWALL HIKKAKEMOD",
    5: "BREAKAWAY LADDERBOTTOM MATHOLD RISEFALL3METHODS",
}
CANDLES = {Kind[f"CDL_{name}"]: count for count, names in _CANDLES.items() for name in names.split()}
"""Candles a pattern is made of; a kind that is missing here is a single candle."""

KINDS = tuple(kind for kind in Kind if kind.name.startswith("CDL_"))
# TA-Lib answers 100 for a pattern (80 where one end of two bodies is equal) and 200 for a hikkake that is confirmed,
# within three bars of it.
_CONFIRMED = 200
_CONFIRMED_WITHIN = 3
# A pattern whose candles cover this many ATR has the full half of the score that goes by size.
FULL_SCORE_ATR = 3.0

_Function = Callable[..., NDArray[np.int32]]
_FUNCTIONS: tuple[tuple[_Function, tuple[float, ...]], ...] = tuple(
    (getattr(talib, kind.name.replace("_", "", 1)), (PENETRATION[kind],) if kind in PENETRATION else ())
    for kind in KINDS
)
_KIND = np.array(KINDS, dtype=np.int64)
_LENGTH = np.array([CANDLES.get(kind, 1) for kind in KINDS], dtype=np.int64)


@njit(cache=True)
def _rows(
    outputs: NDArray[np.int32],
    high: Floats,
    low: Floats,
    close: Floats,
    atr: Floats,
    kinds: Positions,
    length: Positions,
) -> tuple[Positions, Floats]:
    """`outputs` has one number per bar of every function in turn.

    A confirmation belongs to the find before it by the same function; where that lies before TA-Lib's first answer,
    the widest span is taken.
    """
    n = len(close)
    place, price = space(np.count_nonzero(outputs), 0)
    count = 0
    for at in range(len(outputs)):
        output = outputs[at]
        if output == 0:
            continue
        row, last = at // n, at % n
        kind = kinds[row]
        first = max(last - length[row] + 1, 0)
        if abs(output) == _CONFIRMED:
            before = count - 1
            if before >= 0 and place[before, KIND] == kind and last - place[before, LAST] <= _CONFIRMED_WITHIN:
                first = place[before, FIRST]
            else:
                first = max(first - _CONFIRMED_WITHIN, 0)
        bottom, top = extremes(high, low, first, last)
        score = abs(output) / (2 * _CONFIRMED) + share(top - bottom, atr[last] * FULL_SCORE_ATR) / 2
        way = 1 if output > 0 else -1
        write(place[count], price[count], kind, way, first, last, last, bottom, top, close[last], score)
        count += 1
    return place, price


def candlestick_events(bars: Bars, atr: Floats) -> Part:
    """Every candlestick pattern, known at the close of its last bar; they have no statuses.

    The level is that close. Half of the score is TA-Lib's own weight (|output| / 200), half the range of the pattern's
    candles, with 3 ATR in full. A confirmed hikkake is an event of its own, from the pattern's first candle to the
    confirming one.
    """
    if len(bars) == 0:
        return NOTHING
    prices = (bars.open, bars.high, bars.low, bars.close)
    outputs = np.concatenate([call(*prices, *more) for call, more in _FUNCTIONS])
    return *_rows(outputs, bars.high, bars.low, bars.close, atr, _KIND, _LENGTH), NO_STATUSES
