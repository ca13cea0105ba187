"""What may be asked for, and that asking survives being stored."""

from __future__ import annotations

import json

import pytest

from core.dataset.classes import CLASSES
from core.dataset.recipe import Recipe
from core.errors import ParameterError
from core.patterns.events import Kind
from core.timeframe import Timeframe

PLAIN = {"symbols": ("A", "B"), "timeframes": (Timeframe.H1, Timeframe.H4)}


def test_a_recipe_comes_back_from_json_and_is_known_again_later():
    recipe = Recipe(**PLAIN, types=("renko", "line"), score=0.25, until=123, annotate=True)
    back = Recipe.from_json(json.loads(json.dumps(recipe.to_json())))
    assert back == recipe
    assert Recipe(**PLAIN, until=1).identity() == Recipe(**PLAIN, until=2).identity()
    assert Recipe(**PLAIN, stride=19).identity() != Recipe(**PLAIN).identity()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"symbols": ()}, "at least one symbol"),
        ({"symbols": ("A", "A")}, "named twice"),
        ({"timeframes": ()}, "at least one timeframe"),
        ({"types": ("kagi",)}, "'kagi' is no chart type"),
        ({"families": ("magic",)}, "'magic' is no pattern family"),
        ({"format": "voc"}, "'voc' is no format"),
        ({"window": 9}, "The window of 9 bars cannot be"),
        ({"stride": 0}, "The stride of 0 bars cannot be"),
        ({"stride": -5}, "The stride of -5 bars cannot be"),
        ({"gap": -1}, "The gap of -1 bars"),
        ({"days_back": 0}, "0 days cannot be"),
        ({"width": 199}, "199 pixels"),
        ({"height": 5000}, "5000 pixels"),
        ({"score": float("nan")}, "from 0 to 1"),
        ({"validation": 0.5, "test": 0.5}, "leave nothing to train with"),
    ],
)
def test_what_cannot_be_built_is_refused_in_words(wrong: dict, words: str):
    with pytest.raises(ParameterError, match=words):
        Recipe(**PLAIN | wrong)


def test_classes_are_every_kind_in_a_fixed_order():
    assert len(CLASSES) == len(Kind)
    assert CLASSES[:9] == (
        "swing_high", "swing_low", "bos", "choch", "order_block", "fair_value_gap", "liquidity_pool", "sweep", "level",
    )  # fmt: skip
