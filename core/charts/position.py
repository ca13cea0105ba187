"""Position tools and fills as plotly shapes: reward and risk, the prices of the plan, what was bought and sold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from core.charts import theme
from core.charts.labels import Label
from core.charts.palette import Palette
from core.charts.panels import Panels, place
from core.charts.scene import Fill, Scene, Tool
from core.charts.series import ChartSeries, positions

_OPEN_END: Final = 0.12
"""Share of the room ahead that an open tool leaves free, so that it does not touch the price axis."""


def boxes(tools: Sequence[Tool], series: ChartSeries, panels: Panels, palette: Palette) -> list[dict[str, Any]]:
    """Reward from entry to target, risk from entry to stop, below the elements."""
    drawn = []
    for tool in tools:
        left, right = span(tool, series, panels)
        edges = [(price, getattr(palette, name)) for name, price in reversed(tool.plan) if name != "entry"]
        for edge, colour in edges:
            box = {"type": "rect", "x0": left, "x1": right, "y0": tool.entry, "y1": edge, "line": {"width": 0}}
            drawn.append(box | {"fillcolor": theme.fade(colour, 0.17), "layer": "below"})
    return drawn


def lines(scene: Scene, series: ChartSeries, panels: Panels, palette: Palette) -> list[dict[str, Any]]:
    """Entry, stop and target of each tool; a dotted line where the last element ends, if something lies ahead."""
    drawn: list[dict[str, Any]] = []
    for tool in scene.tools:
        left, right = span(tool, series, panels)
        ends = {"type": "line", "x0": left, "x1": right}
        drawn += [
            ends | {"y0": price, "y1": price, "line": {"color": getattr(palette, name), "width": 1.4}}
            for name, price in tool.plan
        ]
    if any(tool.end is None for tool in scene.tools):
        now = {"type": "line", "x0": panels.now, "x1": panels.now, "yref": "paper", "y0": 0, "y1": 1}
        drawn.append(now | {"line": {"color": theme.fade(palette.muted, 0.5), "width": 1, "dash": "dot"}})
    return drawn


def labels(scene: Scene, series: ChartSeries, panels: Panels, palette: Palette) -> list[Label]:
    """The name of each tool and what it pays, in its reward box; what has no name only where there is room."""
    drawn = []
    for tool in scene.tools:
        left, right = span(tool, series, panels)
        words = " ".join(
            part for part in (tool.name, f"{tool.reward_risk:.1f} R" if tool.reward_risk is not None else "") if part
        )
        edge = tool.plan[-1][1]
        roomy = abs(edge - tool.entry) / panels.up > panels.size(18)
        if words and (roomy or tool.name):
            middle = (tool.entry + edge) / 2
            drawn.append(Label(words, (left + right) / 2, middle, True, palette.target, centred=True))
    return drawn


def fills(scene: Scene, series: ChartSeries, panels: Panels, palette: Palette) -> list[dict[str, Any]]:
    """An arrow with its words at each fill."""
    return [_fill(fill, series, panels, palette) for fill in scene.fills]


def span(tool: Tool, series: ChartSeries, panels: Panels) -> tuple[float, float]:
    """Left and right edge (positions) of a tool within the window."""
    left = panels.now if tool.start >= int(series.end[-1]) else float(positions(series, tool.start)) - 0.5
    if tool.end is None:
        right = panels.right - _OPEN_END * (panels.right - panels.now)
    else:
        right = place(series, tool.end) + 0.5
    left = max(left, panels.left)
    return left, max(right, left + 1.0)


def _fill(fill: Fill, series: ChartSeries, panels: Panels, palette: Palette) -> dict[str, Any]:
    bought = fill.direction > 0
    colour = palette.up if bought else palette.down
    x = max(place(series, fill.moment), panels.left)
    reach = panels.size(34)
    return {
        "x": x,
        "y": fill.price,
        "text": f"<b>{fill.text}</b>",
        "font": {"size": panels.size(11), "color": colour},
        "bgcolor": theme.fade(palette.background, 0.7),
        "showarrow": True,
        "arrowhead": 2,
        "arrowsize": 1.1,
        "arrowwidth": 1.6,
        "arrowcolor": colour,
        "ax": 0,
        "ay": reach if bought else -reach,
    }
