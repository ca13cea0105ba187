"""Which symbols name a future, and what a point of it is worth."""

from decimal import Decimal

import pytest

from core.journal.imports.futures import contract_of


@pytest.mark.parametrize(
    ("symbol", "value", "currency"),
    [
        # A tick and its money, as the exchanges publish them.
        ("ESH6", Decimal("12.50") / Decimal("0.25"), "USD"),
        ("MNQH2026", Decimal("0.50") / Decimal("0.25"), "USD"),
        ("MES1!", Decimal("1.25") / Decimal("0.25"), "USD"),
        ("/CLZ26", Decimal(10) / Decimal("0.01"), "USD"),
        ("MGC 04-26", Decimal(1) / Decimal("0.1"), "USD"),
        ("SILK6", Decimal(5) / Decimal("0.005"), "USD"),
        ("6eu6", Decimal("6.25") / Decimal("0.00005"), "USD"),
        ("6JM6", Decimal("6.25") / Decimal("0.0000005"), "USD"),
        ("ZTH6", Decimal("7.8125") / Decimal("0.00390625"), "USD"),
        ("MBTF6", Decimal("0.50") / Decimal(5), "USD"),
        ("FDAXH6", Decimal(25), "EUR"),
        ("FDXMM6", Decimal(5), "EUR"),
    ],
)
def test_a_contract_is_known_by_its_root_month_and_year(symbol, value, currency):
    found = contract_of(symbol)
    assert found is not None
    assert (found.point_value, found.currency) == (value, currency)


@pytest.mark.parametrize("symbol", ["ES", "CL", "AAPL", "EURUSD", "BTCUSD", "GOLD6", "ESH", "ESA6", "XESH6", "6J", ""])
def test_a_share_a_pair_or_a_root_alone_is_no_contract(symbol):
    assert contract_of(symbol) is None
