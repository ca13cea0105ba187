"""A market made by the machine: one-minute bars that depend on nothing but seed, symbol and minute.

The minutes of a UTC day are a bridge between the levels of two midnights (`workers.market.regimes`) on top of slow
waves. Each day draws from a generator of its own, so a minute is the same whichever range is asked, and whenever.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Final

import numpy as np

from core.bars import COLUMNS, Bars, Floats
from core.errors import MarketDataError
from core.timeframe import MINUTE_MS, Timeframe
from workers.market.base import FetchedBars
from workers.market.regimes import (
    CHAIN_STEP,
    EPOCH,
    EPOCH_MS,
    MARKETS,
    REGIMES,
    Market,
    Regime,
    midnights,
    share_open,
    stream_of,
)
from workers.market.sessions import DAY_MINUTES, activity

DAY_MS: Final = DAY_MINUTES * MINUTE_MS
FIRST_DAYS: Final = 120
_TIDE_STREAM: Final = 2
_FIRST_DAY_STREAM: Final = 3
TIDES: Final = ((2.0, 1.0), (0.5, 0.6), (0.1, 0.12))
"""Length in days of the market's own time and height in daily standard deviations of each wave of `_tide`."""


@dataclass(frozen=True)
class SimulatedFeed:
    """The feed of the SIM- symbols."""

    seed: int

    def fetch(self, symbol_name: str, since: int | None, until: int) -> FetchedBars:
        """See `Feed.fetch`. The first history is `FIRST_DAYS` days; nothing exists before `EPOCH`."""
        if symbol_name not in MARKETS:
            known = ", ".join(MARKETS)
            raise MarketDataError(f"'{symbol_name}' is no simulated symbol: use one of {known}.", symbol_name)
        start = max(EPOCH_MS, since if since is not None else until - FIRST_DAYS * DAY_MS)
        first, last = (start - EPOCH_MS) // DAY_MS, (until - MINUTE_MS - EPOCH_MS) // DAY_MS
        days = [_day(self.seed, symbol_name, day) for day in range(first, last + 1)]
        bars = _join(days)
        left = np.searchsorted(bars.time, start)
        right = np.searchsorted(bars.close_time, until, side="right")
        return FetchedBars(bars[int(left) : int(max(left, right))])


def _join(days: list[Bars]) -> Bars:
    if not days:
        return Bars.from_rows(Timeframe.M1, [])
    return Bars(Timeframe.M1, *(np.concatenate([getattr(day, name) for day in days]) for name in COLUMNS))


