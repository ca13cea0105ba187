"""What a trade is worth, by its fills: the one place where its quantity, averages, risk, result and R come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal
from fractions import Fraction

from core.errors import ParameterError
from core.risk import exact, plain

PLACES = 8
_UNITS = 10**PLACES
# Large enough for a sum of any money column, which has eight places.
_WIDE = Context(prec=80)
ZERO = Decimal(0)


@dataclass(frozen=True)
class Fill:
    """One execution. `fee` and `swap` are costs (a credit is negative). `stated` is what the broker says the fill made
    before costs, in the account's currency; None: it follows from the prices. `stop` is the one in force at that time.
    """

    entry: bool
    quantity: Decimal
    price: float
    at: datetime
    fee: Decimal = ZERO
    swap: Decimal = ZERO
    stated: Decimal | None = None
    stop: float | None = None


@dataclass(frozen=True)
class Figures:
    """What follows from the fills, in the account's currency; see `trade_figures`."""

    quantity: Decimal
    open_quantity: Decimal
    entry_price: float
    exit_price: float | None
    fees: Decimal
    swap: Decimal
    risk: Decimal | None
    pnl: Decimal | None
    r_multiple: float | None
    opened_at: datetime
    closed_at: datetime | None
    realised: tuple[Decimal, ...]

    @property
    def status(self) -> str:
        """`open` or `closed`."""
        return "open" if self.closed_at is None else "closed"


@dataclass
class _Book:
    """What is open, at which cost, and what has been made so far."""

    size: Fraction = Fraction(0)
    cost: Fraction = Fraction(0)
    gross: Fraction = Fraction(0)


def trade_figures(
    direction: int, fills: Sequence[Fill], point_value: Decimal, first_stop: float | None = None
) -> Figures:
    """The figures of a trade of `direction` +1 or -1 from its fills, in the order of time.

    - `quantity` is all that was entered, `open_quantity` what is left of it.
    - `entry_price` is the average cost of what is open; of a closed trade the average of all its entries.
      `exit_price` is the average of all exits; None before the first.
    - `realised` has one amount a fill: an exit makes direction x (price - average cost) x quantity x point value, or
      what the broker stated, less its costs; an entry only has costs. Exits are rounded to 8 places so that their sum
      is exact.
    - `pnl` is the sum of `realised`; None while there is neither an exit nor a cost.
    - `risk` is the money lost if all entries had met the stop in force at their time, or `first_stop` where none was
      yet. An entry beyond its stop risks nothing. None without a stop, or when nothing was at risk.
    - `r_multiple` = pnl / risk of a closed trade that has a risk.

    Raises:
        ParameterError: no entry first, more exits than entries, a fill after the close, or fills out of order.
    """
    _check(fills)
    book, realised = _Book(), []
    for fill in fills:
        realised.append(_book(book, fill, direction, point_value))
    entries, exits = [fill for fill in fills if fill.entry], [fill for fill in fills if not fill.entry]
    closed = book.size == 0
    spent = any(fill.fee or fill.swap for fill in fills)
    pnl = _total(realised) if exits or spent else None
    risk = _risk(direction, entries, point_value, first_stop)
    return Figures(
        quantity=_total([fill.quantity for fill in entries]),
        open_quantity=_amount(book.size),
        entry_price=_average(entries) if closed else float(book.cost / book.size),
        exit_price=_average(exits) if exits else None,
        fees=_total([fill.fee for fill in fills]),
        swap=_total([fill.swap for fill in fills]),
        risk=risk,
        pnl=pnl,
        r_multiple=float(pnl / risk) if closed and pnl is not None and risk else None,
        opened_at=fills[0].at,
        closed_at=fills[-1].at if closed else None,
        realised=tuple(realised),
    )


def _book(book: _Book, fill: Fill, direction: int, point_value: Decimal) -> Decimal:
    """Put one fill into the book; what it realised."""
    size, value = Fraction(fill.quantity), Fraction(fill.quantity) * Fraction(exact(fill.price))
    costs = fill.fee + fill.swap
    if fill.entry:
        book.size, book.cost = book.size + size, book.cost + value
        return (fill.stated or ZERO) - costs
    cost = book.cost * size / book.size
    before, book.gross = _amount(book.gross), book.gross + direction * (value - cost) * Fraction(point_value)
    book.size, book.cost = book.size - size, book.cost - cost
    # The difference of two rounded sums: what one exit is rounded by, the next makes good.
    gross = _amount(book.gross) - before if fill.stated is None else fill.stated
    return gross - costs


def _risk(direction: int, entries: Sequence[Fill], point_value: Decimal, first_stop: float | None) -> Decimal | None:
    total = Fraction(0)
    for fill in entries:
        stop = first_stop if fill.stop is None else fill.stop
        if stop is None:
            return None
        distance = direction * (Fraction(exact(fill.price)) - Fraction(exact(stop)))
        total += max(Fraction(0), distance) * Fraction(fill.quantity) * Fraction(point_value)
    return _amount(total) or None


def _average(fills: Sequence[Fill]) -> float:
    size = sum((Fraction(fill.quantity) for fill in fills), Fraction(0))
    return float(sum((Fraction(fill.quantity) * Fraction(exact(fill.price)) for fill in fills), Fraction(0)) / size)


def _total(amounts: Sequence[Decimal]) -> Decimal:
    total = ZERO
    for amount in amounts:
        total = _WIDE.add(total, amount)
    return total


def _amount(value: Fraction) -> Decimal:
    """A fraction at eight places, half to even."""
    return _WIDE.scaleb(Decimal(round(value * _UNITS)), -PLACES)


def _check(fills: Sequence[Fill]) -> None:
    if not fills or not fills[0].entry:
        raise ParameterError("A trade begins with an entry: state when and at which price it was opened.")
    held = ZERO
    for place, fill in enumerate(fills):
        if place and held == 0:
            raise ParameterError("The trade was closed before this fill: open another one.", fill)
        if place and fill.at < fills[place - 1].at:
            raise ParameterError("The fills of a trade follow each other in time: correct the time.", fill)
        if not fill.entry and fill.quantity > held:
            raise ParameterError(f"Only {plain(held)} is open: close that or less.", fill)
        held += fill.quantity if fill.entry else -fill.quantity
