"""Positions and money from records: worked examples, and what holds for any records."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import LedgerError
from core.ledger import (
    Charge,
    Dividend,
    Exchange,
    Fill,
    Funding,
    Method,
    Position,
    Rates,
    Record,
    Split,
    net_funding,
    replay,
    value,
)

D = Decimal


def fill(number: int, quantity: str, price: str, **more: object) -> Fill:
    plain = {"id": f"x{number}", "time": number, "instrument": "ACME", "currency": "USD"}
    return Fill(**plain | {"quantity": D(quantity), "price": D(price)} | more)


def position(*records: Record, method: Method = Method.AVERAGE) -> Position:
    return replay(records, method).positions["ACME"]


THREE_LOTS = (fill(1, "100", "10"), fill(2, "100", "12"), fill(3, "100", "17"))


# 150 of 300 sold at 20. Average cost 13: 150*(20-13). FIFO: 100*(20-10) + 50*(20-12). LIFO: 100*(20-17) + 50*(20-12).
@pytest.mark.parametrize(
    ("method", "realised", "cost"),
    [(Method.AVERAGE, "1050", "1950"), (Method.FIFO, "1400", "2300"), (Method.LIFO, "700", "1600")],
)
def test_which_lots_a_sale_takes(method: Method, realised: str, cost: str):
    held = position(*THREE_LOTS, fill(4, "-150", "20"), method=method)
    assert (held.quantity, held.realised, held.cost) == (D(150), D(realised), D(cost))
    assert held.average_price == D(cost) / 150
    assert [one.quantity for one in held.closings] == ([D(150)] if method is Method.AVERAGE else [D(100), D(50)])


def test_a_short_gains_when_the_price_falls():
    held = position(fill(1, "-10", "50"), fill(2, "4", "45"))
    assert (held.quantity, held.realised, held.average_price) == (D(-6), D(20), D(50))
    assert (held.market_value(D(40)), held.unrealised(D(40))) == (D(-240), D(60))


@pytest.mark.parametrize("method", list(Method))
def test_a_flip_closes_everything_and_opens_the_rest_at_the_new_price(method: Method):
    """Long 10 at 100; 25 sold at 110: 100 realised, short 15. Then 20 bought at 108: 30 realised, long 5 at 108."""
    short = position(fill(1, "10", "100"), fill(2, "-25", "110"), method=method)
    assert (short.quantity, short.realised, short.average_price, short.opened_at) == (D(-15), D(100), D(110), 2)
    long = position(fill(1, "10", "100"), fill(2, "-25", "110"), fill(3, "20", "108"), method=method)
    assert (long.quantity, long.realised, long.average_price, long.opened_at) == (D(5), D(130), D(108), 3)


def test_partial_fills_are_averaged_and_fees_stand_apart():
    book = replay([fill(1, "30", "10.01", fee=D("0.35")), fill(2, "70", "10.04", fee=D("0.65"))])
    held = book.positions["ACME"]
    assert (held.average_price, held.fees, held.realised, held.net) == (D("10.031"), D(1), D(0), D(-1))
    assert book.cash == {"USD": D("-1004.10")}


def test_a_split_changes_units_and_not_money():
    held = position(fill(1, "100", "50"), Split("s", 2, "ACME", 4, 1), fill(3, "-200", "14"))
    assert (held.quantity, held.average_price, held.realised) == (D(200), D("12.5"), D(300))
    reverse = position(fill(1, "105", "2"), Split("s", 2, "ACME", 1, 10), method=Method.FIFO)
    assert (reverse.quantity, reverse.cost) == (D("10.5"), D(210))


def test_a_dividend_is_paid_on_what_is_held_and_a_short_pays_it():
    dividend = Dividend("d", 2, "ACME", "USD", D("0.24"))
    book = replay([fill(1, "100", "50"), dividend, fill(3, "-100", "50")])
    assert (book.cash["USD"], book.positions["ACME"].net) == (D(24), D(24))
    assert replay([fill(1, "-100", "50"), dividend]).cash["USD"] == D(4976)
    assert replay([dividend, fill(3, "100", "50")]).positions["ACME"].dividends == 0


def test_an_account_in_two_currencies():
    """10,000 USD in; 2,200 USD buy 2,000 EUR; 10 at 150 EUR. Then 1 EUR = 1.20 USD and the price is 160 EUR.

    USD: 7,800. EUR: 500 cash, 1,600 in shares. Equity 7,800 + 2,100 * 1.2 = 10,320.
    """
    bmw = fill(2, "10", "150", instrument="BMW", currency="EUR")
    book = replay([Funding("f", 0, "USD", D(10_000)), Exchange("e", 1, "USD", D(2_200), "EUR", D(2_000)), bmw])
    rates = Rates("USD", {"EUR": [(0, D("1.1")), (5, D("1.2"))]})
    worth = value(book, {"BMW": D(160)}, rates, 9)
    assert book.cash == {"USD": D(7_800), "EUR": D(500)}
    assert (worth.equity, worth.cash, worth.invested) == (D(10_320), D(8_400), D(1_920))
    assert (worth.unrealised, worth.missing) == (D(120), ())
    assert net_funding(book, rates) == D(10_000)


def test_what_is_not_known_is_not_made_up():
    book = replay(
        [Funding("f", 0, "USD", D(100)), fill(1, "1", "10"), fill(2, "1", "9", instrument="X", currency="JPY")]
    )
    worth = value(book, {"X": D(9)}, Rates("USD", {}), 9)
    assert (worth.equity, worth.unrealised, set(worth.missing)) == (None, None, {"ACME", "JPY"})
    with pytest.raises(LedgerError, match="no rate of CHF"):
        net_funding(replay([Funding("f", 0, "CHF", D(1))]), Rates("USD", {}))


def test_a_correction_replaces_and_a_contradiction_is_refused():
    corrected = fill(1, "90", "10", revision=1)
    assert position(corrected, fill(1, "100", "10")).quantity == D(90)
    with pytest.raises(LedgerError, match="x1 came with two contents"):
        position(fill(1, "100", "10"), fill(1, "100", "11"))


def test_point_values_scale_money_and_charges_belong_to_their_instrument():
    held = position(
        fill(1, "2", "4500.25", unit_value=D(50)),
        Charge("c", 2, "USD", D("4.5"), "ACME"),
        fill(3, "-2", "4502.75", unit_value=D(50)),
    )
    assert (held.realised, held.net) == (D(250), D("245.5"))
    with pytest.raises(LedgerError, match="never traded"):
        replay([Charge("c", 2, "USD", D(1), "ACME")])


AMOUNTS = st.integers(-(10**12), 10**12).filter(bool).map(lambda whole: D(whole).scaleb(-8))
PRICES = st.integers(1, 10**12).map(lambda whole: D(whole).scaleb(-8))
FILLS = st.lists(st.tuples(st.sampled_from("AB"), AMOUNTS, PRICES, st.integers(0, 5)), min_size=1, max_size=25)


@settings(max_examples=60)
@given(FILLS, st.data(), st.sampled_from(list(Method)), PRICES)
def test_money_is_conserved_in_any_order_with_repeats(
    rows: list[tuple[str, Decimal, Decimal, int]], data: st.DataObject, method: Method, price: Decimal
):
    """Realised plus unrealised is cash flow plus market value: exactly, and against sums made without the ledger."""
    fills = [Fill(f"x{at}", time, name, "USD", *row) for at, (name, *row, time) in enumerate(rows)]
    arrival = data.draw(st.permutations(fills + data.draw(st.lists(st.sampled_from(fills), max_size=5))))
    book = replay(arrival, method)
    assert book == replay(fills, method)
    held, cash = defaultdict(Decimal), defaultdict(Fraction)
    for one in fills:
        held[one.instrument] += one.quantity
        cash[one.instrument] -= Fraction(one.quantity) * Fraction(one.price)
    for name, one in book.positions.items():
        assert one.realised + one.unrealised(price) == one.cash_flow + one.market_value(price)
        assert one.quantity == held[name] == sum(lot.quantity for lot in one.lots)
        assert abs(Fraction(one.cash_flow) - cash[name]) <= len(fills) * Fraction(1, 2 * 10**8)
        assert all(lot.quantity * one.quantity > 0 for lot in one.lots)
        assert one.realised == sum(closing.pnl for closing in one.closings)
