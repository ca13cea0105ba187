"""The paper broker on the desk's data base: its book in the rows of the orders, its fills from the stored bars.

The same bars make the same fills, however often and by whomever it is looked at: what a bar does depends on the order,
on what the paper broker remembers of it, and on the bar. The account has to be locked.

A symbol without a feed stands still at its last close: what can trade there trades at that price with spread and
slippage, at the moment it is given; the rest waits for bars that somebody imports.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlmodel import Session

from core.bars import Bars
from core.broker import Effect, PaperBook, Report, Working, expire, place_bracket, settle, step
from core.broker.costs import Costs
from core.orders import Event, EventKind, Leg, Source, leg_reference
from core.timeframe import Timeframe
from db.models import FED, BrokerOrder, OrderTicket, Symbol
from db.store.bars.series import read_bars
from db.store.moments import to_ms
from db.store.orders.costs import costs_for, counts_volume
from db.store.orders.holdings import effects, holdings
from db.store.orders.market import Last, last_bar, market_now
from db.store.orders.state import (
    PAPER,
    apply_event,
    executions_of,
    live_orders,
    order_by_reference,
    orders_of,
    terms_of,
    with_executions,
)
from db.store.orders.trails import carry_trails

GRACE: Final = 3_600_000
"""So long (ms), and no less than a bar, after an order's end a bar may still arrive that opened before it. Then, or
once a later bar is there, it ends by the clock."""


def load_book(session: Session, account_id: int, symbol_id: int) -> tuple[PaperBook, dict[str, BrokerOrder]]:
    """The paper broker's book of an account in a symbol, and its rows by reference."""
    live = [
        row for row, _ in live_orders(session, account_id=account_id, symbol_id=symbol_id, broker=PAPER) if row.paper
    ]
    rows = {row.reference: row for row in live}
    for parent in {row.parent for row in live if row.parent is not None} - rows.keys():
        found = order_by_reference(session, parent)
        if found is not None:
            rows[parent] = found
    ordered = sorted(rows.values(), key=lambda row: row.id or 0)
    executions = executions_of(session, [row.id or 0 for row in ordered])
    tickets = [(row, session.get_one(OrderTicket, row.ticket_id)) for row in ordered]
    does = effects(session, tickets)
    working = tuple(_working(row, executions[row.id or 0], does[row.reference]) for row in ordered)
    through = max((row.paper.get("through", 0) for row in ordered), default=0)
    return PaperBook(working, through, holdings(session, account_id, symbol_id, PAPER)), rows


def keep_book(book: PaperBook, rows: Mapping[str, BrokerOrder]) -> None:
    """Keep what the paper broker remembers of each order."""
    for one in book.orders:
        row = rows[one.id]
        kept = {
            "placed_at": one.placed_at,
            "elected": one.elected,
            "owed": one.owed,
            "level": one.level,
            "reduced": str(one.reduced),
            "through": book.through,
        }
        kept |= {name: row.paper[name] for name in ("quoted", "volumes") if name in row.paper}
        if kept != row.paper:
            row.paper = kept


def take(
    session: Session, rows: Mapping[str, BrokerOrder], reports: Iterable[Report], now: datetime, since: int = 0
) -> int:
    """Let what the paper broker says happen; returns how many fills it were.

    Nothing happens before an order was given, or before `since` (UTC ms): a market that stands still has its own time.
    """
    fills = 0
    for report in reports:
        row = rows[report.id]
        event = replace(report.event, time=max(report.event.time, to_ms(row.created_at), since))
        apply_event(session, row, event, now)
        fills += event.execution is not None
    return fills


def accept(session: Session, ticket: OrderTicket, symbol: Symbol, now: datetime) -> None:
    """Take the orders of a new ticket into the book."""
    book, rows = load_book(session, ticket.account_id, ticket.symbol_id)
    legs = orders_of(session, ticket.id or 0)
    rows |= {row.reference: row for row in legs}
    # Settled when the order is given: what it may take of a bar must not hang on the moment at which somebody looks.
    volumes = counts_volume(session, symbol)
    for row in legs:
        row.paper = {"volumes": volumes}
    terms = {Leg(row.leg): terms_of(row) for row in legs}
    effect, closes = effects(session, [(row, ticket) for row in legs])[leg_reference(ticket.id or 0, Leg.ENTRY)]
    moment = market_now(session, symbol, now)
    book, reports = place_bracket(book, ticket.id or 0, terms, moment, effect, closes)
    take(session, rows, reports, now)
    keep_book(book, rows)


def follow_journal(session: Session, account_id: int, symbol_id: int, now: datetime) -> bool:
    """Reduce or cancel what would close more than is open since somebody changed the journal; whether anything was."""
    book, rows = load_book(session, account_id, symbol_id)
    book, reports = settle(book, to_ms(now), Source.DESK, "Less of what it closes is open.")
    take(session, rows, reports, now)
    keep_book(book, rows)
    return bool(reports)


