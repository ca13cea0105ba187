"""From an execution into the journal: which trade it opens, adds to or takes off.

The entry of a ticket with exits, or of one from a signal, opens a trade of its own and adds to it; its exits take off
that trade. An order by hand takes off the trade it closes, else it closes the account's oldest open trades of that
symbol that go the other way and are held at its own broker; what is left opens a trade. An execution is a fact: it is
booked whatever the journal looked like before.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from core.errors import LedgerError, ParameterError
from core.journal.figures import Figures
from core.orders import Event, EventKind, Leg, OrderType, Status, Terms
from core.risk import plain
from db.models import BrokerOrder, OrderExecution, OrderTicket, OrderTransition, Symbol, Trade, TradeFill
from db.store.changes import add_to, set_level
from db.store.moments import from_ms
from db.store.orders.charges import correct_fills, fee_of, fills_of_execution
from db.store.orders.holdings import held_trades
from db.store.orders.levels import exit_level
from db.store.orders.market import last_bar
from db.store.orders.terms import terms_of
from db.store.orders.trace import trace_booking
from db.store.orders.trails import restarted, same_trail
from db.store.trades import Execution, add_fills, figures_with, fills_of, fit, get_open, keep

_MOVES = (EventKind.MODIFIED, EventKind.CANCELLED, EventKind.EXPIRED, EventKind.REJECTED)
_GONE = (Status.CANCELLED.value, Status.REJECTED.value, Status.EXPIRED.value)


def book_execution(
    session: Session, row: BrokerOrder, ticket: OrderTicket, execution: OrderExecution, step: int, now: datetime
) -> None:
    """Enter an execution into the journal, or correct what an earlier revision of it entered. `step` is its lineage."""
    again = execution.revision or _known_before(session, execution)
    if again and (fills := fills_of_execution(session, row.account_id, execution.execution)):
        execution.trade_fill_id = fills[0].id
        _correct(session, row, execution, fills, now)
        return
    at = min(from_ms(execution.time), now)
    fee, left, parts = fee_of(session, execution, row), execution.quantity, list[tuple[Trade | None, Decimal]]()
    for held in _closing(session, row, ticket):
        parts.append((held, min(left, held.open_quantity)))
        left -= parts[-1][1]
        if not left:
            break
    if left:
        parts.append((None, left))
    unshared = fee
    for number, (trade, quantity) in enumerate(parts):
        last = number == len(parts) - 1
        share = unshared if last else (fee * quantity / execution.quantity).quantize(Decimal("1e-8"))
        unshared -= share
        name = execution.execution if number == 0 else f"{execution.execution}/{number + 1}"
        part = Execution(trade is None, quantity, float(execution.price), at, share, external_id=name)
        if trade is None:
            _open(session, row, ticket, part, step, now)
        else:
            _add(session, trade, part, step, now)
        if number == 0:
            execution.trade_fill_id = _fill_id(session, row.account_id, name)


def _known_before(session: Session, execution: OrderExecution) -> bool:
    """Whether a person has reported it before the broker did."""
    query = select(OrderExecution.id).where(
        OrderExecution.execution == execution.execution, OrderExecution.revision < execution.revision
    )
    return session.exec(query.limit(1)).first() is not None


def follow_levels(
    session: Session, row: BrokerOrder, ticket: OrderTicket, before: Terms, event: Event, now: datetime
) -> None:
    """Let the stop or target of the ticket's open trade be where its order has it; `before` are its terms until now."""
    if row.leg == Leg.ENTRY or event.kind not in _MOVES:
        return
    terms, moved = terms_of(row), event.kind is EventKind.MODIFIED
    if moved and same_trail(before, terms):
        return
    trade = None if ticket.trade_id is None else get_open(session, ticket.trade_id)
    if trade is None:
        return
    field = "stop" if row.leg == Leg.STOP else "target"
    trails = moved and terms.type is OrderType.TRAILING_STOP
    last = last_bar(session, session.get_one(Symbol, row.symbol_id)) if trails else None
    level = restarted(terms, trade, last) if moved else None
    if getattr(trade, field) == level:
        return
    set_level(session, trade, field, level, min(from_ms(event.time), now), now, event.detail)


def _closing(session: Session, row: BrokerOrder, ticket: OrderTicket) -> Iterator[Trade]:
    """Open trades at its own broker that a fill of this order takes off, in their order."""
    first = ticket.trade_id if row.leg != Leg.ENTRY else ticket.closes
    if first is None and (ticket.signal_id is not None or _has_exits(session, ticket)):
        return
    held = [trade for trade, _ in held_trades(session, row.account_id, row.symbol_id, ticket.broker)]
    yield from sorted((one for one in held if one.direction == -row.side), key=lambda trade: trade.id != first)


