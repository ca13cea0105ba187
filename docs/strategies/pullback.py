"""An example: buy a pull-back in an up-trend, sell one in a down-trend. Copy it into your folder and change it."""

from dataclasses import dataclass

import talib

from core.signals.vote import Vote
from core.strategies.base import Verdict
from core.strategies.parameters import parameter
from core.strategies.suggest import suggest
from core.timeframe import Timeframe


@dataclass(frozen=True)
class Pullback:
    """The long timeframe gives the trend, the short one the pull-back."""

    trend: Timeframe = parameter(Timeframe.H1, help="Its two averages give the direction.")
    entry: Timeframe = parameter(Timeframe.M5, help="Its RSI gives the moment.")
    rsi: float = parameter(35.0, minimum=5, maximum=50, help="How deep a pull-back of an up-trend is.")
    stop_atr: float = parameter(2.0, minimum=0.1, help="Distance of the stop, in ATR.")

    @property
    def timeframes(self):
        """What it reads."""
        return tuple(dict.fromkeys((self.trend, self.entry)))

    def evaluate(self, views, tick_size):
        """Judge one market: `views` holds bars, events and indicators of each timeframe."""
        trend, entry = views[self.trend], views[self.entry]
        if len(trend.bars) < 60 or len(entry.bars) < 60:
            return Verdict(None, "Too few bars.")
        fast, slow = trend.indicators["EMA20"][-1], trend.indicators["EMA50"][-1]
        direction = 1 if fast > slow else -1
        rsi = talib.RSI(entry.bars.close, 14)
        depth = rsi[-1] if direction > 0 else 100 - rsi[-1]
        if not depth < self.rsi:
            return Verdict(None, f"No pull-back: RSI {rsi[-1]:.0f}.")
        atr = entry.indicators["ATR14"][-1]
        stop = entry.bars.close[-1] - direction * self.stop_atr * atr
        votes = [
            Vote("trend", "Averages of the long timeframe", 1, 2.0, 1.0, f"{fast:.6g} against {slow:.6g}"),
            Vote("momentum", "Depth of the pull-back", 1, 1.0, 1 - depth / self.rsi, f"RSI {rsi[-1]:.0f}"),
        ]
        # One key makes one signal: here one per day and side.
        day = entry.bars.as_of // 86_400_000
        made = suggest(entry, direction, stop, votes, key=f"pullback-{direction:+d}-{day}", tick_size=tick_size)
        return Verdict(made, "A pull-back in the trend.")
