"""What a person accepts of the broker's side is what the broker said, to the last digit."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.broker.words import StatedDeal, deal_words, order_words, read_deal, read_terms
from core.orders import OrderType, Side, Terms

D = Decimal
AMOUNTS = st.decimals(D("0.00000001"), D(10_000_000), places=8)
NAMES = st.sampled_from(["AAPL.STK.USD", "BRK B.STK.USD", "EUR.CASH.USD"])
OURS = Terms(Side.BUY, D(10), OrderType.STOP_LIMIT, limit=100.0, stop=99.0, oca="cr:1")


@given(st.sampled_from(Side), AMOUNTS, NAMES, AMOUNTS, st.integers(0, 4_000_000_000))
def test_a_deal_comes_back_as_it_was_written(side: Side, quantity: D, name: str, price: D, seconds: int):
    deal = StatedDeal(side, quantity, name, price, seconds * 1000)
    assert read_deal(deal_words(deal)) == deal


def test_terms_are_taken_over_in_full_and_everything_else_stays():
    words = order_words("BUY", D("1234567.5"), "STP LMT", [D("12345.6789"), D("12345.1")])
    assert read_terms(words, OURS) == replace(OURS, quantity=D("1234567.5"), limit=12345.6789, stop=12345.1)


@pytest.mark.parametrize("words", ["SELL 10 STP LMT 99 98", "BUY 10 LMT 99", "BUY 10 STP LMT 99", "BUY 10 TRAIL 1", ""])
def test_an_order_of_another_kind_has_no_terms_to_take(words: str):
    assert read_terms(words, OURS) is None
