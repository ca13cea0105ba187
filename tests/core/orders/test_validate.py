"""Orders a broker could not work are refused with a sentence that says what to change."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from core.errors import OrderError
from core.orders import (
    Leg,
    OrderType,
    Rules,
    Side,
    Terms,
    TimeInForce,
    bracket,
    check_bracket,
    check_terms,
    leg_reference,
    order_reference,
)

RULES = Rules(Decimal("0.05"), Decimal(10))
NOW = 1_000
LIMIT = Terms(Side.BUY, Decimal(100), OrderType.LIMIT, limit=10.05)
TRAIL = Terms(Side.SELL, Decimal(100), OrderType.TRAILING_STOP, trail=0.5)


@pytest.mark.parametrize(
    ("terms", "field", "words"),
    [
        (replace(LIMIT, quantity=Decimal(0)), "quantity", "not a positive amount"),
        (replace(LIMIT, quantity=Decimal("NaN")), "quantity", "not a positive amount"),
        (replace(LIMIT, quantity=Decimal(15)), "quantity", "no multiple of the lot step 10"),
        (replace(LIMIT, limit=10.01), "limit", r"not on a tick of 0\.05"),
        (replace(LIMIT, limit=None), "limit", "needs a limit price"),
        (replace(LIMIT, limit=float("inf")), "limit", "is no price"),
        (replace(LIMIT, stop=9.0), "stop", "has no stop price"),
        (replace(LIMIT, tif=TimeInForce.GTD), "until", "needs its date"),
        (replace(LIMIT, until=NOW), "until", "end before it begins"),
        (replace(LIMIT, type=OrderType.STOP_LIMIT, stop=10.10), "limit", "at or above the stop"),
        (replace(LIMIT, trail=0.5), "trail", "Only a trailing stop"),
        (replace(TRAIL, trail=None), "trail", "needs its distance"),
        (replace(TRAIL, trail_percent=2.0), "trail", "needs its distance"),
        (replace(TRAIL, trail=0.51), "trail", "not on a tick"),
    ],
)
def test_what_is_wrong_is_named(terms: Terms, field: str, words: str):
    with pytest.raises(OrderError, match=words) as error:
        check_terms(terms, RULES, NOW)
    assert error.value.subject == field


def test_good_orders_pass():
    for terms in (LIMIT, TRAIL, replace(TRAIL, stop=9.5), Terms(Side.SELL, Decimal(10))):
        assert check_terms(terms, RULES, NOW) is terms


@pytest.mark.parametrize(
    ("side", "stop", "target", "words"),
    [
        (Side.BUY, 10.05, 11.0, "stop 10.05 of a buy at 10.05 has to be below"),
        (Side.BUY, 9.0, 10.0, "target 10.0 of a buy at 10.05 has to be above"),
        (Side.SELL, 9.0, 9.5, "stop 9.0 of a sell at 10.05 has to be above"),
        (Side.SELL, 11.0, 10.5, "target 10.5 of a sell at 10.05 has to be below"),
    ],
)
def test_stop_and_target_lie_on_their_sides(side: Side, stop: float, target: float, words: str):
    entry = replace(LIMIT, side=side)
    with pytest.raises(OrderError, match=words):
        check_bracket(bracket(entry, stop, target, "g"), RULES, NOW)
    with pytest.raises(OrderError, match=words):
        check_bracket(bracket(Terms(side, Decimal(100)), stop, target, "g"), RULES, NOW, last=10.05)


def test_a_bracket_closes_what_it_opens():
    legs = bracket(LIMIT, 9.5, 11.0, "cr:7")
    check_bracket(legs, RULES, NOW)
    assert list(legs) == [Leg.ENTRY, Leg.TARGET, Leg.STOP]
    assert [legs[leg].oca for leg in legs] == ["", "cr:7", "cr:7"]
    assert Leg.TARGET not in bracket(LIMIT, 9.5, None, "g")
    with pytest.raises(OrderError, match="has to close the entry"):
        check_bracket(legs | {Leg.STOP: replace(legs[Leg.STOP], quantity=Decimal(50))}, RULES, NOW)


def test_references_are_read_back_and_those_of_others_are_not_ours():
    assert order_reference(leg_reference(17, Leg.STOP)) == ("17", Leg.STOP)
    for other in ("", "cr:17", "cr::stop", "xx:17:stop", "cr:17:lunch", "cr:1:2:stop"):
        assert order_reference(other) is None
