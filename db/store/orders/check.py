"""Whether an order may be given: its terms, its account, what is open, the limits, the challenge and the guards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from sqlmodel import Session, select

from core.challenge.room import Verdict
from core.errors import ConflictError, DeskError, OrderError
from core.orders import Leg, Terms, check_bracket
from core.risk import plain
from db.models import FED, Account, BrokerContract, OrderTicket, Signal, Symbol, Trade
from db.money import storable
from db.store.challenge.room_fees import commissions
from db.store.guards import guard_answers
from db.store.limits import Intent, answers
from db.store.moments import from_ms
from db.store.orders.holdings import held_at, held_trades
from db.store.orders.levels import entry_price, stop_level
from db.store.orders.market import Last, day_end, last_bar, order_time, rules_of, with_day_end
from db.store.orders.state import IBKR, PAPER, live_orders
from db.store.orders.terms import to_json
from db.store.signals import get_signal, why_over
from db.store.standing import standing
from db.store.symbols import get_symbol
from db.store.trades import get_trade

BROKERS: Final = (PAPER, IBKR)
_NONE = Decimal(0)
_PLACES: Final = {PAPER: "on paper", IBKR: "at Interactive Brokers"}


@dataclass(frozen=True)
class OrderRequest:
    """What a person wants to send with one click. `key` is made when the form is opened: the same key is the same
    order. `legs` are those of `core.orders.bracket`, or the entry alone. `closes` is the trade that an order by hand is
    to close.
    """

    key: str
    account_id: int
    symbol_id: int
    legs: Mapping[Leg, Terms]
    broker: str = PAPER
    signal_id: int | None = None
    closes: int | None = None
    note: str = ""

    @property
    def entry(self) -> Terms:
        """What is sent first."""
        return self.legs[Leg.ENTRY]


@dataclass(frozen=True)
class Plan:
    """A request that a broker could work. `legs` have their ends, `opens` is the part of the quantity that opens or
    adds to a position (the rest closes one), `answers` are those of every rule to that part.
    """

    request: OrderRequest
    account: Account
    symbol: Symbol
    legs: Mapping[Leg, Terms]
    signal: Signal | None
    opens: Decimal
    answers: tuple[Verdict, ...]

    @property
    def refused(self) -> list[Verdict]:
        """The rules that say no, the gravest first."""
        return [one for one in self.answers if not one.ok]


def plan_order(session: Session, account: Account, request: OrderRequest, now: datetime) -> Plan:
    """Check a request; what the rules of the account answer is part of the plan, not an error.

    Raises:
        NotFoundError: no such symbol, signal or trade.
        OrderError: a broker could not work it.
        ConflictError: signal or trade are not what they were.
        DeskError: it does not fit the account.
    """
    symbol = get_symbol(session, request.symbol_id)
    if Leg.ENTRY not in request.legs or request.broker not in BROKERS:
        raise OrderError("An order needs its entry and a broker: paper or ibkr.", "entry")
    if symbol.currency != account.currency:
        raise DeskError(
            f"{symbol.name} is traded in {symbol.currency}, but the account holds {account.currency}: "
            "choose another account.",
            symbol.currency,
        )
    last, moment = last_bar(session, symbol), order_time(session, symbol, request.broker, now)
    if request.broker == IBKR:
        _check_contract(session, symbol)
    # A broker's day ends with the session, whichever bars are stored here.
    legs = _with_ends(request, symbol, last if request.broker == PAPER else None, moment)
    check_bracket(legs, rules_of(symbol), moment, None if last is None else last.price)
    price = entry_price(legs[Leg.ENTRY], last)
    check_value(legs[Leg.ENTRY], price, symbol)
    signal = _signal(session, request, symbol, now)
    opens = _opens(session, account, request)
    if opens and request.broker == IBKR:
        _check_priced(request.entry, symbol, last)
    found = answers_to(session, account, symbol, legs, opens, now) if opens else []
    return Plan(request, account, symbol, legs, signal, opens, tuple(found))


def request_json(request: OrderRequest) -> dict[str, Any]:
    """A request as JSON types, for the record of a refusal."""
    legs = {leg.value: to_json(terms) for leg, terms in request.legs.items()}
    return {"key": request.key, "broker": request.broker, "closes": request.closes, "legs": legs}


def answers_to(
    session: Session,
    account: Account,
    symbol: Symbol,
    legs: Mapping[Leg, Terms],
    quantity: Decimal,
    now: datetime,
    leave_out: OrderTicket | None = None,
) -> list[Verdict]:
    """Every rule's answer to opening `quantity` with these legs, the guards' first. `leave_out` is the ticket that they
    belong to already, which counts with its trade in `quantity`.

    Raises:
        OrderError: nobody knows a price yet.
    """
    entry = legs[Leg.ENTRY]
    price = entry_price(entry, last_bar(session, symbol))
    if price is None:
        raise OrderError(f"There is no price of {symbol.name} yet: wait for its first bar, or use a limit.", "type")
    stop = stop_level(legs, price)
    intent = Intent(int(entry.side), quantity, price, stop, now, fees=commissions(session, symbol, price, stop))
    state = standing(session, account, now, leave_out=leave_out)
    return guard_answers(session, account, now) + answers(account, symbol, intent, state)


def _check_contract(session: Session, symbol: Symbol) -> None:
    """A name alone is no contract: another market may bear it there."""
    known = session.exec(select(BrokerContract).where(BrokerContract.symbol_id == symbol.id)).first()
    if known is None:
        raise DeskError(
            f"Nobody has said what {symbol.name} is at Interactive Brokers: choose its contract at IBKR login.",
            symbol.name,
        )


def _check_priced(entry: Terms, symbol: Symbol, last: Last | None) -> None:
    """What has no price of its own is judged by the last close; where no feed renews it, that may be years old."""
    if symbol.source not in FED and last is not None and entry_price(entry, None) is None:
        raise OrderError(
            f"The last price of {symbol.name} is of {from_ms(last.at):%Y-%m-%d}, too old to judge by: use a limit.",
            "type",
        )


def _with_ends(request: OrderRequest, symbol: Symbol, last: Last | None, moment: int) -> Mapping[Leg, Terms]:
    """The legs with the end of their day and without a group, which the ticket will name."""
    end = day_end(symbol, last, moment)
    legs = {leg: replace(terms, until=with_day_end(terms, end), oca="") for leg, terms in request.legs.items()}
    return MappingProxyType(dict(sorted(legs.items(), key=lambda pair: list(Leg).index(pair[0]))))


def check_value(entry: Terms, price: float | None, symbol: Symbol) -> None:
    """Raises OrderError for a size that no money column holds."""
    value = entry.quantity * Decimal(str(price or 1.0)) * symbol.point_value
    if not (storable(entry.quantity) and storable(value)):
        size = plain(entry.quantity)
        raise OrderError(f"The size {size} is out of all proportion: enter what you want to trade.", "quantity")


def _signal(session: Session, request: OrderRequest, symbol: Symbol, now: datetime) -> Signal | None:
    if request.signal_id is None:
        return None
    signal = get_signal(session, request.signal_id)
    if signal.status != "new":
        why = f" ({signal.reason})" if signal.reason else ""
        raise ConflictError(f"This signal was already {signal.status}{why}: choose another one.", signal.status)
    if (signal.symbol_id, signal.direction) != (symbol.id, int(request.entry.side)) or request.closes is not None:
        raise OrderError("The order does not fit the signal: take its symbol and its side.", "side")
    over = why_over(session, symbol, signal, now)
    if over:
        raise ConflictError(f"This signal is over ({over}): choose another one.", "expired")
    return signal


def _opens(session: Session, account: Account, request: OrderRequest) -> Decimal:
    """The part of the quantity that no open trade of the other side, and no other order for it, takes up."""
    entry = request.entry
    if request.closes is not None:
        _check_closing(session, account, request)
        return _NONE
    if request.signal_id is not None or len(request.legs) > 1:
        return entry.quantity
    open_ = held_trades(session, account.id or 0, request.symbol_id, request.broker)
    held = sum((one.open_quantity for one, _ in open_ if one.direction == -int(entry.side)), _NONE)
    waiting = _waiting(session, account, request, None)
    return max(_NONE, entry.quantity - max(_NONE, held - waiting))


def _check_closing(session: Session, account: Account, request: OrderRequest) -> None:
    trade = get_trade(session, request.closes or 0, lock=True)
    if trade.status != "open" or trade.account_id != account.id or trade.symbol_id != request.symbol_id:
        raise ConflictError(f"Trade {trade.id} is not open in this account: see the journal.", trade.id)
    if trade.direction == int(request.entry.side) or len(request.legs) > 1 or request.signal_id is not None:
        raise OrderError("An order that closes a trade goes the other way and has no exits: correct it.", "side")
    _check_held(session, trade, request.broker)
    left = trade.open_quantity - _waiting(session, account, request, trade.id)
    if request.entry.quantity > left:
        raise OrderError(
            f"Of trade {trade.id} {plain(max(_NONE, left))} can still be closed, the rest is being closed already: "
            "enter that or less.",
            "quantity",
        )


def _check_held(session: Session, trade: Trade, broker: str) -> None:
    """A trade is closed where it is held; one that was made by hand is held nowhere, and on paper anybody may try."""
    where = held_at(session, trade.id or 0)
    if where == broker or (where is None and broker == PAPER):
        return
    if where is None:
        words = "was booked by hand, no order of this desk opened it: close it in the journal"
    else:
        words = f"is held {_PLACES[where]}: send the order there"
    raise ConflictError(f"Trade {trade.id} {words}.", trade.id)


def _waiting(session: Session, account: Account, request: OrderRequest, closes: int | None) -> Decimal:
    """What other single orders by hand at the same broker, for the same trade (None: any), have still to trade on the
    same side.
    """
    live = live_orders(session, account_id=account.id, symbol_id=request.symbol_id, broker=request.broker)
    tickets_with_exits = {row.ticket_id for row, _ in live if row.leg != Leg.ENTRY}
    return sum(
        (
            row.quantity - row.filled
            for row, ticket in live
            if row.side == int(request.entry.side)
            and row.leg == Leg.ENTRY
            and ticket.id not in tickets_with_exits
            and ticket.signal_id is None
            and (closes is None or ticket.closes == closes)
        ),
        _NONE,
    )
