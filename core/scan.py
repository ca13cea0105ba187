"""One scan: from bars to a verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.bars import Bars
from core.indicators.snapshot import indicators
from core.patterns.detect import detect
from core.strategies.base import Strategy, Verdict, View
from core.timeframe import Timeframe

Observer = Callable[[str, Timeframe | None], None]
"""Called after each part (`events`, `indicators`, `votes`) with its timeframe: whoever has a clock may time it."""


@dataclass(frozen=True)
class ScanResult:
    """What a scan computed: a view of every timeframe and the strategy's verdict on them."""

    views: Mapping[Timeframe, View]
    verdict: Verdict


def scan(
    strategy: Strategy,
    bars: Mapping[Timeframe, Bars],
    tick_size: float,
    observe: Observer = lambda part, timeframe: None,
) -> ScanResult:
    """Compute events and indicators on each of the strategy's timeframes, and let it judge.

    `bars` holds validated, complete bars of each timeframe, all known at the moment of the scan.
    """
    views = {timeframe: _view(strategy, bars[timeframe], observe) for timeframe in strategy.timeframes}
    verdict = strategy.evaluate(views, tick_size)
    observe("votes", None)
    return ScanResult(views, verdict)


def _view(strategy: Strategy, bars: Bars, observe: Observer) -> View:
    log = detect(bars, strategy.detector(bars.timeframe))
    observe("events", bars.timeframe)
    columns = indicators(bars)
    observe("indicators", bars.timeframe)
    return View(bars, log, columns)