def _has_exits(session: Session, ticket: OrderTicket) -> bool:
    query = select(BrokerOrder.id).where(BrokerOrder.ticket_id == ticket.id, BrokerOrder.leg != Leg.ENTRY.value)
    return session.exec(query.limit(1)).first() is not None


def _open(session: Session, row: BrokerOrder, ticket: OrderTicket, part: Execution, step: int, now: datetime) -> Trade:
    """Add to the ticket's trade, or open one."""
    trade = None if ticket.trade_id is None else get_open(session, ticket.trade_id)
    if trade is not None and trade.direction == row.side:
        return _add(session, trade, part, step, now)
    levels = _levels(session, ticket, part.price) if row.leg == Leg.ENTRY else {}
    trade = Trade(
        account_id=row.account_id,
        symbol_id=row.symbol_id,
        signal_id=_free_signal(session, ticket),
        direction=row.side,
        quantity=part.quantity,
        open_quantity=part.quantity,
        point_value=session.get_one(Symbol, row.symbol_id).point_value,
        entry_price=part.price,
        first_stop=levels.get("stop"),
        stop=levels.get("stop"),
        target=levels.get("target"),
        opened_at=part.at,
        note=ticket.note,
    )
    figures = figures_with(trade, [], [part])
    _check(figures)
    keep(trade, figures)
    session.add(trade)
    session.flush()
    add_fills(session, trade, [part], figures, now)
    ticket.trade_id = trade.id
    trace_booking(session, trade, "trade", _account(part), step, now)
    return trade


def _add(session: Session, trade: Trade, part: Execution, step: int, now: datetime) -> Trade:
    """Put one more fill into an open trade."""
    known = fills_of(session, trade.id or 0)
    # Fills of a trade follow each other: what arrives late is booked with the last one; the execution keeps its time.
    part = Execution(
        part.entry, part.quantity, part.price, max(part.at, known[-1].at), part.fee, external_id=part.external_id
    )
    figures = figures_with(trade, known, [part])
    _check(figures)
    add_to(session, trade, part, figures, now)
    trace_booking(session, trade, "fill" if trade.status == "open" else "close", _account(part), step, now)
    return trade


def _check(figures: Figures) -> None:
    """Raises LedgerError for sums that no money column holds."""
    if not fit(figures):
        raise LedgerError("The fill is out of all proportion to what a journal holds: look at its bars.", figures)


def _account(part: Execution) -> dict[str, str | float]:
    """What a booking says of itself."""
    return {"price": part.price, "quantity": plain(part.quantity), "at": part.at.isoformat(), "fee": plain(part.fee)}


def _levels(session: Session, ticket: OrderTicket, price: float) -> dict[str, float | None]:
    """Stop and target that the exits of a ticket stand for, its entry being filled at `price`."""
    query = select(BrokerOrder).where(BrokerOrder.ticket_id == ticket.id, col(BrokerOrder.status).not_in(_GONE))
    exits = [row for row in session.exec(query) if row.leg != Leg.ENTRY]
    return {"stop" if row.leg == Leg.STOP else "target": exit_level(terms_of(row), price) for row in exits}


def _free_signal(session: Session, ticket: OrderTicket) -> int | None:
    """The ticket's signal, unless it has its trade already."""
    if ticket.signal_id is None:
        return None
    taken = session.exec(select(Trade.id).where(Trade.signal_id == ticket.signal_id)).first()
    return ticket.signal_id if taken is None else None


def _fill_id(session: Session, account_id: int, name: str) -> int | None:
    query = select(TradeFill.id).where(TradeFill.account_id == account_id, TradeFill.external_id == name)
    return session.exec(query).first()


def _correct(
    session: Session, row: BrokerOrder, execution: OrderExecution, fills: list[TradeFill], now: datetime
) -> None:
    try:
        correct_fills(session, fills, execution.quantity, float(execution.price), now)
    except ParameterError as error:
        # The order knows the truth already; what the journal cannot follow is said where a person will see it.
        row.error = f"Correct the journal by hand: execution {execution.execution} was corrected. {error.message}"
        said = OrderTransition(
            order_id=row.id or 0, before=row.status, after=row.status, kind=EventKind.NOTED.value, source="desk",
            time=execution.time, detail=row.error, recorded_at=now,
        )  # fmt: skip
        session.add(said)