def step_symbol(session: Session, account_id: int, symbol: Symbol, now: datetime) -> tuple[int, bool]:
    """Trade the paper orders of an account in a symbol up to the bars that are complete now.

    Returns the number of fills, and whether anything happened.
    """
    assert symbol.id is not None
    followed = follow_journal(session, account_id, symbol.id, now)
    book, rows = load_book(session, account_id, symbol.id)
    if not any(one.live for one in book.orders):
        return 0, followed
    fills, happened = _quote(session, account_id, symbol, now)
    if happened:
        book, rows = load_book(session, account_id, symbol.id)
    bars = _new_bars(session, symbol, book, to_ms(now))
    if len(bars):
        more, also = _run(session, (book, rows), (account_id, symbol), bars, now)
        fills, happened = fills + more, happened or also
    ended = symbol.source in FED and _expire(session, book, (account_id, symbol), now)
    moved = carry_trails(session, account_id, symbol.id, now)
    return fills, happened or followed or ended or moved


def _run(
    session: Session, at: tuple[PaperBook, dict[str, BrokerOrder]], of: tuple[int, Symbol], bars: Bars, now: datetime
) -> tuple[int, bool]:
    (book, rows), (account_id, symbol) = at, of
    after, reports = step(book, bars, _costs(session, symbol, book, rows))
    if not reports:
        keep_book(after, rows)
        return 0, False
    fills = 0
    # Bar by bar: what happens says which order is the oldest, and with it what trading costs.
    costs = _costs(session, symbol, book, rows)
    for place in range(len(bars)):
        before = book
        book, reports = step(book, bars[place : place + 1], costs)
        if not reports:
            continue
        # The stop in force at a fill is that of the bar before, however many bars this step has seen.
        keep_book(before, rows)
        carry_trails(session, account_id, symbol.id or 0, now)
        fills += take(session, rows, reports, now)
        keep_book(book, rows)
        through = book.through
        book, rows = load_book(session, account_id, symbol.id or 0)
        book, costs = replace(book, through=through), _costs(session, symbol, book, rows)
    keep_book(book, rows)
    return fills, True


def _expire(session: Session, known: PaperBook, of: tuple[int, Symbol], now: datetime) -> bool:
    """End what is over by the clock; `known` is the book before the bars."""
    (account_id, symbol), time = of, to_ms(now)
    if all(one.terms.until is None or one.terms.until > time for one in known.orders):
        return False
    book, rows = load_book(session, account_id, symbol.id or 0)
    late = time - max(GRACE, Timeframe(symbol.base_timeframe or Timeframe.M1).ms)
    book, reports = expire(book, max(late, min(time, book.through)))
    take(session, rows, reports, now)
    keep_book(book, rows)
    return bool(reports)


def _costs(session: Session, symbol: Symbol, book: PaperBook, rows: Mapping[str, BrokerOrder]) -> Costs:
    """What trading costs while the book is as it is: its oldest order says whether volumes count."""
    oldest = next((rows[one.id].paper for one in book.orders if one.live), {})
    return costs_for(session, symbol, volumes=oldest.get("volumes", False))


def _new_bars(session: Session, symbol: Symbol, book: PaperBook, now: int) -> Bars:
    """Bars that the book has not seen."""
    timeframe = Timeframe(symbol.base_timeframe or Timeframe.M1)
    live = [one.placed_at for one in book.orders if one.live]
    start = max(book.through, min(live, default=now))
    return read_bars(session, symbol.id or 0, timeframe, start=start, until=now if symbol.source in FED else None)


def _quote(session: Session, account_id: int, symbol: Symbol, now: datetime) -> tuple[int, bool]:
    """Where the market stands still: offer new orders the last close once. Whatever it can trade, it trades whole."""
    last = None if symbol.source in FED else last_bar(session, symbol)
    if last is None:
        return 0, False
    book, rows = load_book(session, account_id, symbol.id or 0)
    fresh = {one.id for one in book.orders if one.live and not rows[one.id].paper.get("quoted")}
    if not fresh:
        return 0, False
    costs = costs_for(session, symbol, volumes=False)
    through = book.through
    offered, reports = step(replace(book, through=0), _standing_bar(last), costs, only=fresh)
    fills = take(session, rows, reports, now, since=to_ms(now))
    # The bar was none: the next that is imported begins where the last one ended.
    keep_book(replace(offered, through=through), rows)
    for name in fresh:
        rows[name].paper = rows[name].paper | {"quoted": True}
        _tell_waiting(session, rows[name], symbol, now)
    session.flush()
    return fills, True


def _standing_bar(last: Last) -> Bars:
    return Bars.from_rows(Timeframe.M1, [(last.at, *[last.price] * 4, last.volume)])


def _tell_waiting(session: Session, row: BrokerOrder, symbol: Symbol, now: datetime) -> None:
    if row.status not in ("submitted", "partially_filled") or row.leg != Leg.ENTRY:
        return
    words = f"{symbol.name} has no feed: its market stands still, and the order waits for bars that you import."
    apply_event(session, row, Event(EventKind.NOTED, to_ms(now), Source.PAPER, words), now)


def _working(row: BrokerOrder, executions: tuple[Any, ...], does: tuple[Effect, str | None]) -> Working:
    kept = row.paper
    return Working(
        id=row.reference,
        order=with_executions(row, executions),
        placed_at=kept.get("placed_at", 0),
        parent=row.parent,
        elected=kept.get("elected", False),
        owed=kept.get("owed"),
        level=kept.get("level"),
        reduced=Decimal(kept.get("reduced", "0")),
        effect=does[0],
        closes=does[1],
    )
