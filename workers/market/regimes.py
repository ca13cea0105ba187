"""The daily course of a simulated market: which symbols there are, their phases, and the level at each midnight UTC."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.bars import Floats
from core.timeframe import Calendar
from workers.market.sessions import activity

EPOCH: Final = date(2024, 1, 1)
EPOCH_MS: Final = 1_704_067_200_000
CHAIN_STEP: Final = 1024
_REVERSION: Final = 0.02


@dataclass(frozen=True)
class Market:
    """One simulated symbol: `volatility` is the standard deviation of a quiet day's logarithmic return."""

    base: float
    volatility: float
    decimals: int
    volume: float
    calendar: Calendar

    @property
    def continuous(self) -> bool:
        return self.calendar is Calendar.UTC


MARKETS: Final = {
    "SIM-EURUSD": Market(1.08, 0.0045, 5, 90.0, Calendar.FX),
    "SIM-XAUUSD": Market(2300.0, 0.0085, 2, 140.0, Calendar.FX),
    "SIM-BTCUSD": Market(60_000.0, 0.0200, 2, 12.0, Calendar.UTC),
}


@dataclass(frozen=True)
class Regime:
    """A phase of several days: `drift` in daily standard deviations, `pull` back to the phase's own middle per day."""

    drift: float
    volatility: float
    pull: float


REGIMES: Final = (Regime(0.55, 0.8, 0.0), Regime(-0.55, 0.8, 0.0), Regime(0.0, 0.6, 0.35), Regime(0.0, 1.7, 0.1))
_STAY: Final = 0.82


@dataclass(frozen=True)
class Chain:
    """Logarithmic level against the base at each midnight, shape (n + 1,), and the regime of each day, shape (n,).

    `clock` is the market's own time at each midnight, shape (n + 1,): it advances by 1 on a full weekday, by less on a
    half one, and stands still while the market is closed.
    """

    level: Floats
    clock: Floats
    regime: NDArray[np.int8]


@lru_cache(maxsize=16)
def midnights(seed: int, name: str, days: int) -> Chain:
    """The first `days` days. A longer chain begins with the shorter one: each kind of draw has its own generator."""
    market = MARKETS[name]
    noise, luck = stream_of(seed, name, 0).standard_normal(days), stream_of(seed, name, 1).random((days, 2))
    level, clock, regime = np.zeros(days + 1), np.zeros(days + 1), np.zeros(days, dtype=np.int8)
    current, middle = 2, 0.0
    for day in range(days):
        if luck[day, 0] > _STAY:
            current, middle = int(luck[day, 1] * len(REGIMES)), float(level[day])
        phase, share = REGIMES[current], share_open(day, market.continuous)
        unit = market.volatility * share
        pull = phase.pull * (middle - level[day]) - _REVERSION * level[day]
        regime[day] = current
        clock[day + 1] = clock[day] + share**2
        level[day + 1] = level[day] + unit * (phase.drift + phase.volatility * noise[day]) + share * pull
    return Chain(level, clock, regime)


def share_open(day: int, continuous: bool) -> float:
    """Share of a full weekday's activity, as a standard deviation: 0 on a day without trading."""
    moment = EPOCH + timedelta(days=day)
    weekday = activity(EPOCH, continuous=continuous)
    return float(np.sqrt(np.square(activity(moment, continuous=continuous)).sum() / np.square(weekday).sum()))


def stream_of(seed: int, name: str, stream: int) -> np.random.Generator:
    """The generator of one kind of draw: no two streams of a symbol share a number."""
    return np.random.Generator(np.random.PCG64([seed, zlib.crc32(name.encode()), stream]))
