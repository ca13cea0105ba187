"""A scene drawn as a canvas of palette entries."""

from __future__ import annotations

from core.charts.raster.annotations import draw_before, draw_behind, tags
from core.charts.raster.axes import draw_axes, draw_frame
from core.charts.raster.elements import draw_series
from core.charts.raster.kernels import Canvas
from core.charts.raster.scene import Scene
from core.charts.raster.sheet import Sheet


def render(scene: Scene) -> Canvas:
    """The image of a scene, shape (height, width), as entries of `palette.PALETTE`; the same scene, the same bytes.

    Raises:
        ParameterError: a level's role or a sign's shape that there is not.
    """
    sheet = Sheet.blank(scene.plot)
    draw_axes(sheet, scene, tags(scene) if scene.annotated else [])
    if scene.annotated:
        draw_behind(sheet, scene)
    draw_series(sheet, scene.series)
    if scene.annotated:
        draw_before(sheet, scene)
    if sheet.letters is not None and scene.plot.right < scene.plot.width - sheet.pen:
        draw_frame(sheet)
    return sheet.canvas
