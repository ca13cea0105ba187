"""Rules by which an indicator votes: above or below a reference, crossing it, or sloping."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.bars import Floats
from core.errors import ParameterError
from core.signals.vote import FAMILIES
from core.strategies.base import View
from core.strategies.columns import parse_column, values_of

RULES = ("above", "below", "cross", "slope")
Signs = NDArray[np.int64]


@dataclass(frozen=True)
class IndicatorRule:
    """One indicator's vote: +1 for higher prices, -1 for lower, 0 for neither or while it is not defined.

    - `above`: +1 while it is more than `margin` above `against`, -1 while it is more than `margin` below.
    - `below`: the reverse, for what is read against the trend (`RSI14` below 50 with margin 20 buys under 30).
    - `cross`: +1 when it crossed `against` upwards within the last `bars` bars and not down since; -1 the reverse.
    - `slope`: +1 when it rose by more than `margin` over `bars` bars, -1 when it fell by more.

    `indicator` and `against` spell a column (see `core.strategies.columns`); `against` may be a number. `weight` says
    how much the vote counts, `family` which one it belongs to; by default that of the indicator.
    """

    indicator: str
    rule: str = "above"
    against: float | str = 0.0
    margin: float = 0.0
    bars: int = 1
    weight: float = 1.0
    family: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.indicator, str):
            raise ParameterError(f"a rule names its indicator: {self.indicator!r} is no name.", self.indicator)
        parse_column(self.indicator)
        if self.rule not in RULES:
            raise ParameterError(f"'{self.rule}' is no rule: use one of {', '.join(RULES)}.", self.rule)
        if isinstance(self.against, str):
            parse_column(self.against)
        elif not _number(self.against):
            raise ParameterError(f"{self.indicator} cannot stand against {self.against!r}: give a number.", self)
        if not (_number(self.margin) and self.margin >= 0 and _number(self.weight) and self.weight > 0):
            raise ParameterError(f"the margin of {self.indicator} must be at least 0 and its weight above 0.", self)
        if not isinstance(self.bars, int) or isinstance(self.bars, bool) or not 1 <= self.bars <= 100:  # noqa: PLR2004
            raise ParameterError(f"the bars of {self.indicator} must be a whole number from 1 to 100.", self)
        if self.family not in ("", *FAMILIES):
            raise ParameterError(f"'{self.family}' is no family: use one of {', '.join(FAMILIES)}.", self.family)

    @property
    def votes_in(self) -> str:
        """The family its vote counts in."""
        return self.family or parse_column(self.indicator).family

    @property
    def words(self) -> str:
        """The rule as people read it."""
        if self.rule == "slope":
            return f"{self.indicator} over {self.bars} bars"
        against = self.against if isinstance(self.against, str) else f"{self.against:g}"
        by = f" by {self.margin:g}" if self.margin else ""
        return f"{self.indicator} {'crossing' if self.rule == 'cross' else self.rule} {against}{by}"

    def stored(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    def signs(self, view: View) -> Signs:
        """The vote at every bar, shape (n,)."""
        distance = self._distance(view)
        if self.rule == "cross":
            return _crossings(distance, self.bars)
        side = _side(distance, self.margin)
        return -side if self.rule == "below" else side

    def undefined(self, view: View) -> NDArray[np.bool_]:
        """At which bars it abstains because its indicator is not defined, shape (n,)."""
        return np.isnan(self._distance(view))

    def _distance(self, view: View) -> Floats:
        """From the reference, or from the value some bars before, to the value at every bar; NaN where undefined."""
        values = values_of(view, parse_column(self.indicator))
        if self.rule == "slope":
            before = np.full(len(values), np.nan)
            before[self.bars :] = values[: -self.bars] if len(values) > self.bars else values[:0]
            slope: Floats = values - before
            return slope
        against = self.against
        reference = values_of(view, parse_column(against)) if isinstance(against, str) else against
        distance: Floats = values - reference
        return distance


def read_rules(stored: Any) -> tuple[IndicatorRule, ...]:
    """Rules from JSON: a list of objects with the fields of `IndicatorRule`.

    Raises:
        ParameterError: no list, an unknown field (the allowed ones are named), or a rule that cannot be.
    """
    known = [item.name for item in fields(IndicatorRule)]
    if isinstance(stored, str | Mapping) or not isinstance(stored, list | tuple) or not stored:
        raise ParameterError("the rules must be a list with at least one rule.", stored)
    rules = []
    for row in stored:
        if isinstance(row, IndicatorRule):
            rules.append(row)
            continue
        if not isinstance(row, Mapping) or "indicator" not in row:
            raise ParameterError(f"a rule names its indicator: {row!r} does not.", row)
        for name in row:
            if name not in known:
                raise ParameterError(f"a rule has no field '{name}': use {', '.join(known)}.", name)
        rules.append(IndicatorRule(**row))
    return tuple(rules)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _side(distance: Floats, margin: float) -> Signs:
    # A comparison with NaN is False: what is not defined abstains.
    return (distance > margin).astype(np.int64) - (distance < -margin).astype(np.int64)


def _crossings(distance: Floats, bars: int) -> Signs:
    """+1 or -1 where the newest crossing of 0 happened at most `bars` - 1 bars ago."""
    at = np.arange(len(distance), dtype=np.int64)
    before = np.concatenate([[np.nan], distance[:-1]]) if len(distance) else distance
    up, down = (distance > 0) & (before <= 0), (distance < 0) & (before >= 0)
    never = -bars - 1
    last_up = np.maximum.accumulate(np.where(up, at, never)) if len(at) else at
    last_down = np.maximum.accumulate(np.where(down, at, never)) if len(at) else at
    fresh = at - np.maximum(last_up, last_down) < bars
    return np.where(fresh, np.sign(last_up - last_down), 0).astype(np.int64)
