"""Entry, stop and targets on the symbol's price grid."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

from core.errors import ParameterError

_ROUNDING = {-1: ROUND_FLOOR, 0: ROUND_HALF_EVEN, 1: ROUND_CEILING}


def to_tick(price: float, tick_size: float, toward: int = 0) -> float:
    """The price on the grid of `tick_size`: nearest, or the next one up (`toward` +1) or down (-1).

    A price that already lies on the grid, give or take a millionth of a tick, stays where it is.
    """
    tick = Decimal(str(tick_size))
    steps = Decimal(repr(price)) / tick
    nearest = steps.quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    if abs(steps - nearest) > Decimal("1e-6"):
        nearest = steps.quantize(Decimal(1), rounding=_ROUNDING[toward])
    return float(nearest * tick)


def entry_type(direction: int, entry: float, last_close: float) -> str:
    """The order that gets in at `entry`: market at the last close, a limit on its better side, a stop on the other."""
    side = "BUY" if direction > 0 else "SELL"
    better = (last_close - entry) * direction
    if better == 0:
        return side
    return f"{side}_LIMIT" if better > 0 else f"{side}_STOP"


def reward_risk(entry: float, stop: float, target: float) -> float:
    """Reward in multiples of the risk, negative when the target lies on the stop's side.

    Raises:
        ParameterError: entry and stop are equal.
    """
    if entry == stop:
        raise ParameterError("entry and stop are equal: there is no risk to measure by.", entry)
    return (target - entry) / (entry - stop)
