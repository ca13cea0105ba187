"""From a smart-money set-up to targets, votes and the evidence a signal shows."""

from __future__ import annotations

from dataclasses import dataclass

from core.patterns.events import Event, Kind
from core.signals.confirmation import confirm
from core.signals.levels import reward_risk, to_tick
from core.signals.vote import Vote
from core.strategies.base import Evidence, Target, View
from core.timeframe import Timeframe

NAMES = {
    Kind.BOS: "BOS",
    Kind.CHOCH: "CHoCH",
    Kind.ORDER_BLOCK: "order block",
    Kind.FAIR_VALUE_GAP: "fair value gap",
    Kind.SWEEP: "sweep",
}

Timeframes = tuple[Timeframe, Timeframe, Timeframe]
"""Structure, shift and entry timeframe."""


@dataclass(frozen=True)
class Setup:
    """What was found: direction, the break that made the trend, the shift, the zone, a sweep and opposing liquidity."""

    direction: int
    trend: Event
    turn: Event
    zone: Event
    sweep: Event | None
    liquidity: Event | None
    entry: float
    stop: float


def source_key(zone: Event, timeframe: Timeframe) -> str:
    """A name for the zone that every later scan finds again."""
    kind = Kind(int(zone["kind"])).name.lower()
    return f"{timeframe.name}-{kind}-{int(zone['direction']):+d}-{int(zone['start'])}-{int(zone['end'])}"


def targets_of(setup: Setup, tick_size: float) -> tuple[Target, ...]:
    """The next opposing liquidity where there is one, then 2R and 3R."""
    risk = setup.entry - setup.stop
    prices = [("2R", setup.entry + 2 * risk), ("3R", setup.entry + 3 * risk)]
    if setup.liquidity is not None:
        prices.insert(0, ("liquidity", float(setup.liquidity["level"])))
    on_grid = [(name, to_tick(price, tick_size)) for name, price in prices]
    return tuple(Target(name, price, round(reward_risk(setup.entry, setup.stop, price), 4)) for name, price in on_grid)


def votes_of(setup: Setup, middle: View, timeframes: Timeframes) -> tuple[Vote, ...]:
    """Structure's own marks, then what the middle timeframe's indicators say."""
    structure, shift, entry = timeframes
    marks = (
        _mark(f"{structure.name} structure", 2.0, setup.trend),
        _mark(f"{shift.name} shift", 2.0, setup.turn),
        _mark(f"{entry.name} zone", 2.0, setup.zone),
        _mark(f"{entry.name} liquidity sweep", 1.0, setup.sweep),
    )
    atr = float(middle.indicators["ATR14"][-1])
    return (*marks, *confirm(setup.direction, middle.indicators, middle.bars.close, atr))


def _mark(name: str, weight: float, event: Event | None) -> Vote:
    if event is None:
        return Vote("structure", name, 0, weight, 0.0, "none")
    # That it is there at all is worth half; how pronounced it is, the rest.
    strength = round(0.5 + 0.5 * float(event["score"]), 4)
    return Vote("structure", name, 1, weight, strength, f"{NAMES[Kind(int(event['kind']))]} at {event['level']:.6g}")


def evidence_of(setup: Setup, timeframes: Timeframes) -> tuple[Evidence, ...]:
    """The events of the set-up with their parts, those that are there."""
    structure, shift, entry = timeframes
    parts = (
        ("structure", structure, setup.trend),
        ("shift", shift, setup.turn),
        ("entry zone", entry, setup.zone),
        ("sweep", entry, setup.sweep),
        ("target", shift, setup.liquidity),
    )
    return tuple(_evidence(role, timeframe, event) for role, timeframe, event in parts if event is not None)


def _evidence(role: str, timeframe: Timeframe, event: Event) -> Evidence:
    return Evidence(
        role=role,
        kind=Kind(int(event["kind"])).name.lower(),
        timeframe=timeframe.name,
        direction=int(event["direction"]),
        start=int(event["start"]),
        end=int(event["end"]),
        price_low=float(event["price_low"]),
        price_high=float(event["price_high"]),
        level=float(event["level"]),
        known_at=int(event["known_at"]),
        score=float(event["score"]),
    )
