"""Guards say no with their name and their figure, and never say yes to what is not known."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from core.errors import ParameterError
from core.guards import Closed, Guard, GuardFacts, GuardRules, check_guards

D = Decimal
MINUTE = 60_000
DAY = 1_000 * MINUTE
FACTS = GuardFacts(DAY + 100 * MINUTE, DAY, D(98_000), D(100_000), D(110_000))


def closed(*results: int) -> list[Closed]:
    """Trades of the day, ten minutes apart."""
    return [Closed(DAY + number * 10 * MINUTE, D(pnl)) for number, pnl in enumerate(results)]


@pytest.mark.parametrize(
    ("rules", "facts", "guard", "figure", "words"),
    [
        (GuardRules(kill_switch=True), FACTS, Guard.KILL_SWITCH, None, "kill switch is on"),
        (
            GuardRules(daily_loss=D(2_000)),
            FACTS,
            Guard.DAILY_LOSS,
            D(2_000),
            "loss of 2,000.00 has reached the limit 2,000.00",
        ),
        (
            GuardRules(max_drawdown=D(10)),
            FACTS,
            Guard.MAX_DRAWDOWN,
            D("10.91"),
            "10.91 % below its peak; the limit is 10 %",
        ),
        (
            GuardRules(losses_in_a_row=2),
            replace(FACTS, closed=closed(-5, 7, -1, -1)),
            Guard.LOSSES_IN_A_ROW,
            D(2),
            "2 losing trades in a row today; the limit is 2",
        ),
        (
            GuardRules(losses_in_a_row=1),
            replace(FACTS, closed=closed(-1)),
            Guard.LOSSES_IN_A_ROW,
            D(1),
            "1 losing trade in a row today; the limit is 1",
        ),
        (
            GuardRules(cool_down=90),
            replace(FACTS, closed=closed(3, -5, 7)),
            Guard.COOL_DOWN,
            None,
            "",
        ),
        (
            GuardRules(cool_down=120),
            replace(FACTS, closed=closed(3, -5, 7)),
            Guard.COOL_DOWN,
            D(30),
            "30 of 120 minutes of the cool-down",
        ),
        (GuardRules(daily_loss=D(1)), replace(FACTS, equity=None), Guard.DAILY_LOSS, None, "not known"),
        (GuardRules(max_drawdown=D(1)), replace(FACTS, peak_equity=None), Guard.MAX_DRAWDOWN, None, "not known"),
    ],
)
def test_a_guard_names_itself_and_its_figure(rules, facts, guard, figure, words):
    found = check_guards(rules, facts)
    if not words:
        assert found == []
        return
    (verdict,) = found
    assert (verdict.guard, words in verdict.sentence) == (guard, True)
    assert verdict.figure is None if figure is None else round(verdict.figure, 2) == figure


def test_just_inside_the_limits_nothing_is_said():
    rules = GuardRules(D("2000.01"), D("10.92"), 3, 80)
    assert check_guards(rules, replace(FACTS, closed=closed(1, -5, -5))) == []
    assert check_guards(GuardRules(), replace(FACTS, equity=None)) == []


def test_yesterdays_losses_do_not_count_in_the_row_but_cool_down():
    yesterday = [Closed(DAY - 2, D(-1)), Closed(DAY - 1, D(-1))]
    facts = replace(FACTS, now=DAY + MINUTE, closed=[*yesterday, Closed(DAY, D(-1))])
    found = check_guards(GuardRules(losses_in_a_row=2, cool_down=5), facts)
    assert [(one.guard, one.until) for one in found] == [(Guard.COOL_DOWN, DAY + 5 * MINUTE)]


def test_all_that_say_no_are_named():
    rules = GuardRules(D(1), D(1), kill_switch=True)
    assert [one.guard for one in check_guards(rules, FACTS)] == [
        Guard.KILL_SWITCH,
        Guard.DAILY_LOSS,
        Guard.MAX_DRAWDOWN,
    ]


def test_a_limit_of_nothing_is_refused():
    with pytest.raises(ParameterError, match="'daily_loss' needs a limit above 0"):
        GuardRules(daily_loss=D(0))
