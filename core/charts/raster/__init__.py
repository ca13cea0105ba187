"""Images drawn without a browser: `encode(render(scene))` are the bytes of a PNG, the same for the same scene."""

from core.charts.raster.encode import encode
from core.charts.raster.render import render, warm
from core.charts.raster.scene import Label, Level, Marker, PositionTool, Scene, Zone

__all__ = ["Label", "Level", "Marker", "PositionTool", "Scene", "Zone", "encode", "render", "warm"]
