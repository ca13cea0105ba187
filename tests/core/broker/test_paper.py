"""Fills of the paper broker: worked examples of every rule, and what holds for any orders and bars."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.bars import Bars
from core.broker import Commission, Costs, PaperBook, Report, cancel, modify, place, place_bracket, step
from core.orders import EventKind, Leg, OrderType, Side, Status, Terms, TimeInForce, bracket
from core.timeframe import Timeframe

D = Decimal
BUY, SELL = Side.BUY, Side.SELL
FREE = Costs()
MINUTE = 60_000


def bars(*rows: tuple[float, ...], volume: float = 1_000.0, start: int = 0) -> Bars:
    """One-minute bars from (open, high, low, close)."""
    return Bars.from_rows(Timeframe.M1, [((start + at) * MINUTE, *row, volume) for at, row in enumerate(rows)])


def order(side: Side, kind: OrderType = OrderType.MARKET, quantity: int = 10, **more: object) -> Terms:
    return Terms(side, D(quantity), kind, **more)


def said(reports: tuple[Report, ...], name: str = "a") -> list[tuple[str, str, str]]:
    """What happened to an order after it was placed: (kind, quantity, price)."""
    events = [one.event for one in reports if one.id == name and one.event.kind is not EventKind.SUBMITTED]
    fills = [(one.kind, one.execution) for one in events]
    return [(kind, str(fill.quantity), str(fill.price)) if fill else (kind, "", "") for kind, fill in fills]


def traded(terms: Terms, *rows: tuple[float, ...], costs: Costs = FREE, **more: object) -> list[tuple[str, str, str]]:
    book, _ = place(PaperBook(), "a", terms, 0)
    return said(step(book, bars(*rows, **more), costs)[1])


CALM, LIMIT, STOP = (100.0, 101.0, 99.0, 100.0), OrderType.LIMIT, OrderType.STOP


@pytest.mark.parametrize(
    ("terms", "rows", "price"),
    [
        (order(BUY), [CALM], "100.00"),
        (order(BUY, LIMIT, limit=99.5), [CALM], "99.50"),
        (order(BUY, LIMIT, limit=98.5), [CALM], None),
        (order(BUY, LIMIT, limit=98.5), [CALM, (97.0, 98.0, 96.0, 97.0)], "97.00"),
        (order(SELL, STOP, stop=99.0), [CALM], "99.00"),
        (order(SELL, STOP, stop=98.0), [CALM, (95.0, 96.0, 94.0, 95.0)], "95.00"),
        (order(BUY, STOP, stop=102.0), [CALM, (105.0, 106.0, 104.0, 105.0)], "105.00"),
        (order(BUY, OrderType.STOP_LIMIT, stop=100.5, limit=100.7), [CALM], "100.50"),
        # The open jumps over stop and limit; the price comes back to the limit within the bar.
        (order(BUY, OrderType.STOP_LIMIT, stop=102.0, limit=102.5), [CALM, (105.0, 106.0, 104.0, 105.0)], None),
        (order(BUY, OrderType.STOP_LIMIT, stop=102.0, limit=102.5), [CALM, (105.0, 106.0, 102.0, 105.0)], "102.50"),
    ],
)
def test_at_which_price_an_order_trades(terms: Terms, rows: list[tuple[float, ...]], price: str | None):
    assert traded(terms, *rows) == ([("fill", "10", price)] if price else [])


def test_spread_slippage_and_ticks_are_against_the_order():
    costs = Costs(spread=0.10, slippage_bps=10)
    # Ask 100.05, 10 basis points on top: 100.15005, rounded up to the next tick. The sell: 99.85005, rounded down.
    assert traded(order(BUY), CALM, costs=costs) == [("fill", "10", "100.16")]
    assert traded(order(SELL), CALM, costs=costs) == [("fill", "10", "99.85")]
    # A limit never slips, but needs the ask to come down to it: low 99.00 + 0.05.
    assert traded(order(BUY, LIMIT, limit=99.05), CALM, costs=costs) == [("fill", "10", "99.05")]
    assert traded(order(BUY, LIMIT, limit=99.04), CALM, costs=costs) == []
    # A sell stop is touched by the bid: low 99.00 - 0.05.
    assert traded(order(SELL, STOP, stop=98.95), CALM, costs=Costs(spread=0.10)) == [("fill", "10", "98.95")]


def test_commission_is_that_of_the_whole_order_however_it_was_filled():
    """0.005 a share, at least 1: 400 shares in two parts cost 2, not 1 + 1 + ..."""
    model = Commission(per_unit=D("0.005"), minimum=D(1), maximum_percent=D(1))
    costs = Costs(volume_share=0.1, commission=model)
    book, _ = place(PaperBook(), "a", order(BUY, quantity=400), 0)
    _, reports = step(book, bars(CALM, CALM, volume=3_000), costs)
    fills = [one.event.execution for one in reports if one.event.execution]
    assert [(str(one.quantity), str(one.commission)) for one in fills] == [("300", "1.50"), ("100", "0.50")]
    # 5 shares at 0.30: one percent of 1.50 is the most.
    assert model.total(D(5), D("1.50")) == D("0.02")


def test_a_bar_gives_no_more_than_its_share():
    parts = traded(order(BUY, quantity=250), *[CALM] * 3, costs=Costs(volume_share=0.1))
    assert parts == [("fill", "100", "100.00"), ("fill", "100", "100.00"), ("fill", "50", "100.00")]
    ioc = traded(order(BUY, quantity=250, tif=TimeInForce.IOC), CALM, CALM, costs=Costs(volume_share=0.1))
    assert ioc == [("fill", "100", "100.00"), ("cancelled", "", "")]
    fok = traded(order(BUY, quantity=250, tif=TimeInForce.FOK), CALM, CALM, costs=Costs(volume_share=0.1))
    assert fok == [("cancelled", "", "")]


def test_time_in_force():
    until = 2 * MINUTE
    limit = order(BUY, LIMIT, limit=90.0, tif=TimeInForce.DAY, until=until)
    assert traded(limit, CALM, CALM, (90.0, 91.0, 80.0, 85.0)) == [("expired", "", "")]
    # A bar that goes on after the end counts with its open only.
    late = order(BUY, LIMIT, limit=99.5, tif=TimeInForce.GTD, until=MINUTE + 1)
    book, _ = place(PaperBook(), "a", late, MINUTE)
    assert said(step(book, bars(CALM, CALM, CALM), FREE)[1]) == [("expired", "", "")]


def test_only_bars_that_open_after_the_placing_count():
    book, _ = place(PaperBook(), "a", order(BUY, LIMIT, limit=99.5), 1)
    _, reports = step(book, bars(CALM), FREE)
    assert said(reports) == []


def bracketed(
    entry: Terms, stop: float, target: float, *rows: tuple[float, ...], costs: Costs = FREE
) -> dict[str, str]:
    """Where each leg ended: its last word and the price of its last fill."""
    book, _ = place_bracket(PaperBook(), 7, bracket(entry, stop, target, "g"), 0)
    ends: dict[str, str] = {}
    for one in step(book, bars(*rows), costs)[1]:
        words = f" {one.event.execution.quantity}@{one.event.execution.price}" if one.event.execution else ""
        ends[one.id.split(":")[2]] = one.event.kind + words
    return ends


def test_stop_and_target_in_one_bar_are_a_stop():
    # The target is nearer to the open, and the close is beyond it.
    ends = bracketed(order(BUY), 96.0, 102.0, CALM, (100.0, 104.0, 95.0, 103.5))
    assert ends == {"entry": "fill 10@100.00", "stop": "fill 10@96.00", "target": "cancelled"}


@pytest.mark.parametrize(
    ("kind", "rows", "price"),
    [
        # The entry took the bar's whole share; the next open is better than the stop, then worse, then far worse.
        ({"type": STOP}, [(101.0, 107.0, 101.0, 102.0)], "95.00"),
        ({"type": STOP}, [(90.0, 91.0, 89.0, 90.0)], "90.00"),
        ({"type": OrderType.STOP_LIMIT, "limit": 94.0}, [(106.0, 107.0, 101.0, 102.0)], "95.00"),
        ({"type": OrderType.STOP_LIMIT, "limit": 94.0}, [(90.0, 94.0, 89.0, 90.0)], "94.00"),
    ],
)
def test_a_stop_that_the_volume_held_up_is_no_better_for_it(kind: dict, rows: list, price: str):
    legs = bracket(order(BUY, quantity=100), 95.0, 105.0, "g")
    legs[Leg.STOP] = replace(legs[Leg.STOP], **kind)
    book, _ = place_bracket(PaperBook(), 7, legs, 0)
    _, reports = step(book, bars((100.0, 100.0, 90.0, 92.0), *rows), Costs(volume_share=0.1))
    assert said(reports, "cr:7:stop") == [("fill", "100", price)]
    assert said(reports, "cr:7:target") == [("cancelled", "", "")]


def test_a_target_that_the_open_jumps_over_is_sure():
    ends = bracketed(order(BUY), 98.0, 103.0, CALM, (104.0, 105.0, 97.0, 98.0))
    assert ends == {"entry": "fill 10@100.00", "target": "fill 10@104.00", "stop": "cancelled"}


@pytest.mark.parametrize(
    ("entry", "row", "exit_"),
    [
        # Entered at the open: all of the bar came after it.
        (order(BUY), (100.0, 103.5, 99.0, 100.0), ("target", "fill 10@103.00")),
        # Entered within the bar: the high may have been before; only the close proves the target.
        (order(BUY, LIMIT, limit=99.5), (100.0, 103.5, 99.0, 100.0), None),
        (order(BUY, LIMIT, limit=99.5), (100.0, 103.5, 99.0, 103.2), ("target", "fill 10@103.00")),
        # The low may have been after the entry: it counts.
        (order(BUY, STOP, stop=101.0), (100.0, 101.5, 97.0, 101.0), ("stop", "fill 10@98.00")),
    ],
)
def test_exits_in_the_bar_of_their_entry(entry: Terms, row: tuple[float, ...], exit_: tuple[str, str] | None):
    ends = bracketed(entry, 98.0, 103.0, row)
    assert ends["entry"].startswith("fill 10")
    done = {leg: words for leg, words in ends.items() if words.startswith("fill") and leg != "entry"}
    assert done == (dict([exit_]) if exit_ else {})


def test_a_partly_filled_entry_is_protected_for_what_it_filled():
    """40 of 100 in the first bar, then the entry is cancelled: the exits close 40, no more."""
    entry = order(BUY, LIMIT, quantity=100, limit=100.0)
    book, _ = place_bracket(PaperBook(), 7, bracket(entry, 98.0, 103.0, "g"), 0)
    book, _ = step(book, bars((100.0, 100.5, 99.5, 100.0), volume=400), Costs(volume_share=0.1))
    book, reports = cancel(book, "cr:7:entry", MINUTE)
    assert [(one.id, one.event.kind) for one in reports] == [
        ("cr:7:entry", EventKind.CANCELLED),
        ("cr:7:target", EventKind.MODIFIED),
        ("cr:7:stop", EventKind.MODIFIED),
    ]
    _, reports = step(book, bars((100.0, 103.5, 99.5, 103.0), start=1), FREE)
    assert (said(reports, "cr:7:target"), said(reports, "cr:7:stop")) == (
        [("fill", "40", "103.00")],
        [("cancelled", "", "")],
    )


def test_an_entry_that_never_filled_takes_its_exits_with_it():
    book, _ = place_bracket(PaperBook(), 7, bracket(order(BUY, LIMIT, limit=90.0), 88.0, 95.0, "g"), 0)
    book, reports = cancel(book, "cr:7:entry", 5)
    assert {one.event.kind for one in reports} == {EventKind.CANCELLED}
    assert (len(reports), book.orders) == (3, ())


def test_a_trailing_stop_follows_and_never_goes_back():
    """2 behind: 98 at the open; the high of 105 takes it to 103; the next low of 102 sells at 103."""
    trail = order(SELL, OrderType.TRAILING_STOP, trail=2.0)
    rows = [(100.0, 105.0, 99.0, 104.5), (104.0, 104.0, 102.0, 103.5)]
    assert traded(trail, *rows) == [("fill", "10", "103.00")]
    # The close came after the high: 105 - 2 was touched on the way to 101.
    assert traded(trail, (100.0, 105.0, 99.0, 101.0)) == [("fill", "10", "103.00")]
    # Where it stood before the bar is tested first.
    assert traded(trail, (100.0, 105.0, 97.0, 104.5)) == [("fill", "10", "98.00")]
    # The open was surely before the low: 105 - 2.
    assert traded(trail, (100.0, 100.0, 100.0, 100.0), (105.0, 106.0, 98.5, 105.5)) == [("fill", "10", "103.00")]
    percent = order(BUY, OrderType.TRAILING_STOP, trail_percent=1.0)
    assert traded(percent, (100.0, 100.5, 90.0, 90.5), (90.6, 92.0, 90.0, 91.0)) == [("fill", "10", "90.90")]


def test_an_order_can_be_changed_and_cancelled():
    book, _ = place(PaperBook(), "a", order(BUY, LIMIT, limit=90.0), 0)
    book, _ = modify(book, "a", order(BUY, LIMIT, limit=99.5), 1)
    # The bar that goes on knows prices from before the change.
    assert said(step(book, bars(CALM, CALM), FREE)[1]) == [("fill", "10", "99.50")]
    assert step(book, bars(CALM), FREE)[1] == ()
    book, reports = cancel(book, "a", 2)
    assert (book.orders, said(reports)) == ((), [("cancelled", "", "")])


PRICE = st.integers(80, 120).map(float)
KINDS = st.sampled_from(
    [
        lambda side, p, q: Terms(side, q),
        lambda side, p, q: Terms(side, q, OrderType.LIMIT, limit=p),
        lambda side, p, q: Terms(side, q, OrderType.STOP, stop=p, oca="both"),
        lambda side, p, q: Terms(side, q, OrderType.STOP_LIMIT, stop=p, limit=p + side),
        lambda side, p, q: Terms(side, q, OrderType.TRAILING_STOP, trail=3.0),
        lambda side, p, q: Terms(side, q, OrderType.LIMIT, limit=p, tif=TimeInForce.GTD, until=90_000),
    ]
)
SINGLE = st.builds(
    lambda kind, side, price, quantity: kind(side, price, D(quantity)),
    KINDS, st.sampled_from(Side), PRICE, st.integers(1, 40),
)  # fmt: skip


@st.composite
def markets(draw: st.DrawFn) -> tuple[PaperBook, Bars, Costs]:
    """A few brackets and single orders, a random walk with gaps, and costs with or without a share of the volume."""
    book = PaperBook()
    for number in range(draw(st.integers(0, 3))):
        side, price = draw(st.sampled_from(Side)), draw(PRICE)
        entry = Terms(side, D(draw(st.integers(1, 40))), OrderType.LIMIT, limit=price)
        legs = bracket(entry, price - side * 2, price + side * 3, f"g{number}")
        book, _ = place_bracket(book, number, legs, 0)
    for number, terms in enumerate(draw(st.lists(SINGLE, max_size=4))):
        book, _ = place(book, f"s{number}", terms, draw(st.sampled_from([0, 60_000])))
    rows = np.array(draw(st.lists(st.tuples(PRICE, PRICE, PRICE, PRICE), min_size=1, max_size=8)))
    path = [(row[0], row.max(), row.min(), row[3]) for row in rows]
    volume = draw(st.sampled_from([50.0, 1_000.0]))
    share = draw(st.sampled_from([None, 0.1]))
    return book, bars(*path, volume=volume), Costs(spread=0.1, slippage_bps=2, volume_share=share)


@settings(max_examples=60)
@given(markets(), st.data())
def test_bar_by_bar_is_the_same_as_all_at_once(market: tuple[PaperBook, Bars, Costs], data: st.DataObject):
    book, path, costs = market
    whole = step(book, path, costs)
    cut = sorted(data.draw(st.lists(st.integers(0, len(path)), max_size=3)))
    reports: tuple[Report, ...] = ()
    for begin, end in zip([0, *cut], [*cut, len(path)], strict=True):
        # Overlapping on purpose: what was seen is passed over.
        book, more = step(book, path[max(0, begin - 2) : end], costs)
        reports += more
    assert (book, reports) == whole


@settings(max_examples=60)
@given(markets())
def test_nothing_trades_that_could_not(market: tuple[PaperBook, Bars, Costs]):
    book, path, costs = market
    terms = {one.id: one.terms for one in book.orders}
    after, reports = step(book, path, costs)
    filled: defaultdict[str, Decimal] = defaultdict(D)
    for one in reports:
        if (fill := one.event.execution) is None:
            continue
        filled[one.id] += fill.quantity
        limit = terms[one.id].limit
        assert limit is None or terms[one.id].side * (D(str(limit)) - fill.price) >= 0
        assert fill.price % costs.tick == 0
    for number in range(3):
        entry, *exits = (filled[f"cr:{number}:{leg}"] for leg in ("entry", "target", "stop"))
        assert sum(exits) <= entry
    assert all(filled[name] <= one.quantity for name, one in terms.items())
    both = [name for name, one in terms.items() if one.oca == "both"]
    assert sum(filled[name] for name in both) <= max((terms[name].quantity for name in both), default=0)
    capacity = costs.capacity(path.volume[0])
    assert capacity is None or sum(filled.values()) <= capacity * len(path)
    assert all(one.order.status in (Status.SUBMITTED, Status.PARTIALLY_FILLED) for one in after.orders if one.live)
