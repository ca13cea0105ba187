"""What orders may still close: the open trades of an account in a symbol, each held at the broker that filled it.

A trade is held where the orders of the ticket that opened it were sent. One that was booked or imported by hand is held
nowhere that the desk sends orders to: orders on paper may close it, those of a real broker may not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlmodel import Session, col, select

from core.broker import Effect, Holding, PaperBook, Report, Working, settle
from core.orders import Leg, Side, Source, leg_reference
from db.models import BrokerOrder, OrderTicket, Trade
from db.store.moments import to_ms
from db.store.orders.rows import IBKR, PAPER, executions_of, live_orders, with_executions
from db.store.orders.terms import from_json, terms_of


def held_trades(session: Session, account_id: int, symbol_id: int, broker: str) -> list[tuple[Trade, int | None]]:
    """Open trades that orders at `broker` may close, the oldest first, each with its ticket; None: made by hand."""
    mine = col(OrderTicket.broker) == broker
    query = select(Trade, OrderTicket.id).outerjoin(OrderTicket, col(OrderTicket.trade_id) == col(Trade.id))
    query = query.where(
        Trade.account_id == account_id,
        Trade.symbol_id == symbol_id,
        Trade.status == "open",
        col(Trade.deleted_at).is_(None),
        mine | col(OrderTicket.id).is_(None) if broker == PAPER else mine,
    )
    query = query.order_by(col(Trade.opened_at), col(Trade.id)).with_for_update(of=Trade)
    session.flush()
    return list(session.exec(query.execution_options(populate_existing=True)))


def held_at(session: Session, trade_id: int) -> str | None:
    """The broker that holds a trade; None for one that was made by hand."""
    return session.exec(select(OrderTicket.broker).where(OrderTicket.trade_id == trade_id)).first()


def holdings(session: Session, account_id: int, symbol_id: int, broker: str) -> tuple[Holding, ...]:
    """The same as the broker's book has them."""
    return tuple(
        Holding(_name(trade.id or 0, ticket), Side(trade.direction), trade.open_quantity, to_ms(trade.opened_at))
        for trade, ticket in held_trades(session, account_id, symbol_id, broker)
    )


def effects(session: Session, live: Sequence[tuple[BrokerOrder, OrderTicket]]) -> dict[str, tuple[Effect, str | None]]:
    """What each of these orders does to the holdings, and the name of the one that it reduces, by reference."""
    tickets = {ticket.id for _, ticket in live}
    query = select(BrokerOrder.ticket_id).where(col(BrokerOrder.ticket_id).in_(tickets), BrokerOrder.leg != Leg.ENTRY)
    brackets = set(session.exec(query)) if tickets else set()
    return {row.reference: _effect(session, row, ticket, ticket.id in brackets) for row, ticket in live}


def too_much(
    session: Session, account_id: int, symbol_id: int, time: int
) -> tuple[tuple[Report, ...], Mapping[str, BrokerOrder]]:
    """What of the orders at Interactive Brokers would have to be made smaller or cancelled at `time` (UTC ms).

    A wish that it has not yet granted counts as granted.
    """
    live = live_orders(session, account_id=account_id, symbol_id=symbol_id, broker=IBKR)
    rows = {row.reference: row for row, _ in live if not row.cancelling or row.leg == Leg.ENTRY}
    does = effects(session, live)
    if all(effect is not Effect.REDUCES for effect, _ in does.values()):
        return (), rows
    executions = executions_of(session, [row.id or 0 for row in rows.values()])
    working = []
    for row in rows.values():
        terms = terms_of(row) if row.wanted is None else from_json(row.wanted)
        order = replace(with_executions(row, executions[row.id or 0]), terms=terms)
        effect, closes = does[row.reference]
        working.append(Working(row.reference, order, 0, row.parent, effect=effect, closes=closes))
    book = PaperBook(tuple(working), holdings=holdings(session, account_id, symbol_id, IBKR))
    reports = settle(book, time, Source.DESK, "Less of what it closes is open.")[1]
    return tuple(one for one in reports if not rows[one.id].cancelling), rows


def _effect(session: Session, row: BrokerOrder, ticket: OrderTicket, bracket: bool) -> tuple[Effect, str | None]:
    if row.leg != Leg.ENTRY:
        return Effect.REDUCES, row.parent
    if ticket.closes is not None:
        opened = session.exec(select(OrderTicket.id).where(OrderTicket.trade_id == ticket.closes)).first()
        return Effect.REDUCES, _name(ticket.closes, opened)
    if ticket.reduces:
        return Effect.REDUCES, None
    return (Effect.OPENS if bracket or ticket.signal_id is not None else Effect.NETS), None


def _name(trade_id: int, ticket: int | None) -> str:
    """A trade goes by the order that opened it: its exits wait for that."""
    return f"trade:{trade_id}" if ticket is None else leg_reference(ticket, Leg.ENTRY)
