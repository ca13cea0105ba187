"""Between ib_async's objects and ours, without a socket; and the frozen settings that keep paper and live apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import ib_async as ib
import pytest

from core.errors import BrokerError
from core.orders import Event, EventKind, Execution, Order, OrderType, Side, Source, Status, Terms, TimeInForce
from workers.broker.base import DifferenceKind, Holdings, Instrument, Intent
from workers.broker.ibkr.codes import Meaning, meaning
from workers.broker.ibkr.compare import holding_differences, order_differences
from workers.broker.ibkr.config import IbkrConfig
from workers.broker.ibkr.evidence import Complaint, gather, verdict
from workers.broker.ibkr.parsing import agrees, charge_of, deal_of, in_time, status_event, to_order

D = Decimal
AAPL = ib.Contract(conId=265598, symbol="AAPL", secType="STK", exchange="SMART", currency="USD")
LIMIT = Terms(Side.BUY, D(10), OrderType.LIMIT, limit=99.5)
ENTRY = "cr:1:entry"


@pytest.mark.parametrize(
    ("terms", "fields"),
    [
        (LIMIT, {"action": "BUY", "orderType": "LMT", "lmtPrice": 99.5, "totalQuantity": 10.0, "tif": "GTC"}),
        (Terms(Side.SELL, D(3)), {"action": "SELL", "orderType": "MKT"}),
        (Terms(Side.SELL, D(3), OrderType.STOP, stop=95.0), {"orderType": "STP", "auxPrice": 95.0}),
        (
            Terms(Side.SELL, D(3), OrderType.STOP_LIMIT, stop=95.0, limit=94.0),
            {"orderType": "STP LMT", "auxPrice": 95.0, "lmtPrice": 94.0},
        ),
        (
            Terms(Side.SELL, D(3), OrderType.TRAILING_STOP, trail=2.0, stop=93.0),
            {"orderType": "TRAIL", "auxPrice": 2.0, "trailStopPrice": 93.0},
        ),
        (Terms(Side.SELL, D(3), OrderType.TRAILING_STOP, trail_percent=2.0), {"trailingPercent": 2.0}),
        (replace(LIMIT, oca="cr:1"), {"ocaGroup": "cr:1", "ocaType": 2}),
        (
            replace(LIMIT, tif=TimeInForce.GTD, until=1_764_000_000_000),
            {"tif": "GTD", "goodTillDate": "20251124-16:00:00"},
        ),
    ],
)
def test_terms_become_the_gateways_order(terms: Terms, fields: dict[str, object]):
    order = to_order(terms, ENTRY, "DU1")
    assert {name: getattr(order, name) for name in fields} == fields
    assert (order.orderRef, order.account) == (ENTRY, "DU1")
    assert agrees(order, terms)


def test_other_terms_are_noticed():
    assert not agrees(to_order(LIMIT, ENTRY, "DU1"), replace(LIMIT, limit=99.51))
    assert not agrees(to_order(LIMIT, ENTRY, "DU1"), replace(LIMIT, quantity=D(9)))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("PreSubmitted", EventKind.SUBMITTED),
        ("Submitted", EventKind.SUBMITTED),
        ("Cancelled", EventKind.CANCELLED),
        ("ApiCancelled", EventKind.CANCELLED),
        ("Inactive", EventKind.REJECTED),
        ("Filled", None),
        ("PendingSubmit", None),
        ("PendingCancel", None),
        ("ValidationError", None),
    ],
)
def test_a_status_says_what_it_says_and_no_more(status: str, kind: EventKind | None):
    event = status_event(status, 5, Source.IBKR)
    assert (event and event.kind) == kind


def test_a_cancel_at_the_orders_own_end_is_its_end():
    event = status_event("Cancelled", 5, Source.IBKR)
    assert event is not None
    assert [in_time(event, until).kind for until in (None, 6, 5)] == [
        EventKind.CANCELLED,
        EventKind.CANCELLED,
        EventKind.EXPIRED,
    ]


def deal(name: str = "0000e0d5.00000001.01.01", shares: float = 4.0, **more: object) -> ib.Fill:
    time = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
    plain = {"execId": name, "time": time, "side": "BOT", "shares": shares, "price": 99.5, "orderRef": ENTRY}
    return ib.Fill(AAPL, ib.Execution(**plain | more), ib.CommissionReport(), time)


def test_an_execution_and_its_correction_have_one_id():
    first, second = deal_of(deal()), deal_of(deal("0000e0d5.00000001.01.02", 3.0))
    assert first.execution == Execution("0000e0d5.00000001.01", D("4.0"), D("99.5"), 1)
    assert (second.execution.id, second.execution.revision) == (first.execution.id, 2)
    assert (first.time, first.side, first.instrument.key) == (1_795_188_600_000, Side.BUY, "AAPL.STK.USD")


def test_a_commission_counts_once_it_is_known():
    fill = deal()
    assert charge_of(fill) is None
    reported = fill._replace(commissionReport=ib.CommissionReport(fill.execution.execId, 1.05, "USD"))
    charge = charge_of(reported)
    assert charge is not None
    assert (charge.execution, charge.revision, charge.amount) == ("0000e0d5.00000001.01", 1, D("1.05"))


def trade(status: str, reference: str = ENTRY, terms: Terms = LIMIT) -> ib.Trade:
    return ib.Trade(AAPL, to_order(terms, reference, "DU1"), ib.OrderStatus(status=status))


def intent(status: Status = Status.SUBMITTED, filled: int = 0) -> Intent:
    executions = (Execution("old", D(filled), D(99)),) if filled else ()
    return Intent(ENTRY, Instrument("AAPL"), Order(LIMIT, status, executions))


def words(*found: Event) -> list[str]:
    return [one.kind.value for one in found]


REJECTED, STRANGE = Complaint(201, "no money", Meaning.REJECTED), Complaint(77_777, "hm", Meaning.UNKNOWN)


@pytest.mark.parametrize(
    ("before", "open_", "over", "fills", "complaint", "events"),
    [
        (Status.INTENT, [], [], [], None, None),
        (Status.INTENT, [trade("Submitted")], [], [], None, ["submitted"]),
        (Status.INTENT, [], [trade("Filled")], [deal(shares=10.0)], None, ["fill"]),
        (Status.INTENT, [], [], [deal(shares=10.0)], None, ["fill"]),
        (Status.SUBMITTED, [], [trade("Cancelled")], [deal()], None, ["fill", "cancelled"]),
        (Status.SUBMITTED, [], [trade("Filled")], [deal()], None, ["fill", "lost"]),
        (Status.SUBMITTED, [], [], [], None, ["lost"]),
        (Status.SUBMITTED, [trade("Cancelled")], [], [], STRANGE, ["submitted", "noted"]),
        (Status.SUBMITTED, [], [], [], REJECTED, ["rejected"]),
        (Status.SUBMITTED, [], [trade("Cancelled")], [], REJECTED, ["rejected"]),
        (Status.SUBMITTED, [], [], [], STRANGE, ["lost"]),
        (Status.CANCELLED, [trade("Submitted")], [], [deal()], None, ["fill"]),
    ],
)
def test_what_the_gateway_shows_decides(before, open_, over, fills, complaint, events):
    found = verdict(intent(before), gather(open_, over, fills), complaint, 9)
    assert (None if found is None else words(*found)) == events


def test_codes_that_are_not_listed_are_never_an_answer():
    known = {202: Meaning.CANCELLED, 201: Meaning.REJECTED, 2104: Meaning.REMARK, 399: Meaning.REMARK}
    known |= {10148: Meaning.REQUEST_REFUSED, 103: Meaning.UNKNOWN, 10349: Meaning.UNKNOWN, 0: Meaning.UNKNOWN}
    assert {code: meaning(code) for code in known} == known


def test_differences_are_listed_in_words():
    alive = intent(Status.CANCELLED)
    evidence = gather([trade("Submitted"), trade("Submitted", "by hand")], [], [deal(orderRef="")])
    kinds = [one.kind for one in order_differences({ENTRY: alive}, evidence)]
    assert kinds == [DifferenceKind.FOREIGN_ORDER, DifferenceKind.FOREIGN_EXECUTION, DifferenceKind.ORDER_ALIVE]
    moved = gather([trade("Submitted", terms=replace(LIMIT, limit=90.0))], [], [])
    (terms,) = order_differences({ENTRY: intent()}, moved)
    assert (terms.kind, terms.theirs) == (DifferenceKind.TERMS, "BUY 10 LMT 90")
    double = gather([trade("Submitted"), trade("Submitted")], [], [])
    assert [one.kind for one in order_differences({ENTRY: intent()}, double)] == [DifferenceKind.CONTRADICTION]
    held = Holdings({"AAPL.STK.USD": D(5)}, {"USD": D("100.004")})
    found = holding_differences(held, [("AAPL.STK.USD", D(4)), ("AAPL.STK.USD", D(1))], {"USD": D(100), "EUR": D(7)})
    assert [(one.kind, one.subject, one.theirs) for one in found] == [(DifferenceKind.CASH, "EUR", "7.00")]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"port": 7496}, "trades real money"),
        ({"port": 4001}, "trades real money"),
        ({"port": 7497, "live": True}, "paper port, but live is on"),
        ({"port": 0}, "is no port"),
        ({"client": 0}, "no client id of its own"),
    ],
)
def test_paper_and_live_are_kept_apart_by_port(settings: dict[str, object], sentence: str):
    with pytest.raises(BrokerError, match=sentence):
        IbkrConfig(**settings)


def test_paper_and_live_are_kept_apart_by_account():
    paper, live = IbkrConfig(), IbkrConfig(port=7496, live=True)
    assert (paper.choose_account(["DU1"]), live.choose_account(["U1"])) == ("DU1", "U1")
    for config, accounts, sentence in (
        (paper, ["U1"], "U1 is a live account"),
        (live, ["DU1"], "DU1 is a paper account"),
        (paper, ["DU1", "DU2"], "has 2 accounts"),
        (replace(paper, account="DU3"), ["DU1"], "has no account DU3"),
    ):
        with pytest.raises(BrokerError, match=sentence):
            config.choose_account(accounts)
    assert [paper.waits(attempt) for attempt in (0, 1, 2, 99)] == [1.0, 2.0, 4.0, 60.0]
