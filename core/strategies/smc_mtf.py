"""Smart money over three timeframes: structure gives the direction, a shift the moment, a zone the entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from core.errors import ParameterError
from core.patterns.detect import DetectorSettings
from core.patterns.events import Event, Kind
from core.patterns.liquidity import opposing_liquidity
from core.patterns.structure import last_break
from core.patterns.swings import DealingRange, dealing_range
from core.signals.confidence import band, confidence
from core.signals.levels import entry_type, to_tick
from core.signals.vote import agreeing
from core.strategies.base import Suggestion, Verdict, View
from core.strategies.parameters import parameter
from core.strategies.smc_setup import Setup, evidence_of, source_key, targets_of, votes_of
from core.timeframe import Timeframe

# A sweep counts for a zone when it happened at most this many entry bars before the zone began.
SWEEP_BARS = 12
ALL_FAMILIES = 4


@dataclass(frozen=True)
class SmcMtf:
    """Parameters of the strategy. Ages and expiry are in bars of their own timeframe, distances in ATR(14) or R."""

    structure: Timeframe = parameter(Timeframe.H4, help="Its trend gives the direction.")
    shift: Timeframe = parameter(Timeframe.M15, help="Its break of structure gives the moment.")
    entry: Timeframe = parameter(Timeframe.M5, help="Its zones give the entry.")
    swing_length: int = parameter(5, minimum=1, help="Bars on each side of a swing.")
    shift_bars: int = parameter(60, minimum=1, help="Bars after which a shift is too old.")
    zone_bars: int = parameter(60, minimum=1, help="Bars after which a zone is too old.")
    zone_atr: float = parameter(0.25, minimum=0.0, help="Least height of a zone, in ATR.")
    stop_atr: float = parameter(0.1, minimum=0.0, help="Room between zone and stop, in ATR.")
    minimum_r: float = parameter(1.5, help="Least reward to the first target, in R; above 0.")
    minimum_families: int = parameter(3, minimum=0, maximum=4, help="Families of votes that must agree.")
    expiry_bars: int = parameter(96, minimum=1, help="Bars after which a signal expires.")

    def __post_init__(self) -> None:
        if not self.structure >= self.shift >= self.entry:
            raise ParameterError("the structure timeframe must be the longest and the entry timeframe the shortest.")
        if min(self.swing_length, self.shift_bars, self.zone_bars, self.expiry_bars) < 1:
            raise ParameterError("swing length, ages and expiry must be at least 1 bar.")
        if not (min(self.stop_atr, self.zone_atr) >= 0 and self.minimum_r > 0):
            raise ParameterError("stop distance and zone height must be at least 0, the minimum R above 0.")
        if not 0 <= self.minimum_families <= ALL_FAMILIES:
            raise ParameterError("the number of families that must agree is from 0 to 4.")

    @property
    def timeframes(self) -> tuple[Timeframe, ...]:
        """Longest first."""
        return tuple(sorted({self.structure, self.shift, self.entry}, reverse=True))

    @property
    def entry_timeframe(self) -> Timeframe:
        """The timeframe of the zones."""
        return self.entry

    def parameters(self) -> dict[str, Any]:
        """Timeframes by name, numbers as they are."""
        return {key: value.name if isinstance(value, Timeframe) else value for key, value in asdict(self).items()}

    def detector(self, timeframe: Timeframe) -> DetectorSettings:
        """How events are found."""
        return DetectorSettings(swing_length=self.swing_length)

    def evaluate(self, views: Mapping[Timeframe, View], tick_size: float) -> Verdict:
        """A suggestion where trend, shift after a pull-back and an untouched zone agree; else what is missing."""
        setup = self._setup(views, tick_size)
        return Verdict(None, setup) if isinstance(setup, str) else self._judge(setup, views, tick_size)

    def _setup(self, views: Mapping[Timeframe, View], tick_size: float) -> Setup | str:
        structure, shift, entry = views[self.structure], views[self.shift], views[self.entry]
        if not len(entry.bars) or not np.isfinite(entry.indicators["ATR14"][-1]):
            return f"{self.entry.name} has too few bars for its ATR."
        trend, leg = last_break(structure.log), dealing_range(structure.log)
        if trend is None or leg is None:
            return f"{self.structure.name} has no broken swing or no dealing range yet, so there is no trend."
        direction = int(trend["direction"])
        turn = self._shift(shift, direction, leg)
        if isinstance(turn, str):
            return turn
        zone = self._zone(entry, direction)
        if zone is None:
            return f"No untouched {self.entry.name} zone with the trend in the last {self.zone_bars} bars."
        sweep = self._sweep(entry, zone, direction)
        price = to_tick(float(zone["level"]), tick_size)
        stop = self._stop(entry, zone, sweep, direction, tick_size)
        liquidity = opposing_liquidity(shift.log, (shift.bars, entry.bars), direction, price)
        return Setup(direction, trend, turn, zone, sweep, liquidity, price, stop)

    def _shift(self, view: View, direction: int, leg: DealingRange) -> Event | str:
        """The break that turned the middle timeframe, or the sentence that says what is missing."""
        turn = last_break(view.log)
        if turn is None or turn["direction"] != direction:
            return f"{self.shift.name} has not shifted {'up' if direction > 0 else 'down'} with the trend."
        if turn["known_at"] <= view.bars.as_of - self.shift_bars * self.shift.ms:
            return f"The last {self.shift.name} shift is older than {self.shift_bars} bars."
        first, last = np.searchsorted(view.bars.time, [turn["start"], turn["end"]])
        pulled = view.bars[int(first) : int(last) + 1]
        if direction > 0 and pulled.low.min() >= leg.equilibrium:
            return f"Price did not pull back into the discount of the {self.structure.name} range."
        if direction < 0 and pulled.high.max() <= leg.equilibrium:
            return f"Price did not pull back into the premium of the {self.structure.name} range."
        return turn

    def _zone(self, view: View, direction: int) -> Event | None:
        """The best untouched zone that price has left behind: highest score, the later on ties.

        A zone lower than `zone_atr` ATR is passed over: its stop would lie within the noise, and its R mean nothing.
        """
        log = view.log
        events = log.events
        fit = log.is_of(Kind.ORDER_BLOCK, Kind.FAIR_VALUE_GAP) & log.untouched()
        fit &= events["direction"] == direction
        fit &= events["known_at"] > view.bars.as_of - self.zone_bars * self.entry.ms
        fit &= (view.bars.close[-1] - events["level"]) * direction > 0
        fit &= events["price_high"] - events["price_low"] >= self.zone_atr * view.indicators["ATR14"][-1]
        found = np.flatnonzero(fit)
        if not len(found):
            return None
        return events[max(found, key=lambda at: (events["score"][at], events["known_at"][at], -events["kind"][at]))]

    def _sweep(self, view: View, zone: Event, direction: int) -> Event | None:
        """The newest sweep in the signal's direction around the zone, None without one."""
        found = view.log.of(Kind.SWEEP)
        rows = view.log.events[found]
        since = zone["start"] - SWEEP_BARS * self.entry.ms
        fit = found[(rows["direction"] == direction) & (rows["end"] >= since)]
        return view.log.events[fit[-1]] if len(fit) else None

    def _stop(self, view: View, zone: Event, sweep: Event | None, direction: int, tick_size: float) -> float:
        """Beyond the far edge, or the swept extreme where that lies further out, by `stop_atr` ATR."""
        edge = "price_low" if direction > 0 else "price_high"
        far = [float(zone[edge])] + ([float(sweep[edge])] if sweep is not None else [])
        extreme = min(far) if direction > 0 else max(far)
        room = self.stop_atr * float(view.indicators["ATR14"][-1])
        return to_tick(extreme - direction * room, tick_size, toward=-direction)

    def _judge(self, setup: Setup, views: Mapping[Timeframe, View], tick_size: float) -> Verdict:
        """Hold the set-up against the minimum reward and the confirmation by families."""
        bars = views[self.entry].bars
        targets = targets_of(setup, tick_size)
        if targets[0].r < self.minimum_r:
            return Verdict(None, f"The next liquidity pays {targets[0].r:.2f}R, less than {self.minimum_r:g}R.")
        votes = votes_of(setup, views[self.shift], (self.structure, self.shift, self.entry))
        families = agreeing(votes)
        if len(families) < self.minimum_families:
            return Verdict(None, f"Only {len(families)} of 4 families agree ({', '.join(families) or 'none'}).")
        certainty = confidence(votes)
        suggestion = Suggestion(
            timeframe=self.entry,
            direction=setup.direction,
            entry_type=entry_type(setup.direction, setup.entry, float(bars.close[-1])),
            entry=setup.entry,
            stop=setup.stop,
            targets=targets,
            votes=votes,
            confidence=certainty,
            band=band(certainty),
            as_of=bars.as_of,
            expires_at=bars.as_of + self.expiry_bars * self.entry.ms,
            source_key=source_key(setup.zone, self.entry),
            evidence=evidence_of(setup, (self.structure, self.shift, self.entry)),
        )
        side = "Long" if setup.direction > 0 else "Short"
        return Verdict(suggestion, f"{side}: {len(families)} of 4 families agree ({', '.join(families)}).")
