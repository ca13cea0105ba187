"""What firms publish, rules in plain words, and custom rules as JSON."""

import json
from datetime import date

import pytest

from core.challenge.evaluate import evaluate
from core.challenge.phases import PhaseName
from core.challenge.presets import PRESETS, preset
from core.challenge.stored import from_json, to_json
from core.errors import ParameterError
from tests.core.challenge.clock import D, ms, start

BEGAN = ms("2026-03-02 12:00")


@pytest.mark.parametrize(
    ("key", "size", "target", "daily", "overall"),
    [
        ("ftmo_2_step", 100_000, 10_000, 95_000, 90_000),
        ("ftmo_1_step", 100_000, 10_000, 97_000, 90_000),
        ("fundednext_2_step", 100_000, 8_000, 95_000, 90_000),
        ("fundednext_1_step", 100_000, 10_000, 97_000, 94_000),
        ("the5ers_high_stakes", 100_000, 8_000, 95_000, 90_000),
        ("seacrest_2_step", 100_000, 8_000, 95_000, 92_000),
        ("topstep_combine", 50_000, 3_000, None, 48_000),
        ("topstep_combine", 150_000, 9_000, None, 145_500),
        ("apex_eod", 25_000, 1_500, 24_500, 24_000),
        ("apex_eod", 150_000, 9_000, 148_000, 146_000),
        ("apex_intraday", 100_000, 6_000, None, 97_000),
    ],
)
def test_the_figures_on_the_first_day(key, size, target, daily, overall):
    first = evaluate(preset(key, D(size)), [start(BEGAN)], BEGAN).current
    assert (first.target, first.daily and first.daily.floor, first.overall.floor) == (target, daily, overall)


@pytest.mark.parametrize("key", PRESETS)
def test_every_rule_is_told_in_words_with_its_source(key):
    for size in PRESETS[key].sizes:
        challenge = preset(key, size)
        rules = [rule for phase in challenge.phases for rule in phase.rules]
        assert all(rule.source.url.startswith("https://") and rule.checked_on == date(2026, 11, 21) for rule in rules)
        assert all(words.endswith(".") and title for title, words in challenge.in_words())
        assert from_json(json.loads(json.dumps(to_json(challenge)))) == challenge


def test_words_with_figures():
    words = dict(preset("ftmo_1_step", D(100_000)).in_words())
    assert words["Evaluation: Daily loss"] == (
        "Within a day equity must not drop below the balance at the reset less 3 % of the initial balance "
        "(3,000.00); otherwise the account fails."
    )
    high = dict(preset("the5ers_high_stakes", D(100_000)).in_words())["Funded: Daily loss"]
    assert high.startswith(
        "Within a day equity must stay above the higher of balance and equity at the reset less 5 % of it"
    )
    assert words["Evaluation: Best day"].startswith("The best day makes up at most 50 % of the net profit")
    assert words["Funded: Payout"] == "The trader is paid 90 % of a closed profit."


def test_phases_follow_each_other():
    challenge = preset("ftmo_2_step", D(100_000))
    assert challenge.following(PhaseName.EVALUATION) is PhaseName.VERIFICATION
    assert challenge.following(PhaseName.FUNDED) is None


def test_a_size_the_firm_does_not_sell():
    with pytest.raises(ParameterError, match=r"50,000\.00, 100,000\.00, 150,000\.00, not in 60,000\.00"):
        preset("topstep_combine", D(60_000))
    with pytest.raises(ParameterError, match="no preset 'nobody'"):
        preset("nobody", D(1))


def at(stored, path, value):
    """The stored challenge with another value at a path such as phases.0.daily.amount."""
    *way, last = path.split(".")
    place = stored
    for step in way:
        place = place[int(step) if step.isdigit() else step]
    if value is KeyError:
        del place[last]
    else:
        place[last] = value
    return stored


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("balance", "much", "challenge's balance has to be a number, not 'much'"),
        ("balance", "-5", "has to be above zero"),
        ("balance", True, "has to be a number"),
        ("reset.zone", "Mars/Olympus", "no time zone 'Mars/Olympus'"),
        ("reset.at", "25:00", "no time of day"),
        ("phases", [], "at least one phase"),
        ("phases", {}, "have to be a list"),
        ("phases.0.name", "trial", "choose one of evaluation, verification, funded"),
        ("phases.0.name", "funded", "each once, in the order"),
        ("phases.0.daily.amount.value", "120", "more than the whole balance"),
        ("phases.0.daily.amount.value", "0", "above zero"),
        ("phases.0.daily.anchor", "moon", "choose one of balance, equity, higher"),
        ("phases.0.overall.lock_at", "NaN", "has to be a number"),
        ("phases.0.trading_days.days", 0, "enter 1 to"),
        ("phases.0.trading_days.days", "4", "a whole number"),
        ("phases.0.daily.loss", 1, "has no 'loss'"),
        ("phases.0.target.amount", KeyError, "lacks 'amount'"),
        ("phases.0.daily.source.checked_on", "yesterday", "a date such as"),
        ("name", "  ", "has no name"),
        ("name", 7, "has to be text"),
    ],
)
def test_own_rules_that_cannot_be_are_told_where(path, value, told):
    with pytest.raises(ParameterError, match=told):
        from_json(at(to_json(preset("ftmo_2_step", D(100_000))), path, value))


def test_the_least_that_a_challenge_of_ones_own_needs():
    own = from_json(
        {
            "name": "Mine",
            "firm": "",
            "balance": 10_000,
            "reset": {"zone": "UTC"},
            "phases": [{"name": "evaluation", "overall": {"amount": {"value": 8.5}}}],
        }
    )
    assert own.phases[0].overall.amount.value == D("8.5")
    assert own.phases[0].overall.source.in_words() == "Your own rule."
    with pytest.raises(ParameterError, match="has to be an object"):
        from_json([])
