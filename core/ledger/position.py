"""One instrument's position: open lots, and what closing them earned.

Signs: quantities, costs and values of long lots are positive, of short lots negative. Cost is conserved to the last
1e-8: what a part of a lot cost is rounded once, and the rest is what is left, so that realised plus unrealised always
equals cash flow plus market value.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from core.errors import LedgerError
from core.ledger.records import Fill, Split
from core.ledger.units import amount, share, units, worth


class Method(StrEnum):
    """Which lots a closing trade takes: a mixture of all at their average price, the oldest, or the newest."""

    AVERAGE = "average"
    FIFO = "fifo"
    LIFO = "lifo"


@dataclass(frozen=True)
class Lot:
    """Units opened together (by `AVERAGE`: all that are open, since the first), with what they cost."""

    time: int
    quantity: Decimal
    cost: Decimal


@dataclass(frozen=True)
class Closing:
    """Units that a fill took off a lot; `pnl` before fees."""

    time: int
    fill: str
    instrument: str
    opened_at: int
    quantity: Decimal
    cost: Decimal
    proceeds: Decimal
    pnl: Decimal


@dataclass(frozen=True)
class Position:
    """How an instrument stands, in its own currency. `quantity` 0 when flat.

    `cash_flow` is what all its trades brought (negative: cost) without fees; `realised` the P&L of closed units without
    fees; `fees`, `dividends` and `charges` stand beside it, `foreign` are charges in other currencies, by currency.
    `closings` in the order they happened.
    """

    instrument: str
    currency: str
    unit_value: Decimal
    quantity: Decimal
    cost: Decimal
    realised: Decimal
    fees: Decimal
    charges: Decimal
    dividends: Decimal
    cash_flow: Decimal
    lots: tuple[Lot, ...]
    closings: tuple[Closing, ...]
    foreign: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def average_price(self) -> Decimal | None:
        """What the open units cost each; None when flat."""
        return self.cost / (self.quantity * self.unit_value) if self.quantity else None

    @property
    def opened_at(self) -> int | None:
        """Time (UTC ms) of the oldest open lot; None when flat."""
        return min((lot.time for lot in self.lots), default=None)

    @property
    def net(self) -> Decimal:
        """Realised P&L with dividends, after fees and charges in its own currency."""
        return self.realised + self.dividends - self.fees - self.charges

    def market_value(self, price: Decimal) -> Decimal:
        """What the open units are worth at `price`."""
        return amount(worth(units(self.quantity), price, self.unit_value))

    def unrealised(self, price: Decimal) -> Decimal:
        """P&L of the open units at `price`."""
        return self.market_value(price) - self.cost


@dataclass
class _Lot:
    time: int
    quantity: int
    cost: int


class Running:
    """A position while it is being replayed; everything in 1e-8."""

    def __init__(
        self, instrument: str, currency: str, unit_value: Decimal, method: Method, *, closings: bool = True
    ) -> None:
        """Without `closings` what each closing made is not kept: it takes most of the time."""
        self.instrument, self.currency, self.unit_value, self.method = instrument, currency, unit_value, method
        self.lots: deque[_Lot] = deque()
        self.quantity = self.realised = self.fees = self.charges = self.dividends = self.cash_flow = 0
        self.foreign: dict[str, int] = {}
        self.closings: list[Closing] | None = [] if closings else None

    def fill(self, one: Fill) -> int:
        """Take a fill in; returns the cash it moves, fee included."""
        if (one.currency, one.unit_value) != (self.currency, self.unit_value):
            raise LedgerError(f"{one.instrument} changed its currency or unit value at {one.id}.", one)
        quantity, fee = units(one.quantity), units(one.fee)
        if quantity == 0 or not one.price.is_finite():
            raise LedgerError(f"Fill {one.id} of {one.quantity} at {one.price} is no trade.", one)
        return self.trade(one.time, one.id, quantity, worth(quantity, one.price, one.unit_value), fee)

    def trade(self, time: int, fill: str, quantity: int, value: int, fee: int) -> int:
        """Take in a fill that is counted in 1e-8 already; `value` is quantity x price x unit value."""
        self.fees += fee
        self.cash_flow -= value
        opening, open_value = quantity, value
        if self.quantity * quantity < 0:
            closing = -self.quantity if abs(quantity) > abs(self.quantity) else quantity
            close_value = share(value, closing, quantity)
            self._close(time, fill, closing, close_value)
            opening, open_value = quantity - closing, value - close_value
        if opening:
            self._open(time, opening, open_value)
        self.quantity += quantity
        return -value - fee

    def split(self, one: Split) -> None:
        """Units change, their cost stays; what is below 1e-8 of a unit is lost, as a broker pays it out in cash."""
        if one.new <= 0 or one.old <= 0:
            raise LedgerError(f"Split {one.id} of {one.new} for {one.old} is none.", one)
        total = _toward_zero(self.quantity * one.new, one.old)
        for lot in self.lots:
            lot.quantity = _toward_zero(lot.quantity * one.new, one.old)
        if self.lots:
            self.lots[-1].quantity += total - sum(lot.quantity for lot in self.lots)
        self.quantity = total

    def snapshot(self) -> Position:
        """The position as a value."""
        return Position(
            instrument=self.instrument,
            currency=self.currency,
            unit_value=self.unit_value,
            quantity=amount(self.quantity),
            cost=amount(sum(lot.cost for lot in self.lots)),
            realised=amount(self.realised),
            fees=amount(self.fees),
            charges=amount(self.charges),
            dividends=amount(self.dividends),
            cash_flow=amount(self.cash_flow),
            lots=tuple(Lot(lot.time, amount(lot.quantity), amount(lot.cost)) for lot in self.lots),
            closings=tuple(self.closings or ()),
            foreign={currency: amount(whole) for currency, whole in self.foreign.items()},
        )

    def _open(self, time: int, quantity: int, value: int) -> None:
        if self.method is Method.AVERAGE and self.lots:
            self.lots[0].quantity += quantity
            self.lots[0].cost += value
        else:
            self.lots.append(_Lot(time, quantity, value))

    def _close(self, time: int, fill: str, quantity: int, value: int) -> None:
        """`quantity` and `value` have the fill's sign, the lots the other one."""
        newest = self.method is Method.LIFO
        while quantity:
            lot = self.lots[-1 if newest else 0]
            taken = lot.quantity if abs(lot.quantity) <= abs(quantity) else -quantity
            cost = lot.cost if taken == lot.quantity else share(lot.cost, taken, lot.quantity)
            part = share(value, -taken, quantity)
            self._book(time, fill, lot.time, taken, cost, part)
            lot.quantity, lot.cost = lot.quantity - taken, lot.cost - cost
            quantity, value = quantity + taken, value - part
            if not lot.quantity:
                self.lots.pop() if newest else self.lots.popleft()

    def _book(self, time: int, fill: str, opened_at: int, taken: int, cost: int, part: int) -> None:
        pnl = -part - cost
        self.realised += pnl
        if self.closings is not None:
            sums = [amount(whole) for whole in (taken, cost, -part, pnl)]
            self.closings.append(Closing(time, fill, self.instrument, opened_at, *sums))


def _toward_zero(number: int, by: int) -> int:
    return number // by if number >= 0 else -(-number // by)
