"""What orders that may still fill would do to an account: they count like open trades when one more is asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from sqlmodel import Session, col, select

from core.broker import Effect, Holdings
from core.challenge.room import AtStop
from core.orders import Leg, Side, Terms
from core.risk import profit
from db.models import BrokerOrder, OrderTicket, Symbol, Trade
from db.store.challenge.room_fees import commissions
from db.store.orders.holdings import effects, holdings
from db.store.orders.levels import entry_price, stop_level
from db.store.orders.market import last_bar
from db.store.orders.state import live_orders, terms_of

_NONE = Decimal(0)


def with_pending(
    session: Session, account_id: int, trades: Sequence[tuple[Trade, AtStop]], leave_out: int | None = None
) -> list[AtStop]:
    """Open trades and what working entries would add to them, each at its stop; the ticket `leave_out` stays out."""
    live = live_orders(session, account_id=account_id)
    symbols = _symbols(session, [row for row, _ in live])
    exits: defaultdict[int, dict[Leg, Terms]] = defaultdict(dict)
    for row, _ in live:
        if row.leg != Leg.ENTRY:
            exits[row.ticket_id][Leg(row.leg)] = terms_of(row)
    found = {trade.id: at_stop for trade, at_stop in trades}
    opening, more = opens(session, [one for one in live if one[1].id != leave_out]), []
    for row, ticket in live:
        if not opening.get(row.reference):
            continue
        legs, symbol = exits.get(row.ticket_id, {}), symbols[row.symbol_id]
        one = _at_stop(session, row, legs, symbol, opening[row.reference])
        if ticket.trade_id in found:
            found[ticket.trade_id] = _both(found[ticket.trade_id], one)
        else:
            more.append(replace(one, name=f"order {ticket.id} ({symbol.name})"))
    return [*found.values(), *more]


def opens(session: Session, live: Sequence[tuple[BrokerOrder, OrderTicket]]) -> dict[str, Decimal]:
    """How much each of an account's live orders would open if all of them filled, by reference.

    What is held is used up once: first by those that only reduce, then by the others in their order.
    """
    does = effects(session, live)
    held: dict[tuple[int, str], Holdings] = {}
    found = {}
    for row, ticket in sorted(live, key=lambda one: does[one[0].reference][0] is not Effect.REDUCES):
        effect, closes = does[row.reference]
        if row.leg != Leg.ENTRY:
            continue
        where = (row.symbol_id, ticket.broker)
        if where not in held:
            held[where] = Holdings(holdings(session, row.account_id, *where))
        left = row.quantity - row.filled
        if effect is not Effect.OPENS:
            left = held[where].take_off(Side(row.side), closes, left)
        found[row.reference] = _NONE if effect is Effect.REDUCES else left
    return found


def opening(live: Sequence[tuple[BrokerOrder, OrderTicket]], found: Mapping[str, Decimal]) -> list[BrokerOrder]:
    """Live orders that could open or add to a position, by what `opens` found, and that nobody has called off."""
    return [row for row, _ in live if found.get(row.reference) and not row.cancelling]


def _at_stop(
    session: Session, row: BrokerOrder, exits: Mapping[Leg, Terms], symbol: Symbol, quantity: Decimal
) -> AtStop:
    """What the order would make at its stop, commissions of both ways to be paid; without a stop no bound."""
    # The last bar is read only for what has no price of its own.
    price = entry_price(terms_of(row), None) or entry_price(terms_of(row), last_bar(session, symbol))
    stop = None if price is None else stop_level(exits, price)
    if price is None or stop is None:
        return AtStop("", None)
    pnl = profit(row.side, price, stop, quantity, symbol.point_value)
    return AtStop("", pnl, commissions(session, symbol, price, stop).of(quantity))


def _both(trade: AtStop, more: AtStop) -> AtStop:
    pnl = None if trade.pnl is None or more.pnl is None else trade.pnl + more.pnl
    return replace(trade, pnl=pnl, fees=trade.fees + more.fees)


def _symbols(session: Session, rows: Sequence[BrokerOrder]) -> dict[int, Symbol]:
    ids = {row.symbol_id for row in rows}
    return {one.id or 0: one for one in session.exec(select(Symbol).where(col(Symbol.id).in_(ids)))} if ids else {}
