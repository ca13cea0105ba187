"""From patterns to entry points: the order, its reward and risk, how sure it is, and the market around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.patterns.events import Kind
from core.patterns.liquidity import opposing_liquidity
from core.patterns.structure import last_break
from core.signals.confidence import band, confidence
from core.signals.confirmation import confirm
from core.signals.entry_rules import RULES, Idea, case_of
from core.signals.levels import entry_type, reward_risk, to_tick
from core.signals.vote import Vote
from core.strategies.base import View
from core.timeframe import Timeframe

TARGET_R: Final = 2.0
"""The target where no liquidity lies ahead, in R."""

LEAST_R: Final = 1.0
"""Liquidity nearer than this is passed over."""


@dataclass(frozen=True)
class EntryPoint:
    """One order that a pattern offers at the last close of its timeframe.

    `event` is the pattern's position in the log. `structure` is the trend of its timeframe, `context` that of the
    others, longest first: +1 up, -1 down, 0 none. `confidence` is that of `votes`. `rule` says in words how the kind
    is traded.
    """

    event: int
    kind: Kind
    timeframe: Timeframe
    direction: int
    entry_type: str
    entry: float
    stop: float
    target: float
    reward_risk: float
    confidence: float
    band: str
    votes: tuple[Vote, ...]
    structure: int
    context: tuple[tuple[Timeframe, int], ...]
    known_at: int
    rule: str


def entry_points(views: Mapping[Timeframe, View], timeframe: Timeframe, tick_size: float) -> list[EntryPoint]:
    """Every order that the patterns of a timeframe offer at its last close, the surest first.

    The other views are the context. Prices are on the tick.
    """
    log = views[timeframe].log
    tradable = np.flatnonzero(np.isin(log.events["kind"], list(RULES)))
    found = [entry_point(views, timeframe, int(position), tick_size) for position in tradable]
    points = [point for point in found if isinstance(point, EntryPoint)]
    return sorted(points, key=lambda point: (-point.confidence, -point.known_at, point.event))


def entry_point(
    views: Mapping[Timeframe, View], timeframe: Timeframe, event: int, tick_size: float
) -> EntryPoint | str:
    """The order that one event of a timeframe's log offers at the last close, or why it offers none."""
    view = views[timeframe]
    kind = Kind(int(view.log.events["kind"][event]))
    atr = float(view.indicators["ATR14"][-1]) if len(view.bars) else float("nan")
    if kind not in RULES:
        return "This pattern is no entry by itself."
    if not np.isfinite(atr):
        return "There are too few bars to measure a distance by."
    case = case_of(view.log, event, view.bars, atr, tick_size)
    idea = RULES[kind](case)
    if isinstance(idea, str):
        return idea
    direction, last = case.direction, float(view.bars.close[-1])
    entry = last if idea.entry == last else to_tick(idea.entry, tick_size)
    stop = to_tick(idea.stop, tick_size, toward=-direction)
    passed = _passed(idea, entry, stop, last, direction)
    if passed:
        return passed
    target = to_tick(_target(view, idea, entry, stop, direction), tick_size)
    if not (target - entry) * direction > 0:
        return "The target has been passed."
    context = tuple((other, trend(views[other])) for other in sorted(views, reverse=True) if other != timeframe)
    structure = trend(view)
    votes = _votes(view, timeframe, event, direction, structure, context)
    certainty = confidence(votes)
    return EntryPoint(
        event=event,
        kind=kind,
        timeframe=timeframe,
        direction=direction,
        entry_type=entry_type(direction, entry, last),
        entry=entry,
        stop=stop,
        target=target,
        reward_risk=round(reward_risk(entry, stop, target), 4),
        confidence=certainty,
        band=band(certainty),
        votes=votes,
        structure=structure,
        context=context,
        known_at=int(case.event["known_at"]),
        rule=idea.words,
    )


def trend(view: View) -> int:
    """The side of the last break of structure: +1 up, -1 down, 0 before the first."""
    found = last_break(view.log)
    return 0 if found is None else int(found["direction"])


def _passed(idea: Idea, entry: float, stop: float, last: float, direction: int) -> str:
    """Why the order cannot be placed any more, empty when it can."""
    if not (last - stop) * direction > 0 or not (entry - stop) * direction > 0:
        return "Price is beyond the stop."
    ahead = (entry - last) * direction
    if idea.words.startswith("limit") and ahead >= 0:
        return "Price is at the entry already, or beyond it."
    if idea.words.startswith("stop") and ahead <= 0:
        return "Price has left the pattern already."
    return ""


def _target(view: View, idea: Idea, entry: float, stop: float, direction: int) -> float:
    if idea.target is not None:
        return idea.target
    ahead = opposing_liquidity(view.log, (view.bars,), direction, entry)
    if ahead is not None and reward_risk(entry, stop, float(ahead["level"])) >= LEAST_R:
        return float(ahead["level"])
    return entry + TARGET_R * (entry - stop)


def _votes(
    view: View,
    timeframe: Timeframe,
    event: int,
    direction: int,
    structure: int,
    context: tuple[tuple[Timeframe, int], ...],
) -> tuple[Vote, ...]:
    """The pattern itself, the trends of all timeframes, and what the indicators of its own say."""
    row = view.log.events[event]
    # That it is there at all is worth half; how pronounced it is, the rest.
    strength = round(0.5 + 0.5 * float(row["score"]), 4)
    name = Kind(int(row["kind"])).name.lower().replace("_", " ")
    votes = [Vote("structure", f"{timeframe.name} {name}", 1, 2.0, strength, f"score {row['score']:.2f}")]
    for other, side, weight in [(timeframe, structure, 2.0), *((other, side, 1.0) for other, side in context)]:
        word = {1: "up", -1: "down", 0: "none yet"}[side]
        votes.append(Vote("trend", f"{other.name} trend", side * direction, weight, float(side != 0), word))
    atr = float(view.indicators["ATR14"][-1])
    return (*votes, *confirm(direction, view.indicators, view.bars.close, atr))
