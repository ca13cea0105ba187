"""Facts about a signal's chart, read from the figure itself."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from core.bars import Bars
from core.charts import theme
from core.charts.drawing import SignalDrawing
from core.charts.figure import chart_figure, made, signal_figure, signal_scene
from core.charts.palette import PALETTES
from core.charts.scene import Curve
from core.charts.series import CHART_TYPES, chart_series
from core.errors import ParameterError
from core.timeframe import Timeframe

START = 1_767_600_000_000  # 2026-01-05 08:00 UTC, a Monday
MINUTE = 60_000


def bars(count: int = 40) -> Bars:
    step = np.arange(count, dtype=np.float64)
    close = 100 + np.sin(step / 4)
    opened = np.concatenate([[100.0], close[:-1]])
    time = START + np.arange(count, dtype=np.int64) * 5 * MINUTE
    high, low = np.maximum(opened, close) + 0.2, np.minimum(opened, close) - 0.2
    return Bars(Timeframe.M5, time, opened, high, low, close, 10 + step)


def wave() -> Bars:
    """Long enough to have bricks and columns in both directions."""
    step = np.arange(300, dtype=np.float64)
    close = 100 + 4 * np.sin(step / 25) + 0.1 * np.sin(step)
    opened = np.concatenate([[100.0], close[:-1]])
    time = START + np.arange(300, dtype=np.int64) * 5 * MINUTE
    high, low = np.maximum(opened, close) + 0.1, np.minimum(opened, close) - 0.1
    return Bars(Timeframe.M5, time, opened, high, low, close, 10 + step)


def event(kind: str, start: int, end: int, low: float, high: float, direction: int = 1, timeframe: str = "M5"):
    times = {"start": START + start * 5 * MINUTE, "end": START + end * 5 * MINUTE, "known_at": 0}
    prices = {"price_low": low, "price_high": high, "level": high}
    return times | prices | {"role": "", "kind": kind, "timeframe": timeframe, "direction": direction, "score": 1.0}


DRAWING = SignalDrawing(
    symbol="SIM-EURUSD",
    direction=1,
    entry_type="BUY_LIMIT",
    entry=99.5,
    stop=98.5,
    target=102.0,
    as_of=bars().as_of,
    reward_risk=2.5,
    confidence=0.724,
    band="VERY_HIGH",
    strategy="SMC intraday",
    tick_size=0.00001,
    source="Simulated feed, seed 7",
    simulated=True,
)


def draw(**changes: Any) -> go.Figure:
    """The chart as traces, whose columns can be read."""
    return signal_figure(bars(), replace(DRAWING, **changes), interactive=True)


def words(figure: go.Figure) -> str:
    return " | ".join(note.text for note in figure.layout.annotations)


def rectangles(figure: go.Figure) -> list[Any]:
    return [shape for shape in figure.layout.shapes if shape.type == "rect"]


def test_candles_and_volume_are_the_bars():
    candles, volume = draw().data
    np.testing.assert_array_equal(candles.close, bars().close)
    np.testing.assert_array_equal(candles.high, bars().high)
    np.testing.assert_array_equal(volume.y, bars().volume)
    assert list(candles.x) == list(range(40))


def test_the_position_tool_spans_reward_and_risk_to_the_right_of_the_last_bar():
    reward, risk = rectangles(draw())
    assert (reward.y0, reward.y1, reward.fillcolor) == (99.5, 102.0, theme.fade(theme.TARGET, 0.17))
    assert (risk.y0, risk.y1, risk.fillcolor) == (99.5, 98.5, theme.fade(theme.STOP, 0.17))
    assert reward.x0 == risk.x0 == 39.5
    # Not up to the axis, where it would run into the prices.
    assert 44 < reward.x1 < draw().layout.xaxis.range[1]


def test_the_whole_plan_and_every_bar_are_within_the_price_axis():
    low, high = draw(stop=90.0, target=120.0).layout.yaxis.range
    assert low < 90
    assert high > 120


def test_title_facts_and_origin_are_on_the_chart():
    text = words(draw())
    assert "<b>SIM-EURUSD</b>" in text
    assert "buy limit 99.50000" in text
    assert "SMC intraday · confidence 0.72 very high · reward to risk 2.50" in text
    assert "Last bar closed 2026-01-05 11:20 UTC · Simulated feed, seed 7" in text
    assert "98.50000" in text
    assert "102.00000" in text


def test_only_a_simulated_market_is_marked_so():
    assert "SIMULATED" in words(draw())
    assert "SIMULATED" not in words(draw(simulated=False))


def test_a_short_says_short_in_the_colour_of_falling_prices():
    text = words(draw(direction=-1, entry_type="SELL", entry=99.5, stop=101.0, target=97.0))
    assert f"<span style='color:{theme.DOWN}'>Short</span>" in text


def test_zones_start_at_their_bar_and_end_with_the_last():
    zone = rectangles(draw(evidence=[event("order_block", 10, 10, 99.2, 99.8)]))[0]
    assert (zone.x0, zone.x1, zone.y0, zone.y1) == (10, 39.5, 99.2, 99.8)
    assert "Order block M5" in words(draw(evidence=[event("order_block", 10, 10, 99.2, 99.8)]))


def test_a_zone_from_before_the_window_begins_at_its_left_edge():
    zone = rectangles(draw(evidence=[event("fair_value_gap", -500, -498, 99.2, 99.8)]))[0]
    assert zone.x0 == draw().layout.xaxis.range[0]


def test_what_lies_outside_the_prices_shown_is_not_drawn():
    plain = draw()
    for kind in ("order_block", "choch", "sweep"):
        figure = draw(evidence=[event(kind, 10, 20, 300.0, 301.0)])
        assert len(figure.layout.shapes) == len(plain.layout.shapes)
        assert words(figure) == words(plain)


def test_liquidity_runs_on_and_a_break_ends_where_it_happened():
    pool, broken = event("liquidity_pool", 5, 9, 100.9, 101.0), event("choch", 12, 30, 100.0, 100.5)
    lines = {
        shape.y0: (shape.x0, shape.x1)
        for shape in draw(evidence=[pool, broken]).layout.shapes
        if shape.type == "line" and shape.yref != "paper"
    }
    assert lines[101.0] == (5, draw().layout.xaxis.range[1])
    assert lines[100.5] == (12, 30)


@pytest.mark.parametrize(("entry", "stop", "target"), [(100.0, 99.999, 100.001), (100.0, 100.001, 99.999)])
def test_price_tags_never_cover_each_other(entry, stop, target):
    figure = draw(entry=entry, stop=stop, target=target)
    low, high = figure.layout.yaxis.range
    bottom, top = figure.layout.yaxis.domain
    panel = (figure.layout.height - figure.layout.margin.t - figure.layout.margin.b) * (top - bottom)
    tags = sorted(note.y for note in figure.layout.annotations if note.xref == "paper" and note.yref != "paper")
    assert len(tags) == 3
    assert (np.diff(tags) / (high - low) * panel >= 19.9).all()
    pixels = np.abs(np.subtract.outer(np.array(figure.layout.yaxis.tickvals), tags)) / (high - low) * panel
    assert (pixels > 18).all()


def test_without_volume_the_price_has_the_room():
    still = signal_figure(replace(bars(), volume=np.zeros(40)), DRAWING, interactive=True)
    assert still.layout.yaxis.domain == (0.0, 1.0)
    assert [trace.type for trace in still.data] == ["candlestick"]


def test_an_image_draws_the_same_candles_as_one_path_a_colour():
    """Read back from the path: bodies between open and close, wicks to low and high."""
    paths = {
        shape.fillcolor: shape.path for shape in signal_figure(bars(), DRAWING).layout.shapes if shape.type == "path"
    }
    numbers = [float(word) for path in paths.values() for word in re.findall(r"-?[0-9.]+(?:e-?[0-9]+)?", path)]
    assert set(paths) >= {theme.UP, theme.DOWN}
    body = re.findall(r"M(-?[0-9.]+),(-?[0-9.]+)H(-?[0-9.]+)V(-?[0-9.]+)H", paths[theme.UP])
    drawn = {round((float(left) + float(right)) / 2): (float(low), float(high)) for left, low, right, high in body}
    rising = np.flatnonzero(bars().close >= bars().open)
    assert sorted(drawn) == rising.tolist()
    for at, (low, high) in drawn.items():
        assert (low, high) == pytest.approx((bars().open[at], bars().close[at]), rel=1e-9)
    for wick in (*bars().low, *bars().high):
        assert min(abs(wick - number) for number in numbers) < 1e-7


@pytest.mark.parametrize("chart_type", CHART_TYPES)
@pytest.mark.parametrize("name", PALETTES)
def test_every_type_has_its_elements_within_the_axes_in_both_themes(chart_type: str, name: str):
    scene = replace(signal_scene(wave(), replace(DRAWING, as_of=wave().as_of)), chart_type=chart_type)
    for interactive in (False, True):
        figure = chart_figure(scene, 800, 600, PALETTES[name], interactive=interactive)
        series = chart_series(wave(), chart_type, tick=scene.tick_size)
        assert figure.layout.paper_bgcolor == PALETTES[name].background
        assert figure.layout.xaxis.range[1] > len(series) - 0.5
        low, high = figure.layout.yaxis.range
        assert low < series.low.min() < series.high.max() < high


@pytest.mark.parametrize(("size", "reversal"), [(None, None), (0.25, 1)])
def test_point_and_figure_draws_as_many_crosses_and_circles_as_there_are_boxes(size, reversal):
    plain = replace(signal_scene(wave(), DRAWING), chart_type="point_figure", tools=(), events=())
    scene = replace(plain, size=size, reversal=reversal)
    series = chart_series(wave(), "point_figure", size=size, reversal=reversal, tick=scene.tick_size)
    boxes = np.rint((series.high - series.low) / series.size).astype(int)
    crosses, circles = (shape.path for shape in chart_figure(scene).layout.shapes if shape.type == "path")
    assert crosses.count("M") == 2 * boxes[series.close >= series.open].sum()
    assert circles.count("Z") == boxes[series.close < series.open].sum()


def test_indicators_stand_over_the_price_or_in_panes_of_their_own():
    curves = (
        Curve("EMA 5", bars().close),
        Curve("RSI", np.full(40, 50.0), "RSI"),
        Curve("ADX", np.full(40, 20.0), "ADX"),
    )
    layout = chart_figure(replace(signal_scene(bars(), DRAWING), curves=curves)).layout
    panels = [layout.yaxis.domain, layout.yaxis2.domain, layout.yaxis4.domain, layout.yaxis3.domain]
    edges = [edge for bottom, top in panels for edge in (top, bottom)]
    assert edges == sorted(edges, reverse=True)
    assert layout.xaxis.anchor == "y3"
    assert panels[-1][0] == 0


def test_names_of_events_never_cover_each_other():
    crowd = [event("fair_value_gap", 30 - at, 32, 99.9 + at / 100, 100.1, timeframe="M15") for at in range(9)]
    figure = draw(evidence=crowd)
    layout = figure.layout
    across = (layout.xaxis.range[1] - layout.xaxis.range[0]) / (1280 - layout.margin.l - layout.margin.r)
    rise = (layout.yaxis.range[1] - layout.yaxis.range[0]) / (
        (720 - layout.margin.t - layout.margin.b) * (layout.yaxis.domain[1] - layout.yaxis.domain[0])
    )
    found = [(note.x / across, note.y / rise) for note in layout.annotations if "Fair value gap" in note.text]
    assert len(found) > 3
    for at, (x, y) in enumerate(found):
        assert all(abs(x - u) > 90 or abs(y - v) > 14.9 for u, v in found[:at])


def test_text_from_outside_is_never_markup():
    text = words(draw(strategy="<a href='http://x'>click</a>", source="<b>bold</b>"))
    assert "<a " not in text
    assert "&lt;b&gt;bold" in text


def test_no_bars_is_an_error_that_says_what_to_do():
    with pytest.raises(ParameterError, match="no bars of SIM-EURUSD to draw: fetch or import some first"):
        signal_figure(bars()[:0], DRAWING)


def test_bricks_are_those_of_the_whole_history_and_carry_the_values_known_when_they_were_made():
    whole, first = wave(), 229
    window = whole[first:]
    scene = replace(signal_scene(window, DRAWING), chart_type="renko", size=0.37, tools=(), events=())
    scene = replace(scene, before=whole[:first], curves=(Curve("CLOSE", window.close),))
    drawn, series = made(scene)
    every = chart_series(whole, "renko", size=0.37)
    kept = every.end > window.time[0]
    np.testing.assert_array_equal(series.close, every.close[kept])
    assert not np.array_equal(series.close, chart_series(window, "renko", size=0.37).close)
    closes = dict(zip(window.close_time.tolist(), window.close.tolist(), strict=True))
    assert drawn.curves[0].values.tolist() == [closes[end] for end in series.end.tolist()]
    assert f"{kept.sum()} bricks of 0.37" in words(chart_figure(scene))


def test_the_caption_counts_the_events_that_are_drawn_and_names_their_families():
    near = event("order_block", 5, 9, 99.5, 100.0) | {"family": "smart_money"}
    far = event("level", 5, 9, 500.0, 501.0) | {"family": "levels"}
    scene = replace(signal_scene(bars(), DRAWING), events=(near, far), patterns=7, facts=())
    said = words(chart_figure(scene))
    assert "1 of 7 pattern events: smart money" in said
    assert "levels" not in said


def test_volume_that_is_switched_off_takes_no_room():
    scene = replace(signal_scene(bars(), DRAWING), volume=False)
    assert [trace.type for trace in chart_figure(scene, interactive=True).data] == ["candlestick"]


def test_labels_of_the_time_axis_stand_level():
    assert chart_figure(signal_scene(bars(), DRAWING)).layout.xaxis.tickangle == 0
