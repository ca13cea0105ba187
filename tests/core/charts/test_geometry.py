"""Geometry: from time and price to the image and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.charts.geometry import Plot
from core.charts.scales import price_text, price_ticks, time_ticks
from core.charts.series import BY_TIME, CHART_TYPES, chart_series, moments, span
from core.errors import ParameterError
from tests.series import bars_of, random_bars

PLAIN = Plot(200, 100, 10, 20, 190, 80, 6, 100.0, 160.0)


def test_a_position_is_the_middle_of_its_slot_and_a_price_its_height():
    assert (PLAIN.x(0), PLAIN.x(5), PLAIN.slot) == (25.0, 175.0, 30.0)
    assert (PLAIN.y(160.0), PLAIN.y(130.0), PLAIN.y(100.0)) == (20.0, 50.0, 80.0)
    assert PLAIN.price_pixel == 1.0
    assert PLAIN.box(-0.5, 2.5, 110.0, 140.0) == (0.05, 0.4, 0.5, 0.7)
    np.testing.assert_allclose(PLAIN.x(np.array([0.0, 1.0])), [25.0, 55.0])


def test_only_the_visible_part_of_a_box_is_kept():
    assert PLAIN.visible(PLAIN.box(-3.0, 2.5, 90.0, 140.0)) == (0.05, 0.4, 0.5, 0.8)
    assert PLAIN.visible(PLAIN.box(-3.0, -0.5, 110.0, 140.0)) is None
    assert PLAIN.visible(PLAIN.box(0.0, 2.0, 170.0, 180.0)) is None
    assert PLAIN.visible(PLAIN.box(-0.5, 2.5, 130.0, 130.0)) == (0.05, 0.5, 0.5, 0.5)


@given(
    st.sampled_from(CHART_TYPES),
    st.integers(0, 1000),
    st.sampled_from([(640, 640), (800, 600), (1200, 400)]),
    st.tuples(st.integers(0, 149), st.integers(0, 149)),
    st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
@settings(max_examples=60)
def test_a_label_in_whole_pixels_leads_back_to_the_pattern(chart_type, seed, size, bars_touched, shares):
    """Within one bar (one element, where elements are bricks or columns) and one price pixel."""
    bars = random_bars(seed, 150)
    series = chart_series(bars, chart_type)
    if not len(series):
        return
    plot = Plot.fit(series, *size)
    first, last = sorted(bars_touched)
    start, end = int(bars.time[first]), int(bars.time[last])
    low, high = sorted(float(series.low.min() + share * np.ptp(series.high)) for share in shares)
    left, right = span(series, start, end)
    x0, y0, x1, y1 = plot.box(left, right, low, high)
    pixels = (round(x0 * size[0]), round(y0 * size[1]), round(x1 * size[0]), round(y1 * size[1]))
    box = (pixels[0] / size[0], pixels[1] / size[1], pixels[2] / size[0], pixels[3] / size[1])
    left_again, right_again, low_again, high_again = plot.unbox(*box)
    assert abs(low_again - low) <= plot.price_pixel
    assert abs(high_again - high) <= plot.price_pixel
    assert abs(left_again - left) <= 1
    assert abs(right_again - right) <= 1
    if chart_type in BY_TIME:
        found = moments(series, left_again, right_again)
        assert abs(found[0] - start) <= bars.timeframe.ms
        assert abs(found[1] - (end + bars.timeframe.ms)) <= bars.timeframe.ms
    exact = moments(series, left, right)
    assert exact[0] <= start or start < series.start[0]
    assert exact[1] > end or series.type == "point_figure" or end >= series.end[-1]


@given(st.floats(1, 4000), st.floats(-5, 200), st.floats(0, 1e9), st.floats(1e-9, 1e9))
@settings(max_examples=60)
def test_position_and_price_are_inverses(width, position, low, span_of_prices):
    plot = Plot(4096, 4096, 3, 5, 3 + width, 4000, 97, low, low + span_of_prices + low * 1e-6)
    assert plot.position(plot.x(position)) == pytest.approx(position, abs=1e-6)
    price = low + span_of_prices / 3
    assert plot.price(plot.y(price)) == pytest.approx(price, abs=plot.price_pixel * 1e-4)


def test_fit_shows_every_element_and_every_price_asked_for():
    series = chart_series(random_bars(1, 90), "candlestick")
    plot = Plot.fit(series, include=(90.0, 120.0), ahead=10)
    assert plot.count == 100
    assert plot.price_low < 90
    assert plot.price_high > 120
    assert plot.right < plot.width
    assert plot.left <= plot.x(-0.5)


@pytest.mark.parametrize("price", [1e-8, 1.0, 1e8])
def test_a_price_that_stands_still_lies_in_the_middle(price):
    plot = Plot.fit(chart_series(bars_of([(price, price, price, price)] * 3), "candlestick"))
    assert plot.y(price) == pytest.approx((plot.top + plot.bottom) / 2)


@pytest.mark.parametrize(("width", "height"), [(63, 600), (800, 63), (4097, 600), (0, 0)])
def test_sizes_out_of_range_are_refused(width, height):
    with pytest.raises(ParameterError, match="take 64 to 4096"):
        Plot.fit(chart_series(random_bars(1, 9), "line"), width, height)


def test_nothing_to_draw_and_prices_that_are_no_numbers_are_refused():
    still = bars_of([(5.0, 5.0, 5.0, 5.0)] * 3)
    for chart_type in ("renko", "point_figure"):
        with pytest.raises(ParameterError, match="less than one step of 1 in this window: take a smaller size"):
            Plot.fit(chart_series(still, chart_type))
    with pytest.raises(ParameterError, match="not a finite number"):
        Plot.fit(chart_series(still, "line"), include=[float("nan")])


@given(st.floats(1e-8, 1e8), st.floats(1e-4, 10), st.integers(2, 14))
@settings(max_examples=60)
def test_price_labels_are_few_exact_and_all_different(low, share, most):
    high = low * (1 + share)
    values, names = price_ticks(low, high, most)
    assert len(values) <= most + 1
    assert len(set(names)) == len(names)
    assert all(low <= value <= high for value in values)
    step = (high - low) / most
    assert all(abs(float(name.replace(",", "")) - value) < step / 50 for name, value in zip(names, values, strict=True))


def test_prices_are_written_with_their_decimals():
    assert price_ticks(1.0843, 1.0862, 4)[1] == ["1.0845", "1.0850", "1.0855", "1.0860"]
    assert price_ticks(64_000, 64_900, 4)[1] == ["64,000", "64,250", "64,500", "64,750"]
    assert price_text(1.5e-15, 15) == "1.5000e-15"


def test_the_first_label_of_a_day_is_its_date():
    hours = np.arange(30, dtype=np.int64) * 3_600_000 + 1_767_600_000_000  # from 08:00 UTC on 5 January 2026
    where, names, fresh = time_ticks(hours, 5)
    assert names == ["16:00", "06 Jan", "08:00"]
    assert (where, fresh) == ([8, 16, 24], [False, True, False])
    assert time_ticks(hours[:1], 5)[0] == [0]
