"""How the terms of a working order are changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from core.broker import modify
from core.challenge.room import Verdict
from core.errors import ConflictError, OrderError
from core.orders import Event, EventKind, Leg, Source, Status, Terms
from core.risk import plain
from db.models import BrokerOrder, OrderTicket, Symbol
from db.store.moments import to_ms
from db.store.orders.change_check import refused_change
from db.store.orders.market import market_now
from db.store.orders.paper import keep_book, load_book, step_symbol, take
from db.store.orders.state import PAPER, apply_event, ask_less, orders_of
from db.store.orders.terms import terms_of, to_json


def change(session: Session, row: BrokerOrder, symbol: Symbol, terms: Terms, now: datetime) -> Verdict | None:
    """Let an order have these terms, its exits the same quantity. The account has to be locked.

    Returns the rule that does not allow it, in which case nothing was changed.

    Raises:
        OrderError: side, type or the size of an exit would be others, or less than is filled already.
        ConflictError: nobody can say how the order stands.
    """
    before = terms_of(row)
    if (terms.side, terms.type) != (before.side, before.type):
        raise OrderError("A change keeps side and type: cancel the order and send another one.", "type")
    if terms.quantity <= row.filled:
        raise OrderError(f"{plain(row.filled)} are filled already: enter more, or cancel the rest.", "quantity")
    if row.leg != Leg.ENTRY and terms.quantity != before.quantity:
        raise OrderError("Stop and target are for what is open of the trade: change the size of the entry.", "quantity")
    if row.leg == Leg.ENTRY and before.oca and terms.quantity != before.quantity:
        words = "It closes the trade in place of its exits: cancel it, and send one of another size."
        raise OrderError(words, "quantity")
    if row.status == Status.UNKNOWN:
        raise ConflictError("Nobody can say how this order stands: decide that first.", row.id)
    ticket = session.get_one(OrderTicket, row.ticket_id)
    legs = {Leg(one.leg): one for one in orders_of(session, row.ticket_id) if not Status(one.status).final}
    changes = {row.reference: terms}
    if row.leg == Leg.ENTRY and terms.quantity != before.quantity:
        exits = (one for leg, one in legs.items() if leg is not Leg.ENTRY and not one.cancelling)
        changes |= {one.reference: replace(terms_of(one), quantity=terms.quantity) for one in exits}
    refused = refused_change(session, (row, ticket, symbol), legs, terms, now)
    if refused is not None:
        return refused
    if ticket.broker == PAPER:
        _on_paper(session, row, symbol, changes, now)
        return None
    by_reference = {one.reference: one for one in legs.values()}
    for reference, wanted in changes.items():
        one = by_reference[reference]
        one.wanted = to_json(wanted)
        words = "A change was asked for."
        apply_event(session, one, Event(EventKind.NOTED, to_ms(now), Source.PERSON, words), now)
    ask_less(session, row.account_id, row.symbol_id, to_ms(now), now)
    return None


def _on_paper(session: Session, row: BrokerOrder, symbol: Symbol, changes: dict[str, Terms], now: datetime) -> None:
    book, rows = load_book(session, row.account_id, row.symbol_id)
    for reference, terms in changes.items():
        book, reports = modify(book, reference, terms, to_ms(now), market_now(session, symbol, now))
        take(session, rows, reports, now)
        # A market that stands still is asked again: what can trade on the new terms, trades.
        rows[reference].paper = {name: kept for name, kept in rows[reference].paper.items() if name != "quoted"}
    keep_book(book, rows)
    session.flush()
    step_symbol(session, row.account_id, symbol, now)
