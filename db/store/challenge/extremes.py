"""The worst and best prices within stored bars, as marks that a challenge is held against.

A firm sees every tick, the desk a bar's extremes. A bar counts where one trade alone was open from its beginning to its
end, and nothing else happened meanwhile: no fill, no cash, no reset. Its worst price was then a loss that was there. In
a bar during which several trades were open, their worst prices need not have come together: of such a bar, and of one
that holds an opening, a close or a reset, the close alone counts. Where equity lifts the floor, the best price is taken
to have come before the worst: the stricter of the two orders, which no tick data can turn into a lower floor.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from core.bars import Bars, Times
from core.challenge.amounts import Reset
from core.challenge.events import Event, Mark
from core.risk import profit
from db.models import CorporateAction, Trade
from db.store.portfolio.records import price_for


@dataclass(frozen=True)
class Held:
    """A trade with the bars of its life. `states` has (instant, size, average) after each fill, `end` is the last
    instant that counts; instants are UTC ms.
    """

    trade: Trade
    states: Sequence[tuple[int, Decimal, float]]
    bars: Bars | None
    splits: Sequence[CorporateAction]
    end: int

    @property
    def begun(self) -> int:
        return self.states[0][0]


def extreme_marks(
    trades: Sequence[Held], alone: Sequence[tuple[int, int]], events: Iterable[Event], reset: Reset, *, best: bool
) -> Iterator[Mark]:
    """The extremes that can matter, in the two milliseconds before their bar's close; with `best` also the best prices.

    `alone` are the first and last instants of every trade of the account, these included. Of the bars between two
    events only those count that go beyond the ones before them: the others can break nothing more.
    """
    if not trades:
        return
    first, last = min(one.begun for one in trades), max(one.end for one in trades)
    happened = {event.at for event in events if not isinstance(event, Mark)}
    breaks = np.array(sorted(happened | set(_resets(reset, first, last))), dtype=np.int64)
    starts, ends = (np.array(sorted(instants), dtype=np.int64) for instants in zip(*alone, strict=True))
    for held in trades:
        if held.bars is not None:
            yield from _of_trade(held, breaks, starts, ends, best=best)


def _of_trade(held: Held, breaks: Times, starts: Times, ends: Times, *, best: bool) -> Iterator[Mark]:
    bars = held.bars
    assert bars is not None
    opens = bars.time
    closes = np.array([bars.timeframe.close_time(int(at)) for at in opens], dtype=np.int64)
    piece = np.searchsorted(breaks, opens, side="right")
    calm = piece == np.searchsorted(breaks, closes, side="left")
    single = np.searchsorted(starts, opens, side="right") - np.searchsorted(ends, opens, side="right") == 1
    chosen = np.flatnonzero(calm & single & (opens >= held.begun) & (closes <= held.end))
    long = held.trade.direction > 0
    adverse, favourable = (bars.low, bars.high) if long else (bars.high, bars.low)
    low = high = -math.inf
    now = place = -1
    for at in chosen.tolist():
        if piece[at] != now:
            now, low, high = piece[at], math.inf, -math.inf
            place = max(number for number, state in enumerate(held.states) if state[0] <= opens[at])
        _, size, average = held.states[place]
        close = int(closes[at])
        for price, back in ((float(favourable[at]), 2), (float(adverse[at]), 1)):
            own = price
            if held.splits:
                own = price_for(held.splits, held.trade.symbol_id, price, close, held.begun, close)
            gain = own * held.trade.direction
            if back == 2 and best and gain > high:  # noqa: PLR2004
                # The floor may rise with it: from here on every worst price counts anew.
                high, low = gain, math.inf
            elif back == 1 and gain < low:
                low = gain
            else:
                continue
            if size:
                floating = profit(held.trade.direction, average, own, size, held.trade.per_point)
                yield Mark(close - back, floating, str(held.trade.id))


def _resets(reset: Reset, first: int, last: int) -> Iterator[int]:
    at = reset.after(first)
    while at <= last:
        yield at
        at = reset.after(at)
