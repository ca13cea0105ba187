"""Confluence: configured indicators vote on every timeframe, and all timeframes must agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.bars import Floats
from core.errors import ParameterError
from core.patterns.detect import DetectorSettings
from core.patterns.events import Kind
from core.signals.confirmation import confirm
from core.signals.vote import Vote, agreeing
from core.strategies.base import Suggestion, Verdict, View
from core.strategies.indicator_rules import IndicatorRule, Signs, read_rules
from core.strategies.parameters import parameter, stored_values
from core.strategies.suggest import suggest
from core.timeframe import Timeframe

SWING_ROOM_ATR = 0.1
"""A stop behind a swing leaves this much room, in ATR(14)."""

_RULES = (
    IndicatorRule("CLOSE", "above", "EMA200"),
    IndicatorRule("EMA20", "above", "EMA50"),
    IndicatorRule("RSI14", "above", 50.0, margin=3.0),
    IndicatorRule("MACD_HIST", "above", 0.0),
    IndicatorRule("PLUS_DI14", "above", "MINUS_DI14"),
    IndicatorRule("VOLUME_FLOW20", "above", 0.0),
)


@dataclass(frozen=True)
class Confluence:
    """Parameters of the strategy. Distances are in ATR(14) of the entry timeframe, the shortest one."""

    timeframes: tuple[Timeframe, ...] = parameter(
        (Timeframe.H4, Timeframe.H1, Timeframe.M15), help="All of them must agree; the shortest is the entry's."
    )
    rules: tuple[IndicatorRule, ...] = parameter(
        _RULES, type="rules", read=read_rules, help="How each indicator votes, on every timeframe."
    )
    minimum_share: float = parameter(
        0.7, minimum=0.5, maximum=1.0, help="Share of the weights that must agree, per timeframe; more than half."
    )
    minimum_families: int = parameter(3, minimum=0, maximum=4, help="Families of votes that must agree.")
    entry: str = parameter("market", choices=("market", "limit", "stop"), help="How to get in.")
    entry_atr: float = parameter(0.5, minimum=0.0, maximum=10.0, help="Distance of a limit or stop entry, in ATR.")
    stop: str = parameter("atr", choices=("atr", "swing"), help="Stop at a distance, or behind the last swing.")
    stop_atr: float = parameter(2.0, minimum=0.1, maximum=20.0, help="Distance of the stop, in ATR.")
    targets: tuple[float, ...] = parameter((2.0, 3.0), minimum=0.1, maximum=50.0, help="In R, nearest first.")
    swing_length: int = parameter(5, minimum=1, maximum=100, help="Bars on each side of a swing.")
    expiry_bars: int = parameter(24, minimum=1, maximum=5000, help="Bars after which a signal expires.")

    def __post_init__(self) -> None:
        if not self.timeframes or len(set(self.timeframes)) != len(self.timeframes):
            raise ParameterError("the timeframes must be different ones, at least one.", self.timeframes)
        if not self.targets or list(self.targets) != sorted(set(self.targets)):
            raise ParameterError("the targets must rise, and there must be at least one.", self.targets)
        if self.entry != "market" and not self.entry_atr > 0:
            raise ParameterError("a limit or stop entry needs a distance above 0.", self.entry_atr)
        names = [rule.words for rule in self.rules]
        if not names or len(set(names)) != len(names):
            raise ParameterError("the rules must be different ones, at least one.", names)

    @property
    def entry_timeframe(self) -> Timeframe:
        """The shortest."""
        return min(self.timeframes)

    def parameters(self) -> dict[str, Any]:
        """Timeframes by name, rules as objects, numbers as they are."""
        return stored_values(self)

    def detector(self, timeframe: Timeframe) -> DetectorSettings:
        """How swings are found."""
        return DetectorSettings(swing_length=self.swing_length)

    def evaluate(self, views: Mapping[Timeframe, View], tick_size: float) -> Verdict:
        """A suggestion when every timeframe votes for the same side and enough families agree; else what is missing."""
        entry = views[self.entry_timeframe]
        ordered = sorted(self.timeframes, reverse=True)
        short = [timeframe.name for timeframe in ordered if not len(views[timeframe].bars)]
        atr = _last(entry.indicators["ATR14"])
        if short or not np.isfinite(atr):
            return Verdict(None, f"{(short or [self.entry_timeframe.name])[0]} has too few bars.")
        signs = {timeframe: np.stack([rule.signs(views[timeframe]) for rule in self.rules]) for timeframe in ordered}
        shares = {timeframe: _last(self._share(signs[timeframe])) for timeframe in ordered}
        sides = {int(np.sign(share)) for share in shares.values()}
        told = ", ".join(f"{timeframe.name} {share:+.0%}" for timeframe, share in shares.items())
        if len(sides) != 1 or 0 in sides or min(map(abs, shares.values())) < self.minimum_share:
            return Verdict(None, f"The timeframes do not agree on {self.minimum_share:.0%} of their votes ({told}).")
        return self._judge(views, signs, sides.pop(), atr, tick_size, told)

    def _share(self, signs: Signs) -> Floats:
        """At every bar the share of weights for the stronger side, negative for lower prices; shape (n,)."""
        weights = np.array([rule.weight for rule in self.rules])
        higher, lower = (weights @ (signs == side) / weights.sum() for side in (1, -1))
        share: Floats = np.where(higher > lower, higher, np.where(lower > higher, -lower, 0.0))
        return share

    def _judge(
        self,
        views: Mapping[Timeframe, View],
        signs: Mapping[Timeframe, Signs],
        direction: int,
        atr: float,
        tick_size: float,
        told: str,
    ) -> Verdict:
        votes = self._votes(views, signs, direction)
        families = agreeing(votes)
        if len(families) < self.minimum_families:
            return Verdict(None, f"Only {len(families)} of 4 families agree ({', '.join(families) or 'none'}).")
        view = views[self.entry_timeframe]
        since = self._since(view, signs[self.entry_timeframe], direction)
        if since is None:
            name = self.entry_timeframe.name
            return Verdict(None, f"{name} has agreed for over {self.expiry_bars} bars: the moment to enter has passed.")
        made = self._suggest(view, direction, atr, tick_size, votes, since)
        if isinstance(made, str):
            return Verdict(None, made)
        return Verdict(made, f"{'Long' if direction > 0 else 'Short'}: {told}; {len(families)} of 4 families agree.")

    def _votes(self, views: Mapping[Timeframe, View], signs: Mapping[Timeframe, Signs], direction: int) -> list[Vote]:
        """Every rule on every timeframe, longest first, then the confirmation on the middle one."""
        ordered = sorted(self.timeframes, reverse=True)
        votes = []
        for timeframe in ordered:
            for rule, row in zip(self.rules, signs[timeframe], strict=True):
                sign = int(row[-1])
                name = f"{timeframe.name} {rule.words}"
                detail = {1: "for higher prices", -1: "for lower prices", 0: "neither"}[sign]
                votes.append(Vote(rule.votes_in, name, sign * direction, rule.weight, float(sign != 0), detail))
        middle = views[ordered[len(ordered) // 2]]
        return votes + confirm(direction, middle.indicators, middle.bars.close, _last(middle.indicators["ATR14"]))

    def _since(self, view: View, signs: Signs, direction: int) -> int | None:
        """Open time (UTC ms) of the bar with which the present agreement began; None when that cannot be told.

        One agreement makes one signal, however many bars it lasts. So its beginning must not depend on how far back
        the bars reach: an agreement that is older than a signal lasts is over as a moment to enter, and one that
        begins where an indicator became defined may be any age.
        """
        oldest = max(len(view.bars) - 1 - self.expiry_bars, 0)
        missing = np.flatnonzero(self._share(signs[:, oldest:]) * direction < self.minimum_share)
        if not len(missing):
            return None
        before = oldest + int(missing[-1])
        undefined = np.stack([rule.undefined(view) for rule in self.rules])
        if (undefined[:, before] & ~undefined[:, before + 1]).any():
            return None
        return int(view.bars.time[before + 1])

    def _suggest(
        self, view: View, direction: int, atr: float, tick_size: float, votes: list[Vote], since: int
    ) -> Suggestion | str:
        away = {"market": 0.0, "limit": -1.0, "stop": 1.0}[self.entry] * self.entry_atr * atr
        entry = float(view.bars.close[-1]) + direction * away
        stop = entry - direction * self.stop_atr * atr if self.stop == "atr" else _behind_swing(view, direction, atr)
        if stop is None or (self.stop == "swing" and not (entry - stop) * direction > 0):
            return f"There is no swing {'below' if direction > 0 else 'above'} the entry for the stop."
        try:
            return suggest(
                view,
                direction,
                stop,
                votes,
                key=f"confluence-{direction:+d}-{since}",
                tick_size=tick_size,
                entry=None if self.entry == "market" else entry,
                targets_r=self.targets,
                expiry_bars=self.expiry_bars,
            )
        except ParameterError as error:
            # The ATR of a market that stands still is less than a tick.
            return f"No sensible prices: {error.message}"


def _behind_swing(view: View, direction: int, atr: float) -> float | None:
    found = view.log.of(Kind.SWING_LOW if direction > 0 else Kind.SWING_HIGH)
    return float(view.log.events["level"][found[-1]]) - direction * SWING_ROOM_ATR * atr if len(found) else None


def _last(column: Floats) -> float:
    return float(column[-1]) if len(column) else float("nan")
