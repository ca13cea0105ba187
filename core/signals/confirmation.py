"""Confirmation: what indicators and structure say of a direction, two votes a family."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.bars import Floats
from core.signals.vote import Vote

# A trend is called strong from this ADX on (Wilder's own threshold lies between 20 and 25).
ADX_TREND = 20.0
SLOPE_BARS = 5


def confirm(direction: int, trend_of: Mapping[str, Floats], close: Floats, atr: float) -> list[Vote]:
    """Votes of the indicator columns `trend_of` on a direction, over one timeframe's closes and its last ATR.

    An indicator that is not defined yet abstains with strength 0.
    """
    value = {name: _last(column) for name, column in trend_of.items()}
    return [
        _slope(direction, trend_of["EMA50"], atr),
        _against_average(direction, _last(close), value["EMA200"], atr),
        _centred(direction, "momentum", "RSI(14)", value["RSI14"], 50.0, 20.0),
        _centred(direction, "momentum", "MACD histogram", value["MACD_HIST"], 0.0, 0.25 * atr),
        _directional(direction, value["ADX14"], value["PLUS_DI14"], value["MINUS_DI14"]),
        _centred(direction, "strength", "Close between the Bollinger bands", value["BB_POSITION20"], 0.0, 1.0),
        _centred(direction, "structure", "Volume flow (OBV, 20 bars)", value["VOLUME_FLOW20"], 0.0, 0.5),
    ]


def _slope(direction: int, average: Floats, atr: float) -> Vote:
    moved = _last(average) - (average[-1 - SLOPE_BARS] if len(average) > SLOPE_BARS else float("nan"))
    return _centred(direction, "trend", f"EMA(50) over {SLOPE_BARS} bars", moved, 0.0, 0.5 * atr)


def _against_average(direction: int, close: float, average: float, atr: float) -> Vote:
    return _centred(direction, "trend", "Close against EMA(200)", close - average, 0.0, 2.0 * atr)


def _directional(direction: int, adx: float, plus: float, minus: float) -> Vote:
    name = "ADX(14) and directional movement"
    if not np.isfinite(adx):
        return Vote("strength", name, 0, 1.0, 0.0, "not defined yet")
    detail = f"ADX {adx:.1f}, +DI {plus:.1f}, -DI {minus:.1f}"
    vote = int(np.sign(plus - minus)) * direction if adx >= ADX_TREND else 0
    return Vote("strength", name, vote, 1.0, _share(adx, 2.5 * ADX_TREND), detail)


def _centred(direction: int, family: str, name: str, value: float, centre: float, full: float) -> Vote:
    """A vote by the side of `centre` a value is on; `full` away from it is full strength."""
    if not np.isfinite(value) or not full > 0:
        return Vote(family, name, 0, 1.0, 0.0, "not defined yet")
    side = int(np.sign(value - centre)) * direction
    return Vote(family, name, side, 1.0, _share(abs(value - centre), full), f"{value:.6g} (centre {centre:g})")


def _share(value: float, full: float) -> float:
    return round(min(max(value / full, 0.0), 1.0), 4)


def _last(column: Floats) -> float:
    return float(column[-1]) if len(column) else float("nan")
