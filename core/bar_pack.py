"""Bars as a short text that gives them back exactly: what a lineage step keeps of the bars it saw.

Decimal prices are whole numbers of their last place, and a bar is kept as what differs from the one before: 5 to
14 bytes a bar. Bars that are no decimals of at most eight places are kept as they are.
"""

from __future__ import annotations

import base64
import zlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.bars import COLUMNS, Bars, Floats
from core.errors import BarsError
from core.timeframe import Timeframe

_SCALES: Final = tuple(10.0**places for places in range(9))
_RAW: Final = 255
_SAMPLE: Final = 4
_LARGEST: Final = 2**31
_EXACT: Final = 2.0**53
Whole = NDArray[np.int64]


def pack(bars: Bars) -> str:
    """The text of `bars`, which `unpack` turns into the same bars again; empty for none."""
    if len(bars) == 0:
        return ""
    prices = _whole(np.stack([bars.open, bars.high, bars.low, bars.close]))
    volume = _whole(bars.volume[None])
    steps = None if prices is None or volume is None else _steps(bars.time, prices[1], volume[1][0])
    if prices is None or volume is None or steps is None:
        return _text(bytes([_RAW]) + _raw(bars))
    # Like bytes beside like ones compress well.
    planes = np.ascontiguousarray(steps.astype("<i4").view(np.uint8).reshape(-1, 4).T)
    first = np.array([bars.time[0], *prices[1][:, 0], volume[1][0, 0]], dtype="<i8")
    return _text(bytes([prices[0], volume[0]]) + first.tobytes() + planes.tobytes())


def unpack(text: str, timeframe: Timeframe) -> Bars:
    """The bars that were packed.

    Raises:
        BarsError: the text is none that `pack` makes.
    """
    try:
        data = zlib.decompress(base64.b64decode(text, validate=True)) if text else bytes([_RAW])
        table = np.frombuffer(data[1:]).reshape(6, -1).copy() if data[0] == _RAW else _summed(data)
    except (ValueError, IndexError, zlib.error) as error:
        raise BarsError(f"these are no packed bars: {error}.", text) from error
    time = table[0].view(np.int64) if data[0] == _RAW else table[0].astype(np.int64)
    return Bars(timeframe, time, *(np.ascontiguousarray(column) for column in table[1:]))


def _raw(bars: Bars) -> bytes:
    columns = [getattr(bars, name) for name in COLUMNS]
    return np.stack([columns[0].view(np.float64), *columns[1:]]).tobytes()


def _text(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data, 1)).decode()


def _whole(values: Floats) -> tuple[int, Whole] | None:
    """Places with which all values, shape (k, n), are decimals, and the values as whole numbers of the last place."""
    if not (np.abs(values) < _EXACT / _SCALES[-1]).all():
        return None
    for places in range(_least_places(values), len(_SCALES)):
        whole = np.rint(values * _SCALES[places])
        # The bits count: a quotient that is correctly rounded is the very number that the decimal reads as.
        if ((whole / _SCALES[places]).view(np.int64) == values.view(np.int64)).all():
            return places, whole.astype(np.int64)
    return None


def _least_places(values: Floats) -> int:
    """How many places some of the values have, as they are written."""
    return max(len(str(value).partition(".")[2].rstrip("0")) for value in values[0, :_SAMPLE].tolist())


def _steps(time: Whole, prices: Whole, volume: Whole) -> Whole | None:
    """What each bar but the first differs by, shape (6, n - 1); None when a difference takes more than 32 bits."""
    opened, high, low, close = prices[:, 1:]
    steps = np.empty((len(COLUMNS), len(time) - 1), np.int64)
    np.subtract(time[1:], time[:-1], out=steps[0])
    np.subtract(opened, prices[3, :-1], out=steps[1])
    np.subtract(high, np.maximum(opened, close), out=steps[2])
    np.subtract(np.minimum(opened, close), low, out=steps[3])
    np.subtract(close, opened, out=steps[4])
    steps[5] = volume[1:]
    fit = steps.size == 0 or (int(steps.max()) < _LARGEST and int(steps.min()) >= -_LARGEST)
    return steps if fit else None


def _summed(data: bytes) -> Floats:
    """The six columns from the first bar and the differences."""
    first = np.frombuffer(data[2:50], dtype="<i8")
    planes = np.frombuffer(data[50:], dtype=np.uint8).reshape(4, -1)
    steps = np.ascontiguousarray(planes.T).view("<i4").reshape(6, -1).astype(np.int64)
    time, close = (np.cumsum(np.append(first[at], step)) for at, step in ((0, steps[0]), (4, steps[1] + steps[4])))
    opened = np.append(first[1], close[1:] - steps[4])
    high = np.append(first[2], np.maximum(opened, close)[1:] + steps[2])
    low = np.append(first[3], np.minimum(opened, close)[1:] - steps[3])
    volume = np.append(first[5], steps[5])
    prices = np.stack([opened, high, low, close]) / _SCALES[data[0]]
    return np.vstack([time, prices, volume / _SCALES[data[1]]])