@lru_cache(maxsize=16)
def _day(seed: int, name: str, day: int) -> Bars:
    """The bars of one UTC day, `day` counted from the epoch."""
    market, random = MARKETS[name], stream_of(seed, name, _FIRST_DAY_STREAM + day)
    shape = activity(EPOCH + timedelta(days=day), continuous=market.continuous)
    chain = midnights(seed, name, (day // CHAIN_STEP + 1) * CHAIN_STEP)
    regime = REGIMES[int(chain.regime[day])]
    unit = market.volatility * regime.volatility * share_open(day, market.continuous)
    # Drawn for closed minutes too: a fixed number of draws keeps one kind from shifting the next.
    noise, cluster = random.standard_normal(DAY_MINUTES), np.repeat(random.standard_normal(DAY_MINUTES // 30), 30)
    deviation = unit * shape * np.exp(0.35 * cluster) / np.sqrt(np.square(shape).sum() or 1.0)
    moves = deviation * noise + np.diff(_impulses(random, shape, unit, regime), prepend=0.0) * (shape > 0)
    level = _bridge(moves, np.square(shape), chain.level[day], chain.level[day + 1])
    level += market.volatility * _tide(seed, name, _clock(np.square(shape), chain.clock[day], chain.clock[day + 1]))
    return _candles(random, market, day, level, deviation)


def _bridge(moves: Floats, weight: Floats, start: float, end: float) -> Floats:
    """A path of 1441 logarithmic levels from `start` to `end`; the correction is spread over the lively minutes."""
    total = weight.sum()
    if total > 0:
        moves = moves + (end - start - moves.sum()) * weight / total
    return start + np.concatenate([[0.0], np.cumsum(moves)])


def _clock(weight: Floats, start: float, end: float) -> Floats:
    """The market's own time at 1441 minutes between two midnights."""
    return start + (end - start) * np.concatenate([[0.0], np.cumsum(weight) / (weight.sum() or 1.0)])


def _tide(seed: int, name: str, clock: Floats) -> Floats:
    """The swing of a market around its trend, in daily standard deviations, at moments of its own time (in days).

    Waves of unrelated lengths, so that no day repeats another: they pull trends back far enough to be joined. In the
    market's own time quiet hours move little, and a closed market not at all.
    """
    phases = stream_of(seed, name, _TIDE_STREAM).uniform(0, 2 * np.pi, len(TIDES))
    waves = [
        height * np.sin(2 * np.pi * clock / days + phase) for (days, height), phase in zip(TIDES, phases, strict=True)
    ]
    tide: Floats = np.sum(waves, axis=0)
    return tide


def _impulses(random: np.random.Generator, shape: Floats, unit: float, regime: Regime) -> Floats:
    """Fast one-sided moves and what is given back afterwards, as logarithmic levels; shape (1440,).

    A third of them give back more than they made: a false break that sweeps the stops beyond a swing.
    """
    minute, level = np.arange(DAY_MINUTES), np.zeros(DAY_MINUTES)
    lively = np.cumsum(shape) / (shape.sum() or 1.0)
    for _ in range(4):
        start = int(np.searchsorted(lively, random.random()))
        size = unit * random.uniform(0.25, 0.6) * min(1.0, shape[min(start, DAY_MINUTES - 1)])
        side = 1.0 if random.random() < 0.5 + 0.35 * np.sign(regime.drift) else -1.0
        run, rest, back = random.uniform(12, 45), random.uniform(5, 40), random.uniform(40, 180)
        share = random.uniform(1.0, 1.25) if random.random() < 1 / 3 else random.uniform(0.35, 0.65)
        rise = np.clip((minute - start) / run, 0, 1)
        fall = np.clip((minute - start - run - rest) / back, 0, 1)
        level += side * size * (rise - share * fall)
    return level


def _candles(random: np.random.Generator, market: Market, day: int, level: Floats, deviation: Floats) -> Bars:
    """Bars over a path of 1441 levels: wicks on both sides, volume that follows the session and the move."""
    price = market.base * np.exp(level)
    wicks = random.exponential(0.45, (2, DAY_MINUTES)) * deviation * price[:-1]
    start, end = price[:-1], price[1:]
    volume = _volume(random, market, np.abs(np.diff(level)), deviation)
    time = EPOCH_MS + day * DAY_MS + np.arange(DAY_MINUTES, dtype=np.int64) * MINUTE_MS
    high, low = np.maximum(start, end) + wicks[0], np.minimum(start, end) - wicks[1]
    start, high, low, end = (np.round(column, market.decimals)[deviation > 0] for column in (start, high, low, end))
    return Bars(Timeframe.M1, time[deviation > 0], start, high, low, end, volume[deviation > 0])


def _volume(random: np.random.Generator, market: Market, move: Floats, deviation: Floats) -> Floats:
    typical = market.volatility / np.sqrt(DAY_MINUTES)
    surprise = np.divide(move, deviation, out=np.zeros_like(move), where=deviation > 0)
    amount = deviation / typical * (0.5 + 0.6 * surprise) * random.lognormal(0.0, 0.3, DAY_MINUTES)
    amount = np.sqrt(amount) * random.lognormal(0.0, 0.2)
    places, least = (3, 0.001) if market.continuous else (0, 1.0)
    volume: Floats = np.maximum(np.round(market.volume * amount, places), least)
    return volume
