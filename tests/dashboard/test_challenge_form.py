"""The challenge form says back exactly what it was filled with."""

from dataclasses import replace
from decimal import Decimal

import pytest

from core.challenge.phases import PhaseName
from core.challenge.presets import PRESETS
from core.errors import ParameterError
from dashboard.challenge.form import challenge_of, fields_of

D = Decimal


@pytest.mark.parametrize("key", PRESETS)
def test_an_untouched_form_is_the_preset(key):
    preset = PRESETS[key].make(PRESETS[key].sizes[0])
    assert challenge_of(fields_of(preset), preset) == preset


def test_a_changed_rule_is_the_traders_own_and_the_others_keep_their_source():
    preset = PRESETS["ftmo_2_step"].make(D(100_000))
    fields = fields_of(preset) | {"evaluation_daily_value": "4", "funded_payout_minimum": "1 %"}
    made = challenge_of(fields, preset)
    evaluation, funded = made.phase(PhaseName.EVALUATION), made.phase(PhaseName.FUNDED)
    assert (evaluation.daily.amount.value, evaluation.daily.source.url) == (D(4), "")
    assert evaluation.overall == preset.phase(PhaseName.EVALUATION).overall
    assert funded.payout.minimum.of(made.balance) == D(1000)
    assert (made.preset, made.source.url) == ("", "")
    assert replace(made, preset="") == made


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"balance": "a lot"}, "'a lot' is no number for the initial balance"),
        ({"evaluation_daily_value": "0"}, "above zero"),
        ({"verification_target_value": "x"}, "target of the verification phase"),
        ({"phases": []}, "at least one phase"),
        ({"zone": "Europe/Nowhere"}, "no time zone"),
        ({"at": "24:00"}, "no time of day"),
        ({"overall_lock": "", "evaluation_overall_lock": "high"}, "lock of the evaluation phase"),
    ],
)
def test_a_field_that_cannot_be_is_named(change, sentence):
    preset = PRESETS["ftmo_2_step"].make(D(100_000))
    with pytest.raises(ParameterError, match=sentence):
        challenge_of(fields_of(preset) | change, preset)
