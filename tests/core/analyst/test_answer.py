"""What an answer about a signal may hold: prices near the market, figures of their own kind, text to be stored."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from core.analyst.answer import Answer, read_answer
from tests.workers.analyst.answers import answer

NEAR = {"last_close": 100.0, "reach": 5.0, "farthest": 10.0}


def read(**fields: object) -> Answer:
    return read_answer(answer(**fields), NEAR)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"entry": 106.0, "stop": 101.0, "targets": [107.0]}, "the entry|entry: too far"),
        ({"targets": [104.0, 1e308]}, "targets: too far"),
        ({"stop": 1e-300}, "stop: too far"),
        ({"confidence": True}, "confidence"),
        ({"confidence": "80"}, "confidence"),
        ({"entry": True}, "entry"),
    ],
)
def test_what_is_no_opinion_is_refused(fields: dict[str, object], wrong: str) -> None:
    with pytest.raises(ValidationError, match=wrong):
        read(**fields)


def test_a_target_counts_once_and_its_text_can_be_stored() -> None:
    found = read(targets=[107.0, 104.0, 104.0], reasons=["Higher\0 lows"])
    assert (found.targets, found.reasons) == ([104.0, 107.0], ["Higher lows"])
    assert Answer.model_validate(found.model_dump(mode="json")) == found
