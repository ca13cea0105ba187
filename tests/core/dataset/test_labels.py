"""Labels come from geometry and know nothing of the bars behind the window."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.charts.series import CHART_TYPES, chart_series, moments, positions
from core.dataset.entries import offers, placed
from core.dataset.history import REACH, History, history
from core.dataset.labels import found_in, labels
from core.dataset.scenes import plot_of
from core.patterns.detect import ALL
from core.timeframe import Calendar, Timeframe
from tests.real_bars import sample_bars
from tests.series import random_bars

LENGTH = 120
SIZES = ((800, 600), (640, 640), (1280, 400))


def seen(known: History, end: int, window: int = LENGTH):
    """What a window of bars that ends with bar `end` shows: its bars, patterns and offers."""
    bars = known.bars
    start, moment = int(bars.time[end - window + 1]), int(bars.close_time[end])
    view = known.view(moment)
    found = found_in(view.log, start, moment, ALL, 0.0)
    return bars[end - window + 1 : end + 1], found, offers(found, {bars.timeframe: view}, bars.timeframe, 0.01)


@settings(max_examples=8)
@given(st.integers(0, 2**32 - 1), st.integers(300, 699))
def test_one_pass_over_the_history_says_the_same_as_the_history_up_to_the_window(seed: int, end: int):
    bars = random_bars(seed, 700)
    whole, cut = history(bars, ALL, Calendar.UTC), history(bars[: end + 1], ALL, Calendar.UTC)
    shown, found, offered = seen(whole, end)
    _, alone, offered_alone = seen(cut, end)
    assert [vars(one) for one in found] == [vars(one) for one in alone]
    assert offered == offered_alone
    last = int(bars.close_time[end])
    assert all(one.known_at <= last and one.end < last and one.start >= shown.time[0] for one in found)
    assert all(offer.point.known_at <= last for offer in offered)


@pytest.mark.parametrize("chart_type", CHART_TYPES)
@pytest.mark.parametrize("size", SIZES)
def test_a_box_gives_its_pattern_back(chart_type: str, size: tuple[int, int]):
    known = history(sample_bars("GOOG"), ALL, Calendar.US_STOCKS)
    compared = 0
    for end in (250, 400, 599):
        bars, found, offered = seen(known, end)
        series = chart_series(bars, chart_type, tick=0.01)
        plot = plot_of(bars, series, *size)
        for label in labels(found, series, plot):
            assert 0 <= label.box[0] < label.box[2] <= 1
            assert 0 <= label.box[1] <= label.box[3] <= 1
            left, right, low, high = plot.unbox(*label.box)
            inside = plot.price_low <= label.found.price_low and label.found.price_high <= plot.price_high
            first, last = moments(series, left, right)
            if inside:
                assert abs(low - label.found.price_low) <= plot.price_pixel
                assert abs(high - label.found.price_high) <= plot.price_pixel
                compared += 1
            if series.size is None:
                assert abs(first - label.found.start) <= Timeframe.D1.ms * 4  # a weekend is no bar
                at = [int(bars.time.searchsorted(moment)) for moment in (first, label.found.start)]
                assert abs(at[0] - at[1]) <= 1
                assert abs(int(bars.close_time.searchsorted(last)) - int(bars.time.searchsorted(label.found.end))) <= 1
            else:  # bricks and columns: up to the one that had begun by the pattern's last bar
                assert first <= label.found.end
                assert round(right - 0.5) == positions(series, label.found.end)
        for entry in placed(offered, series, plot):
            assert plot.price(entry.y_entry * size[1]) == pytest.approx(entry.offer.point.entry)
            assert 0 < entry.x < 1
    assert compared > 100


def test_a_view_holds_no_more_than_its_reach():
    bars = random_bars(3, 1500)
    known = history(bars, ALL, Calendar.UTC)
    view = known.view(int(bars.close_time[1200]))
    assert len(view.bars) == REACH
    assert view.bars.as_of == bars.close_time[1200]
    assert len(view.indicators["ATR14"]) == REACH
    assert view.log.events["known_at"].min() > view.bars.time[0]
    assert (view.log.statuses["known_at"] >= view.log.events["known_at"][view.log.statuses["event"]]).all()
    assert len(known.view(0).bars) == 0
