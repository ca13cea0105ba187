"""What may be asked of an exported chart."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.charts.export import (
    BARS,
    CHART_TYPES,
    FORMATS,
    HEIGHTS,
    MOST_PIXELS,
    SCALES,
    THEMES,
    WIDTHS,
    ExportRequest,
    Overlay,
    check,
    from_stored,
)
from core.errors import ParameterError
from core.timeframe import Timeframe

PLAIN = ExportRequest(7, Timeframe.M15)
REQUESTS = st.builds(
    ExportRequest,
    symbol_id=st.integers(1, 9),
    timeframe=st.sampled_from(Timeframe),
    chart_type=st.sampled_from(CHART_TYPES),
    until=st.none() | st.integers(10, 2**41),
    start=st.none() | st.integers(0, 9),
    bars=st.integers(*BARS),
    overlays=st.lists(
        st.builds(Overlay, st.sampled_from(["EMA", "RSI"]), st.just((("slow", 26), ("fast", 9))), st.booleans()),
        max_size=3,
    ).map(tuple),
    patterns=st.lists(st.sampled_from(["smart_money", "levels"]), max_size=2).map(tuple),
    signals=st.lists(st.integers(1, 5), max_size=3).map(tuple),
    format=st.sampled_from(FORMATS),
    theme=st.sampled_from(THEMES),
    width=st.integers(WIDTHS[0], 1600),
    height=st.integers(HEIGHTS[0], 1200),
    scale=st.floats(SCALES[0], 2),
    size=st.none() | st.floats(1e-6, 1e6),
    reversal=st.none() | st.integers(1, 5),
    volume=st.booleans(),
)


@given(REQUESTS)
@settings(max_examples=40)
def test_a_request_comes_back_from_json_as_it_was(request):
    assert from_stored(json.loads(json.dumps(request.stored()))) == request


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"format": "gif"}, "'gif' is no format of an exported chart: use png, svg, pdf, html."),
        ({"theme": "pink"}, "'pink' is no theme"),
        ({"chart_type": "kagi"}, "'kagi' is no chart type"),
        ({"width": 10}, "A width of 10 cannot be: choose 320 to 3840 pixels."),
        ({"height": 9999}, "A height of 9999 cannot be"),
        ({"height": 300.5}, "A height of 300.5 cannot be"),
        ({"scale": float("nan")}, "A scale of nan cannot be: choose 0.5 to 4."),
        ({"scale": 4.5}, "A scale of 4.5 cannot be"),
        ({"bars": 0}, "A number of bars of 0 cannot be"),
        ({"width": 3840, "height": 2160, "scale": 4.0}, "are more than 40 million: choose a smaller size or scale"),
        ({"size": 0.0}, "A brick or box size of 0 cannot be"),
        ({"reversal": 0}, "A reversal of 0 cannot be: choose 1 to 100 boxes."),
        ({"start": 5, "until": 5}, "The range ends before it begins"),
        ({"overlays": tuple(Overlay("EMA") for _ in range(13))}, "13 indicators are too many"),
        ({"trades": tuple(range(21))}, "21 signals and trades are too many"),
    ],
)
def test_what_is_outside_the_limits_is_named_with_what_is_allowed(change, sentence):
    with pytest.raises(ParameterError) as refused:
        check(replace(PLAIN, **change))
    assert sentence in refused.value.message


def test_the_largest_of_all_sizes_is_allowed_at_its_own_scale():
    assert check(replace(PLAIN, width=WIDTHS[1], height=HEIGHTS[1], scale=2.0)).pixels == (7680, 4320)
    assert MOST_PIXELS >= 7680 * 4320


@pytest.mark.parametrize(
    "junk", [{}, {"symbol_id": 1}, {"symbol_id": 1, "timeframe": "M7"}, {"width": "x"}, {"evil": 1}]
)
def test_a_stored_request_that_is_none_is_one_error(junk):
    with pytest.raises(ParameterError):
        from_stored(junk)
    with pytest.raises(ParameterError):
        from_stored({**PLAIN.stored(), **junk} if junk.keys() - {"symbol_id"} else junk)
