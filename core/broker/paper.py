"""Fills from bars. What a bar hides is decided against the order.

- An order sees the bars that open at or after its placing, the first price of each being its open. A bar that goes on
  after the order's end counts with its open only.
- At the open: market orders trade; limits trade at the open if it is as good or better; stops that the open has jumped
  over trade at the open, not at their price.
- Within the bar: a stop trades at its price plus slippage, a limit at its price. Stops go first, then what lies nearer
  to the open: a stop and a target in the same bar are a stop.
- A bar's share of the volume bounds stops as well. What it leaves of a stop that was touched trades from the next open
  on, still before all others, and at that open only if it is worse than where the stop was to trade; the limit of a
  stop-limit holds.
- An exit whose entry filled within the bar: its stop counts with the whole bar, its target only if the close proves it.
- A trailing stop is tested at the open where it stood before the bar. It follows the open, which was surely first, and
  the rest of the bar is tested there; then it follows the bar's extreme, and the close, which came later, may touch it.
- Fills within a bar are known, and stamped, at its close.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from core.bars import Bars
from core.broker.book import Desk, PaperBook, Report, Working
from core.broker.costs import Costs
from core.orders import Event, EventKind, Execution, OrderType, Side, Source, TimeInForce


@dataclass(frozen=True)
class _Bar:
    time: int
    end: int
    open: float
    high: float
    low: float
    close: float
    volume: float


def step(
    book: PaperBook, bars: Bars, costs: Costs, only: Collection[str] | None = None
) -> tuple[PaperBook, tuple[Report, ...]]:
    """The book after `bars`, and what happened, in order. Bars that it has seen are passed over, so that feeding them
    one by one, in pieces or with repeats gives the same. `only` names the orders that may trade (None: all).
    """
    desk = Desk(book)
    for bar in _rows(bars):
        if bar.end > desk.through:
            _Session(desk, bar, costs, only).run()
            desk.through = bar.end
    return desk.book(), tuple(desk.reports)


def _rows(bars: Bars) -> Iterator[_Bar]:
    columns = (bars.time, bars.close_time, bars.open, bars.high, bars.low, bars.close, bars.volume)
    for row in zip(*(column.tolist() for column in columns), strict=True):
        yield _Bar(*row)


class _Session:
    """One bar of trading."""

    def __init__(self, desk: Desk, bar: _Bar, costs: Costs, only: Collection[str] | None) -> None:
        self.desk, self.bar, self.costs, self.only = desk, bar, costs, only
        self.room = costs.capacity(bar.volume)
        self.born: dict[str, bool] = {}

    def run(self) -> None:
        """Expire, trade at the open, then within the bar."""
        for one in self._live():
            if one.terms.until is not None and one.terms.until <= self.bar.time:
                self._say(one, Event(EventKind.EXPIRED, one.terms.until, Source.PAPER, "Its time was over."))
        for one in self._live():
            # A child that can already trade has seen its entry before this bar; the others are born within it.
            self.born[one.id] = self.desk.openable(one) <= 0
        self._at_open()
        self._end_at_once()
        self._within()
        self._follow()

    def _live(self) -> list[Working]:
        """Orders that may trade on this bar."""
        found = [one for one in self.desk.orders.values() if one.live and one.placed_at <= self.bar.time]
        return found if self.only is None else [one for one in found if one.id in self.only]

    def _tradable(self) -> list[Working]:
        return [one for one in self._live() if one.id in self.born and self.desk.openable(one) > 0]

    def _say(self, one: Working, event: Event) -> None:
        if self.desk.orders[one.id].live:
            self.desk.say(one.id, event)

    # -- the open ------------------------------------------------------------------------------------------------
    def _at_open(self) -> None:
        tried: set[str] = set()
        while (one := next((one for one in self._by_rank() if one.id not in tried), None)) is not None:
            tried.add(one.id)
            # What an entry opened at the open leaves, its exits see from the open on.
            self.born[one.id] = False
            self._trail_from(one, self.costs.quote(self.bar.open, one.terms.side))
            price = self._open_price(self.desk.orders[one.id])
            if price is not None:
                self._fill(one.id, price, self.bar.time)
            self._ratchet(one.id, self.bar.open)

    def _by_rank(self) -> list[Working]:
        return sorted(self._tradable(), key=lambda one: not _is_first(one))

    def _open_price(self, one: Working) -> float | None:
        side, terms = one.terms.side, one.terms
        quote = self.costs.quote(self.bar.open, side)
        stop = _stop(one)
        if stop is not None:
            if side * (quote - stop) < 0:
                return None
            self.desk.put(one := replace(one, elected=True))
        if terms.type.has_limit and terms.limit is not None:
            return _worse(quote, one) if side * (terms.limit - quote) >= 0 else None
        return _worse(self.costs.slipped(quote, side), one)

    def _end_at_once(self) -> None:
        for one in self._live():
            if one.terms.tif.at_once and one.parent is None:
                self.desk.cancel(one.id, self.bar.time, "Not filled at once.")

    # -- within the bar --------------------------------------------------------------------------------------------
    def _within(self) -> None:
        tried: set[str] = set()
        while True:
            open_ = [one for one in self._tradable() if one.id not in tried and not self._ends_within(one)]
            touched = [(one, price) for one in open_ if (price := self._touched(one)) is not None]
            if not touched:
                return
            one, price = min(touched, key=self._urgency)
            tried.add(one.id)
            one = self.desk.orders[one.id]
            self.desk.put(replace(one, elected=one.elected or _is_stop(one)))
            self._fill(one.id, price, self.bar.end)

    def _urgency(self, touched: tuple[Working, float]) -> tuple[bool, float]:
        one, price = touched
        return not _is_first(self.desk.orders[one.id]), abs(price - self.bar.open)

    def _ends_within(self, one: Working) -> bool:
        return one.terms.until is not None and one.terms.until < self.bar.end

    def _touched(self, one: Working) -> float | None:
        """The price at which the bar reaches the order after its open; None if it does not."""
        side, terms = one.terms.side, one.terms
        self._trail_from(one, self._entry_price(one))
        one = self.desk.orders[one.id]
        stop = _stop(one)
        against = self.costs.quote(self.bar.high if side is Side.BUY else self.bar.low, side)
        if stop is not None:
            if side * (against - stop) < 0:
                return None
            slipped = self.costs.slipped(stop, side)
            return slipped if terms.limit is None else side * min(side * slipped, side * terms.limit)
        if terms.limit is None:
            return None
        best = self.bar.low if side is Side.BUY else self.bar.high
        reached = self.costs.quote(self.bar.close if self.born[one.id] else best, side)
        return terms.limit if side * (terms.limit - reached) >= 0 else None

    # -- trailing stops --------------------------------------------------------------------------------------------
    def _entry_price(self, one: Working) -> float:
        """Where an exit born within the bar began: the price of its entry's last fill."""
        parent = self.desk.orders.get(one.parent or "")
        if parent is None or not parent.order.executions:
            return self.bar.open
        return float(parent.order.executions[-1].price)

    def _trail_from(self, one: Working, price: float) -> None:
        if one.terms.type is OrderType.TRAILING_STOP and one.level is None:
            start = one.terms.stop if one.terms.stop is not None else _behind(one, price)
            self.desk.put(replace(self.desk.orders[one.id], level=start))

    def _follow(self) -> None:
        for one in self._tradable():
            if one.terms.type is not OrderType.TRAILING_STOP or one.level is None or one.elected:
                continue
            side = one.terms.side
            extreme = self.bar.low if side is Side.BUY else self.bar.high
            level = self._ratchet(one.id, self.bar.close if self.born[one.id] else extreme)
            close = self.costs.quote(self.bar.close, side)
            if level is not None and side * (close - level) >= 0 and not self._ends_within(one):
                self.desk.put(replace(self.desk.orders[one.id], elected=True))
                self._fill(one.id, self.costs.slipped(level, side), self.bar.end)

    def _ratchet(self, id_: str, middle: float) -> float | None:
        """Let a trailing stop that was not touched follow the market to a middle; where it stands then."""
        one = self.desk.orders[id_]
        if one.terms.type is not OrderType.TRAILING_STOP or one.level is None or one.elected or not one.live:
            return None
        side = one.terms.side
        level = side * min(side * one.level, side * _behind(one, self.costs.quote(middle, side)))
        self.desk.put(replace(one, level=level))
        return level

    # -- fills -----------------------------------------------------------------------------------------------------
    def _fill(self, id_: str, price: float, time: int) -> None:
        one = self.desk.orders[id_]
        wanted = self.desk.openable(one)
        quantity = wanted if self.room is None else min(wanted, self.room)
        if one.elected:
            self.desk.put(one := replace(one, owed=price if quantity < wanted else None))
        if quantity <= 0 or (one.terms.tif is TimeInForce.FOK and quantity < wanted):
            return
        if self.room is not None:
            self.room -= quantity
        at = self.costs.on_tick(price, one.terms.side)
        number = len(one.order.executions) + 1
        commission = self._commission(one, quantity, at)
        execution = Execution(f"{id_}#{number}", quantity, at, commission=commission)
        self.desk.say(id_, Event(EventKind.FILL, time, Source.PAPER, execution=execution))
        if time == self.bar.end:
            self.born |= {child.id: True for child in self.desk.orders.values() if child.parent == id_}

    def _commission(self, one: Working, quantity: Decimal, price: Decimal) -> Decimal:
        """What this fill adds to the commission of the whole order. Costs that were lowered since give nothing back."""
        model, unit = self.costs.commission, self.costs.unit_value
        done = one.order.executions
        before = sum((part.quantity for part in done), Decimal(0))
        value = sum((part.quantity * part.price * unit for part in done), Decimal(0))
        charged = sum((part.commission for part in done), Decimal(0))
        return max(Decimal(0), model.total(before + quantity, value + quantity * price * unit) - charged)


def _is_stop(one: Working) -> bool:
    return _stop(one) is not None


def _is_first(one: Working) -> bool:
    """Stops, and what a bar left of them."""
    return _is_stop(one) or one.owed is not None


def _worse(price: float, one: Working) -> float:
    """`price`, or what a touched stop was to trade at when a bar had no room for it."""
    side = one.terms.side
    return price if one.owed is None else side * max(side * price, side * one.owed)


def _stop(one: Working) -> float | None:
    """The price that sets it off; None for what trades or waits for its limit already."""
    if one.elected:
        return None
    return (
        one.level if one.terms.type is OrderType.TRAILING_STOP else one.terms.stop if one.terms.type.has_stop else None
    )


def _behind(one: Working, price: float) -> float:
    """A trailing stop's place behind a price."""
    distance = one.terms.trail if one.terms.trail is not None else price * (one.terms.trail_percent or 0.0) / 100
    return price + one.terms.side * distance
