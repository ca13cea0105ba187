"""The quick replay of counted fills is the replay of the records they stand for; rates through a third currency."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.ledger import (
    Charge,
    Dividend,
    Fill,
    Funding,
    Market,
    Method,
    Quote,
    Record,
    Split,
    Trade,
    pair_of,
    rates_from,
    replay,
    replay_trades,
)
from core.ledger.units import units, worth

D = Decimal
MARKETS = {"A": Market("USD", D(1)), "B": Market("EUR", D("12.5"))}
AMOUNTS = st.integers(-(10**12), 10**12).filter(bool).map(lambda whole: D(whole).scaleb(-8))
PRICES = st.integers(1, 10**12).map(lambda whole: D(whole).scaleb(-8))
TIMES = st.integers(0, 9)
ROWS = st.lists(st.tuples(st.sampled_from("AB"), AMOUNTS, PRICES, PRICES, TIMES), min_size=1, max_size=25)
SPLITS = st.lists(st.tuples(st.sampled_from("AB"), TIMES, st.integers(1, 9), st.integers(1, 9)), max_size=3)
PAID = st.lists(st.tuples(st.sampled_from("AB"), TIMES, PRICES), max_size=3)


def fills_of(rows: list[tuple[str, Decimal, Decimal, Decimal, int]]) -> list[Fill]:
    return [
        Fill(f"fill:{at:03d}", time, name, MARKETS[name].currency, quantity, price, MARKETS[name].unit_value, fee)
        for at, (name, quantity, price, fee, time) in enumerate(rows)
    ]


def counted(one: Fill) -> Trade:
    quantity = units(one.quantity)
    return Trade(one.time, one.id, one.instrument, quantity, worth(quantity, one.price, one.unit_value), units(one.fee))


@settings(max_examples=80)
@given(ROWS, SPLITS, PAID, st.sampled_from(list(Method)))
def test_counted_fills_leave_what_their_records_leave(rows, splits, paid, method):
    """Between splits, dividends, charges and fundings too, all of them in any order of time."""
    fills = sorted(fills_of(rows), key=lambda one: (one.time, one.id))
    others: list[Record] = [Split(f"split:{at}", time, name, a, b) for at, (name, time, a, b) in enumerate(splits)]
    others += [
        Dividend(f"paid:{at}", time, name, MARKETS[name].currency, each) for at, (name, time, each) in enumerate(paid)
    ]
    others += [Charge("late", 10, "USD", D(3)), Funding("in", 0, "EUR", D(1_000))]
    book = replay([*others, *fills], method)
    quick = replay_trades(MARKETS, [counted(one) for one in fills], others, method)
    plain = {name: replace(one, closings=()) for name, one in book.positions.items()}
    assert (quick.positions, quick.cash, quick.fundings) == (plain, book.cash, book.fundings)
    assert sum(one.amount for one in quick.payments) == sum(one.dividends for one in book.positions.values())


@settings(max_examples=60)
@given(ROWS, SPLITS, PRICES, st.sampled_from(list(Method)), st.randoms())
def test_splits_make_and_lose_no_money(rows, splits, price, method, random):
    """Realised plus unrealised is cash flow plus market value, whatever splits lie between, in any order of arrival."""
    records: list[Record] = [*fills_of(rows)]
    records += [Split(f"split:{at}", time, name, a, b) for at, (name, time, a, b) in enumerate(splits)]
    arrival = records + random.sample(records, len(records) // 2)
    random.shuffle(arrival)
    book = replay(arrival, method)
    assert book == replay(records, method)
    for one in book.positions.values():
        assert one.realised + one.unrealised(price) == one.cash_flow + one.market_value(price)
        assert one.quantity == sum(lot.quantity for lot in one.lots)


def test_rates_are_direct_turned_round_or_through_a_third_currency():
    """1 EUR = 1.25 USD, then 1.6; 1 USD = 100 JPY from the second moment on: 1 EUR = 160 JPY, 1 JPY = 0.00625 EUR."""
    quotes = [Quote("EUR", "USD", 5, D("1.6")), Quote("EUR", "USD", 1, D("1.25")), Quote("USD", "JPY", 3, D(100))]
    euro = rates_from("EUR", quotes)
    assert (euro.at("USD", 1), euro.at("USD", 9), euro.at("USD", 0)) == (D("0.8"), D("0.625"), None)
    assert (euro.at("JPY", 2), euro.at("JPY", 4), euro.at("JPY", 9)) == (None, D("0.008"), D("0.00625"))
    assert (rates_from("JPY", quotes).at("EUR", 9), euro.at("CHF", 9), euro.at("EUR", 0)) == (D(160), None, D(1))


@pytest.mark.parametrize(
    ("name", "pair"),
    [
        ("EURUSD", ("EUR", "USD")),
        ("gbp/jpy", ("GBP", "JPY")),
        ("USDJPY=X", ("USD", "JPY")),
        ("SIM-EURUSD", None),
        ("XAUUSD", None),
        ("USDUSD", None),
        ("GOOGLE", None),
    ],
)
def test_a_pair_is_known_by_its_name(name: str, pair: tuple[str, str] | None):
    assert pair_of(name) == pair
