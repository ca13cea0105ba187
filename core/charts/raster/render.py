"""A scene drawn as a canvas of palette entries."""

from __future__ import annotations

from core.bars import Bars
from core.charts.geometry import Plot
from core.charts.raster.annotations import draw_before, draw_behind, tags
from core.charts.raster.axes import draw_axes, draw_frame
from core.charts.raster.elements import draw_series
from core.charts.raster.encode import encode
from core.charts.raster.kernels import Canvas
from core.charts.raster.scene import Label, Level, Marker, PositionTool, Scene, Zone, check
from core.charts.raster.sheet import Sheet
from core.charts.series import CHART_TYPES, chart_series


def render(scene: Scene) -> Canvas:
    """The image of a scene, shape (height, width), as entries of `palette.PALETTE`; the same scene, the same bytes.

    Raises:
        ParameterError: see `core.charts.raster.scene.check`.
    """
    sheet = Sheet.blank(check(scene).plot)
    draw_axes(sheet, scene, tags(scene) if scene.annotated else [])
    if scene.annotated:
        draw_behind(sheet, scene)
    draw_series(sheet, scene.series)
    if scene.annotated:
        draw_before(sheet, scene)
    if sheet.letters is not None and scene.plot.right < scene.plot.width - sheet.pen:
        draw_frame(sheet)
    return sheet.canvas


def warm(bars: Bars) -> None:
    """Draw `bars` once in every chart type with everything on it, so that all of this package is compiled."""
    for chart_type in CHART_TYPES:
        series = chart_series(bars, chart_type, size=float(bars.high.max() - bars.low.min()) / 8, reversal=1)
        middle, last = float(series.close.mean()), float(len(series))
        scene = Scene(
            series,
            Plot.fit(series),
            zones=[Zone(0, last, middle, middle * 1.01, 1, "Zone")],
            levels=[Level(middle, "support", text="Support")],
            position=PositionTool(middle, middle * 0.99, middle * 1.02, last / 2, last),
            markers=[Marker(last / 2, middle)],
            labels=[Label(last / 2, middle, "Label")],
            title="Title",
        )
        encode(render(scene))
