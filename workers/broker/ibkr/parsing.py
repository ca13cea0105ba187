"""Between ib_async's objects and the desk's. Pure: no socket, no clock."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import ib_async as ib

from core.broker.words import order_words
from core.orders import Event, EventKind, Execution, OrderType, Side, Source, Terms, TimeInForce
from core.risk import exact
from workers.broker.base import Charge, Instrument

UNSET: Final = 1.0e300
"""The gateway's largest double stands for 'not set'."""

_TYPES: Final = {
    OrderType.MARKET: "MKT",
    OrderType.LIMIT: "LMT",
    OrderType.STOP: "STP",
    OrderType.STOP_LIMIT: "STP LMT",
    OrderType.TRAILING_STOP: "TRAIL",
}
_SIDES: Final = {"BUY": Side.BUY, "BOT": Side.BUY, "SELL": Side.SELL, "SSHORT": Side.SELL, "SLD": Side.SELL}
_WORKING: Final = frozenset({"PreSubmitted", "Submitted"})
_CANCELLED: Final = frozenset({"Cancelled", "ApiCancelled"})
REDUCE_WITH_BLOCK: Final = 2
_REVISION: Final = re.compile(r"(.+)\.(\d+)")


@dataclass(frozen=True)
class Deal:
    """An execution at the broker, with the reference of its order and what it traded."""

    reference: str
    instrument: Instrument
    side: Side
    time: int
    execution: Execution


def to_order(terms: Terms, reference: str, account: str) -> ib.Order:
    """The order as the gateway is given it. DAY orders end with the session by themselves; GTD at their date."""
    order = ib.Order(
        action="BUY" if terms.side is Side.BUY else "SELL",
        totalQuantity=float(terms.quantity),
        orderType=_TYPES[terms.type],
        tif=terms.tif.value,
        orderRef=reference,
        account=account,
        ocaGroup=terms.oca,
        ocaType=REDUCE_WITH_BLOCK if terms.oca else 0,
    )
    if terms.limit is not None:
        order.lmtPrice = terms.limit
    if terms.type is OrderType.TRAILING_STOP:
        _trail(order, terms)
    elif terms.stop is not None:
        order.auxPrice = terms.stop
    if terms.tif is TimeInForce.GTD and terms.until is not None:
        order.goodTillDate = datetime.fromtimestamp(terms.until / 1000, UTC).strftime("%Y%m%d-%H:%M:%S")
    return order


def _trail(order: ib.Order, terms: Terms) -> None:
    if terms.trail is not None:
        order.auxPrice = terms.trail
    if terms.trail_percent is not None:
        order.trailingPercent = terms.trail_percent
    if terms.stop is not None:
        order.trailStopPrice = terms.stop


def to_contract(instrument: Instrument, number: int | None = None) -> ib.Contract:
    """The contract as the gateway is given it; with its number nothing is left to guess."""
    return ib.Contract(
        conId=number or 0,
        symbol=instrument.symbol,
        secType=instrument.kind,
        exchange=instrument.exchange,
        currency=instrument.currency,
        primaryExchange=instrument.primary,
    )


def instrument_of(contract: ib.Contract) -> Instrument:
    """What a contract of the gateway trades."""
    return Instrument(
        contract.symbol, contract.secType, contract.exchange or "SMART", contract.currency, contract.primaryExchange
    )


def status_event(status: str, time: int, source: Source, detail: str = "") -> Event | None:
    """What an order status says; None for what is on the way, and for Filled, which executions prove."""
    words = detail or status
    if status in _WORKING:
        return Event(EventKind.SUBMITTED, time, source, words)
    if status in _CANCELLED:
        return Event(EventKind.CANCELLED, time, source, words)
    return Event(EventKind.REJECTED, time, source, words) if status == "Inactive" else None


def in_time(event: Event, until: int | None) -> Event:
    """The gateway has no word for an order whose time is over: a cancel at or after its end is its end."""
    over = event.kind is EventKind.CANCELLED and until is not None and event.time >= until
    return replace(event, kind=EventKind.EXPIRED) if over else event


def deal_of(fill: ib.Fill) -> Deal:
    """An execution. Its id ends in a number that rises with each correction of it."""
    raw = fill.execution
    found = _REVISION.fullmatch(raw.execId)
    name, revision = (found[1], int(found[2])) if found else (raw.execId, 0)
    execution = Execution(name, exact(raw.shares), exact(raw.price), revision)
    time = int(raw.time.timestamp() * 1000)
    return Deal(raw.orderRef, instrument_of(fill.contract), _SIDES[raw.side], time, execution)


def fill_event(deal: Deal, source: Source) -> Event:
    """The event an execution is."""
    return Event(EventKind.FILL, deal.time, source, execution=deal.execution)


def charge_of(fill: ib.Fill) -> Charge | None:
    """The commission of an execution; None until the gateway has told it."""
    report = fill.commissionReport
    if not report.execId or abs(report.commission) >= UNSET:
        return None
    execution = deal_of(fill).execution
    return Charge(execution.id, execution.revision, report.currency, exact(report.commission))


def agrees(order: ib.Order, terms: Terms) -> bool:
    """Whether an order at the gateway has these terms, as far as prices and quantity go."""
    return (
        exact(float(order.totalQuantity)) == terms.quantity
        and _same(order.lmtPrice, terms.limit, terms.type.has_limit)
        and _same(order.auxPrice, terms.stop, terms.type.has_stop)
        and _same(order.auxPrice, terms.trail, terms.trail is not None)
        and _same(order.trailingPercent, terms.trail_percent, terms.trail_percent is not None)
    )


def size_of(order: ib.Order) -> Decimal | None:
    """What an order at the gateway is for; one that is over names what it traded instead. None: it says neither."""
    traded = float(order.filledQuantity)
    size = traded if 0 < traded < UNSET else float(order.totalQuantity)
    return exact(size) if 0 < size < UNSET else None


def in_words(order: ib.Order) -> str:
    """An order of the gateway in a few words: `BUY 10 LMT 99.5`."""
    levels = [exact(float(price)) for price in (order.lmtPrice, order.auxPrice) if price and float(price) < UNSET]
    return order_words(order.action, exact(float(order.totalQuantity)), order.orderType, levels)


def position_of(row: ib.Position) -> tuple[str, Decimal]:
    """Instrument key and units held."""
    return instrument_of(row.contract).key, exact(row.position)


def cash_of(values: list[ib.AccountValue], account: str) -> dict[str, Decimal]:
    """Cash by currency, without the gateway's own total in its base currency."""
    return {
        one.currency: Decimal(one.value)
        for one in values
        if one.tag == "CashBalance" and one.account == account and one.currency != "BASE"
    }


def _same(theirs: float | Decimal | None, ours: float | None, matters: bool) -> bool:
    return not matters or (theirs is not None and ours is not None and exact(float(theirs)) == exact(ours))
