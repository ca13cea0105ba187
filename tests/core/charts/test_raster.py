"""Rendered images, judged by their decoded pixels."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.bars import Bars
from core.charts import theme
from core.charts.geometry import Plot
from core.charts.raster import Label, Level, Marker, PositionTool, Scene, Zone, encode, render
from core.charts.raster.palette import BASES, PALETTE
from core.charts.series import CHART_TYPES, ChartSeries, chart_series
from core.errors import ParameterError
from tests.series import bars_of, random_bars

SIZES = [(64, 64), (320, 240), (800, 600), (1600, 1200)]


def series_of(chart_type: str, count: int = 120) -> ChartSeries:
    return chart_series(random_bars(3, count), chart_type)


def busy(series: ChartSeries, width: int = 800, height: int = 600) -> Scene:
    """Everything a scene can have."""
    low, high, last = float(series.low.min()), float(series.high.max()), len(series) - 1.0
    middle = (low + high) / 2
    plan = PositionTool(middle, low, high, last, last + 3)
    return Scene(
        series,
        Plot.fit(series, width, height, ahead=4),
        zones=[
            Zone(0, last, low, middle, 1, "Order block"),
            Zone(2, last, middle, high, -1, "Gap"),
            Zone(1, 2, low, high),
        ],
        levels=[Level(low, "support", text="Support"), Level(high, "resistance", 1.0), Level(middle, "current")],
        position=plan,
        markers=[Marker(1, low, "up", 1), Marker(2, high, "down", -1), Marker(1, middle, "diamond")],
        labels=[Label(1, low, "Sweep", 1, above=False), Label(2, high, "CHoCH", -1)],
        title="SIM-EURUSD  M15",
        note="Simulated",
    )


def decoded(scene: Scene) -> np.ndarray:
    """Red, green and blue of each pixel as another library reads them, shape (height, width, 3)."""
    return np.asarray(Image.open(io.BytesIO(encode(render(scene)))).convert("RGB"))


def pixels(image: np.ndarray, *colours: str) -> np.ndarray:
    """Where any of the colours is, shape (height, width)."""
    wanted = [[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in colours]
    return np.logical_or.reduce([(image == colour).all(axis=2) for colour in wanted])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("chart_type", CHART_TYPES)
def test_the_centroid_of_a_marker_is_within_a_pixel_of_its_place(chart_type, size):
    series = series_of(chart_type)
    plot = Plot.fit(series, *size)
    for shape, at in zip(("dot", "diamond", "up", "down"), np.linspace(1, len(series) - 2, 4), strict=True):
        position, price = int(at), float(series.close[int(at)])
        rows, columns = np.nonzero(
            pixels(decoded(Scene(series, plot, markers=[Marker(position, price, shape)])), theme.MARKER)
        )
        share = (plot.price_high - price) / (plot.price_high - plot.price_low)
        expected_x = plot.left + (plot.right - plot.left) * (2 * position + 1) / (2 * plot.count)
        expected_y = plot.top + (plot.bottom - plot.top) * share
        assert abs(columns.mean() + 0.5 - expected_x) < 1
        assert abs(rows.mean() + 0.5 - expected_y) < 1


@pytest.mark.parametrize("count", [12, 60, 200])
def test_candles_stand_where_their_prices_are_with_centred_wicks(count):
    rows = [(10.0, 14.0, 8.0, 12.0) if at % 2 else (12.0, 13.0, 7.0, 9.0) for at in range(count)]
    series = chart_series(bars_of(rows), "candlestick")
    plot = Plot.fit(series)
    image = decoded(Scene(series, plot))
    falling_or_rising = (pixels(image, theme.DOWN), pixels(image, theme.UP))
    widths = set()
    for at, (opened, high, low, close) in enumerate(rows):
        column, seen = int(plot.x(at)), falling_or_rising[at % 2]
        body, wick = seen[int(plot.y((opened + close) / 2))], seen[int(plot.y(high)) + 1]
        left, right = column, column
        while body[left - 1]:
            left -= 1
        while body[right + 1]:
            right += 1
        assert left + right == 2 * column
        widths.add(right - left + 1)
        assert wick[column]
        drawn = np.flatnonzero(seen[:, column])
        assert (drawn[0], drawn[-1]) == (int(plot.y(high)), int(plot.y(low)))
    assert len(widths) == 1


def test_bullish_is_green_bearish_red_and_neither_grey():
    rows = [(10.0, 13.0, 9.0, 12.0), (12.0, 13.0, 9.0, 10.0), (11.0, 13.0, 9.0, 11.0)]
    series = chart_series(bars_of(rows), "candlestick")
    plot = Plot.fit(series)
    image = decoded(Scene(series, plot))
    for at, colour in enumerate((theme.UP, theme.DOWN, theme.MUTED)):
        assert pixels(image, colour)[int(plot.y(12.5)), int(plot.x(at))]


def test_a_column_of_boxes_fills_exactly_its_prices():
    series = series_of("point_figure", 400)
    plot = Plot.fit(series)
    image = decoded(Scene(series, plot))
    for at in range(len(series)):
        colour = theme.UP if series.close[at] > series.open[at] else theme.DOWN
        part = pixels(image, colour)[:, int(plot.x(at - 0.5)) : int(plot.x(at + 0.5))]
        drawn = np.flatnonzero(part.any(axis=1))
        box = series.size / plot.price_pixel
        assert plot.y(series.high[at]) <= drawn[0] <= plot.y(series.high[at]) + box / 3
        assert plot.y(series.low[at]) - box / 3 <= drawn[-1] + 1 <= plot.y(series.low[at]) + 1


@pytest.mark.parametrize("chart_type", CHART_TYPES)
def test_without_annotations_only_the_chart_is_left_at_the_same_place(chart_type):
    series = series_of(chart_type)
    scene = busy(series)
    bare = Scene(series, scene.plot, title=scene.title, note=scene.note)
    assert encode(render(replace(scene, annotated=False))) == encode(render(bare))
    assert encode(render(scene)) != encode(render(bare))


def test_the_three_prices_of_a_plan_are_on_the_axis_even_where_they_touch():
    series = series_of("candlestick")
    close = float(series.close[-1])
    scene = Scene(series, Plot.fit(series), position=PositionTool(close, close - 0.001, close + 0.001, 100, 119))
    edge = decoded(scene)[:, -2]
    for colour in (theme.ENTRY, theme.STOP, theme.TARGET):
        assert pixels(edge[:, None], colour).sum() >= 13


def test_the_same_scene_has_the_same_bytes_in_another_process():
    code = (
        "import hashlib; from tests.core.charts.test_raster import *\n"
        "print(hashlib.sha256(b''.join(encode(render(busy(series_of(name)))) for name in CHART_TYPES)).hexdigest())"
    )
    root = Path(__file__).resolve().parents[3]
    environment = os.environ | {"PYTHONPATH": str(root), "PYTHONHASHSEED": "7"}
    there = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env=environment, capture_output=True, text=True, check=True
    )
    here = hashlib.sha256(b"".join(encode(render(busy(series_of(name)))) for name in CHART_TYPES)).hexdigest()
    assert there.stdout.strip() == here


def test_the_file_is_a_plain_palette_image_without_dates():
    canvas = render(busy(series_of("candlestick"), 320, 240))
    data = encode(canvas)
    image = Image.open(io.BytesIO(data))
    assert (image.mode, image.size) == ("P", (320, 240))
    np.testing.assert_array_equal(np.asarray(image), canvas)
    np.testing.assert_array_equal(np.asarray(image.convert("RGB")), PALETTE[canvas])
    chunks, at = [], 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        chunks.append(kind)
        at += 12 + length
    assert chunks == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]


@pytest.mark.parametrize("chart_type", CHART_TYPES)
@pytest.mark.parametrize("factor", [1e-10, 1.0, 1e6])
def test_prices_of_any_magnitude_make_the_same_picture(chart_type, factor):
    bars = random_bars(3, 120)
    scaled = Bars(
        bars.timeframe,
        bars.time,
        bars.open * factor,
        bars.high * factor,
        bars.low * factor,
        bars.close * factor,
        bars.volume,
    )
    size = 0.5 if chart_type in ("renko", "point_figure") else None
    plain, other = (
        chart_series(each, chart_type, size=step) for each, step in ((bars, size), (scaled, size and size * factor))
    )
    images = [render(Scene(series, Plot.fit(series, axes=False), grid=False)) for series in (plain, other)]
    assert (images[0] != images[1]).mean() < 1e-3  # a row may round the other way


@pytest.mark.parametrize("chart_type", CHART_TYPES)
def test_one_bar_and_more_bars_than_pixels_can_be_drawn(chart_type):
    one = bars_of([(10.0, 14.0, 8.0, 13.0)])
    for bars, step in ((one, 1.0), (random_bars(9, 6000), 0.5)):
        series = chart_series(bars, chart_type, size=step)
        if len(series):
            for width, height in ((64, 64), (300, 200)):
                scene = busy(series, width, height)
                assert render(scene).shape == (height, width)


def test_what_lies_outside_the_prices_shown_leaves_no_trace():
    series = series_of("candlestick")
    plot = Plot.fit(series)
    far = [Marker(3, 1e12), Marker(3, -1e12), Marker(1e9, float(series.close[3]))]
    scene = Scene(series, plot, levels=[Level(1e12, text="far")], zones=[Zone(0, 5, 1e11, 1e12, 1, "far")], markers=far)
    assert encode(render(scene)) == encode(render(Scene(series, plot)))


def test_unknown_roles_and_shapes_are_refused_with_the_names_there_are():
    series = series_of("line")
    plot = Plot.fit(series)
    with pytest.raises(ParameterError, match="use support, resistance, current, neutral"):
        render(Scene(series, plot, levels=[Level(float(series.close[0]), "floor")]))
    with pytest.raises(ParameterError, match="use dot, diamond, up, down"):
        render(Scene(series, plot, markers=[Marker(1, 100.0, "star")]))
    with pytest.raises(ParameterError, match="1, -1 or 0, not 2"):
        render(Scene(series, plot, zones=[Zone(0, 1, 99.0, 100.0, 2)]))


@pytest.mark.parametrize(
    "broken",
    [
        {"zones": [Zone(0, 1, float("nan"), 100.0)]},
        {"levels": [Level(float("inf"))]},
        {"markers": [Marker(float("nan"), 100.0)]},
        {"labels": [Label(1, float("nan"), "Sweep")]},
        {"position": PositionTool(100.0, float("nan"), 101.0, 0, 1)},
    ],
)
def test_annotations_that_are_no_numbers_are_refused(broken):
    series = series_of("line")
    with pytest.raises(ParameterError, match="not a finite number") as refused:
        render(Scene(series, Plot.fit(series), **broken))
    assert refused.value.subject is not None


@pytest.mark.parametrize("canvas", [np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4)), np.zeros((0, 4), np.uint8)])
def test_only_a_canvas_can_be_encoded(canvas):
    with pytest.raises(ParameterError, match="canvas of palette entries"):
        encode(canvas)


def test_words_leave_the_figures_of_columns_alone():
    series = series_of("point_figure")
    bare = Scene(series, Plot.fit(series))
    labels = [Label(at, float(series.close[at]), "Fair value gap", 1) for at in range(len(series))]
    plain, written = render(bare), render(replace(bare, labels=labels))
    drawn = plain >= BASES
    assert (written[drawn] == plain[drawn]).all()
    assert (written != plain).any()
