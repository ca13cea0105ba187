"""Whether an order may have other terms: what is given up is free, what risks more has to pass every rule anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session

from core.challenge.room import Verdict
from core.errors import OrderError
from core.orders import Leg, OrderType, Terms, check_bracket
from core.risk import profit
from db.models import BrokerOrder, OrderTicket, Symbol, Trade
from db.store.accounts import get_account
from db.store.orders.check import answers_to, check_value
from db.store.orders.levels import entry_price, stop_level
from db.store.orders.market import Last, last_bar, order_time, rules_of
from db.store.orders.terms import from_json, terms_of
from db.store.orders.trails import restarted, same_trail
from db.store.trades import get_open

_NONE = Decimal(0)


def refused_change(
    session: Session,
    of: tuple[BrokerOrder, OrderTicket, Symbol],
    live: Mapping[Leg, BrokerOrder],
    terms: Terms,
    now: datetime,
) -> Verdict | None:
    """The rule that forbids one leg of a ticket to have these terms; `live` are its legs that are not over.

    A bracket whose entry works stays one that a broker could be given. Where a leg that opens grows, or more would be
    lost at the stop, every rule answers as to a new order; so it does for the stop of a position.

    Raises:
        OrderError: stop or target would be on the wrong side, or more would be closed than is open.
    """
    row, ticket, symbol = of
    known = {leg: terms_of(one) for leg, one in live.items()}
    # What was asked of a broker and not yet answered counts as granted.
    asked = {leg: terms_of(one) if one.wanted is None else from_json(one.wanted) for leg, one in live.items()}
    asked[Leg(row.leg)] = terms
    last = last_bar(session, symbol)
    if ticket.closes is not None:
        _check_closing(session, row, ticket, terms)
        return None
    entry = live.get(Leg.ENTRY)
    if entry is not None:
        _check_legs(session, of, asked, last, now)
    trade = None if ticket.trade_id is None else get_open(session, ticket.trade_id)
    held = _NONE if trade is None else trade.open_quantity
    price = None if trade is None else trade.entry_price
    if entry is None and (trade is None or row.leg != Leg.STOP):
        return None
    if trade is not None:
        known, asked = (_standing(legs, known, trade, last) for legs in (known, asked))
    before, after = (
        _exposure(legs, symbol, last, (held, price), _NONE if entry is None else entry.filled)
        for legs in (known, asked)
    )
    if not _grows(before, after):
        return None
    whole = asked if entry is not None or trade is None else asked | {Leg.ENTRY: _as_entry(trade, terms)}
    account = get_account(session, row.account_id)
    found = answers_to(session, account, symbol, whole, after[0], now, leave_out=ticket)
    return next((one for one in found if not one.ok), None)


def _check_closing(session: Session, row: BrokerOrder, ticket: OrderTicket, terms: Terms) -> None:
    if terms.quantity <= row.quantity:
        return
    trade = get_open(session, ticket.closes or 0)
    if trade is None or terms.quantity - row.filled > trade.open_quantity:
        raise OrderError("More than is open of the trade cannot be closed: enter less.", "quantity")


def _check_legs(
    session: Session,
    of: tuple[BrokerOrder, OrderTicket, Symbol],
    asked: Mapping[Leg, Terms],
    last: Last | None,
    now: datetime,
) -> None:
    row, ticket, symbol = of
    entry = asked[Leg.ENTRY]
    check_value(entry, entry_price(entry, last), symbol)
    # Exits may be for less already: of an entry that is partly filled, something was closed.
    legs = {leg: replace(one, quantity=entry.quantity) for leg, one in asked.items()}
    near = None if last is None or row.leg == Leg.ENTRY else last.price
    check_bracket(legs, rules_of(symbol), order_time(session, symbol, ticket.broker, now), near)


def _exposure(
    legs: Mapping[Leg, Terms],
    symbol: Symbol,
    last: Last | None,
    position: tuple[Decimal, float | None],
    filled: Decimal,
) -> tuple[Decimal, Decimal | None]:
    """Quantity held or still to be opened, and what all of it would lose at the stop; None without one."""
    held, held_price = position
    entry = legs.get(Leg.ENTRY)
    rest = _NONE if entry is None else entry.quantity - filled
    price = held_price if entry is None else entry_price(entry, last)
    stop = None if price is None else stop_level(legs, price)
    if price is None or stop is None:
        return held + rest, None
    side = -int(legs[Leg.STOP].side)
    lost = -profit(side, price, stop, rest, symbol.point_value)
    if held_price is not None:
        lost -= profit(side, held_price, stop, held, symbol.point_value)
    return held + rest, lost


def _standing(
    legs: Mapping[Leg, Terms], known: Mapping[Leg, Terms], trade: Trade, last: Last | None
) -> dict[Leg, Terms]:
    """The legs of a position with its trailing stop where it has come to, or where it starts anew on other terms."""
    stop = legs.get(Leg.STOP)
    if stop is None or stop.type is not OrderType.TRAILING_STOP:
        return dict(legs)
    level = trade.stop if same_trail(stop, known[Leg.STOP]) else restarted(stop, trade, last)
    return dict(legs) | {Leg.STOP: replace(stop, stop=level)}


def _grows(before: tuple[Decimal, Decimal | None], after: tuple[Decimal, Decimal | None]) -> bool:
    if after[0] > before[0]:
        return True
    # Without a stop there is no bound that could grow.
    return None not in (before[1], after[1]) and (after[1] or _NONE) > max(_NONE, before[1] or _NONE)


def _as_entry(trade: Trade, stop: Terms) -> Terms:
    """A position as the entry that a stop belongs to."""
    return Terms(stop.side.opposite, trade.open_quantity, limit=trade.entry_price)
