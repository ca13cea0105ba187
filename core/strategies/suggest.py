"""The short way from a direction, an entry and a stop to a whole suggestion."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import ParameterError
from core.signals.confidence import band, confidence
from core.signals.levels import entry_type, reward_risk, to_tick
from core.signals.vote import Vote
from core.strategies.base import Evidence, Suggestion, Target, View


def suggest(
    view: View,
    direction: int,
    stop: float,
    votes: Sequence[Vote],
    *,
    key: str,
    tick_size: float,
    entry: float | None = None,
    targets_r: Sequence[float] = (2.0, 3.0),
    expiry_bars: int = 96,
    evidence: Sequence[Evidence] = (),
) -> Suggestion:
    """A suggestion on the bars of `view`, stamped with their last close.

    `entry` None is at market, else a limit or stop order by its side of the last close. Prices come onto the tick, the
    stop outwards; `targets_r` are multiples of the risk, nearest first. `key` names what the signal stands on: one
    key makes one signal per strategy and symbol.

    Raises:
        ParameterError: the stop is not on the other side of the entry, or there is no vote or target.
    """
    bars = view.bars
    last = float(bars.close[-1])
    price = last if entry is None else to_tick(float(entry), tick_size)
    on_grid = to_tick(float(stop), tick_size, toward=-direction)
    if not (price - on_grid) * direction > 0:
        side = "below" if direction > 0 else "above"
        raise ParameterError(f"the stop {on_grid:g} must be {side} the entry {price:g}.", on_grid)
    if not targets_r:
        raise ParameterError("a suggestion needs at least one target.", targets_r)
    targets = []
    for multiple in targets_r:
        target = to_tick(price + multiple * (price - on_grid), tick_size)
        targets.append(Target(f"{multiple:g}R", target, round(reward_risk(price, on_grid, target), 4)))
    certainty = confidence(votes)
    return Suggestion(
        timeframe=bars.timeframe,
        direction=direction,
        entry_type=entry_type(direction, price, last),
        entry=price,
        stop=on_grid,
        targets=tuple(targets),
        votes=tuple(votes),
        confidence=certainty,
        band=band(certainty),
        as_of=bars.as_of,
        expires_at=bars.as_of + expiry_bars * bars.timeframe.ms,
        source_key=f"{bars.timeframe.name}-{key}",
        evidence=tuple(evidence),
    )
