"""The axes of an exported chart: every range and place is stated, so that plotly decides nothing by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from core.charts import theme
from core.charts.axis import ticks
from core.charts.captions import price_ticks
from core.charts.palette import Palette
from core.charts.panels import Panels
from core.charts.scene import Scene
from core.charts.series import BY_TIME, ChartSeries

_DAY: Final = 86_400_000
_TICK_PIXELS: Final = 125


def layout(scene: Scene, series: ChartSeries, where: Panels, palette: Palette) -> dict[str, Any]:
    """Plotly's layout, without shapes and annotations."""
    at, names = _ticks(scene, series, max(2, round(where.width / (_TICK_PIXELS * where.text))))
    quiet = {"size": where.size(11), "color": palette.muted}
    axis = {
        "gridcolor": palette.grid,
        "zeroline": False,
        "linecolor": palette.border,
        "showline": True,
        "tickfont": quiet,
        "automargin": False,
    }
    lowest = "y3" if where.panes else "y2" if where.volume else "y"
    made: dict[str, Any] = {
        "width": where.width,
        "height": where.height,
        "margin": where.margin | {"autoexpand": False},
        "paper_bgcolor": palette.background,
        "plot_bgcolor": palette.background,
        "font": {"family": theme.FONT, "size": where.size(12), "color": palette.text},
        "showlegend": False,
        "hovermode": "closest",
        "bargap": 0.25,
        "dragmode": "pan",
        "xaxis": axis
        | {"range": [where.left, where.right], "tickvals": at, "ticktext": names, "tickangle": 0}
        | {"anchor": lowest}
        | {"rangeslider": {"visible": False}},
        "yaxis": axis
        | {"range": [where.low, where.high], "domain": where.price, "side": "right"}
        | {"tickformat": f",.{scene.decimals}f", "tickvals": price_ticks(scene, where)},
    }
    if where.volume is not None:
        top = float(scene.bars.volume.max() or 1) * 1.05
        made["yaxis2"] = axis | {"range": [0, top], "domain": where.volume, "side": "right", "nticks": 3}
        made["yaxis2"]["tickformat"] = "~s"
    for number, (name, domain) in enumerate(where.panes.items(), start=3):
        low, high = _pane_range(scene, name)
        made[f"yaxis{number}"] = axis | {"range": [low, high], "domain": domain, "side": "right", "nticks": 4}
    return made


def _pane_range(scene: Scene, name: str) -> tuple[float, float]:
    values = np.concatenate([curve.values[np.isfinite(curve.values)] for curve in scene.curves if curve.pane == name])
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    room = 0.06 * (high - low or abs(high) or 1.0)
    return low - room, high + 3 * room  # the legend stands above the curves


def _ticks(scene: Scene, series: ChartSeries, most: int) -> tuple[list[int], list[str]]:
    """Round moments on an axis of bars; on one of bricks or columns, dates of evenly spaced elements."""
    if series.type in BY_TIME:
        return ticks(scene.bars, most)
    count = min(most, len(series))
    at = np.unique(np.linspace(0, len(series) - 1, count + 2)[1:-1].round().astype(int))
    moments = [datetime.fromtimestamp(int(series.start[one]) / 1000, UTC) for one in at]
    daily = scene.bars.timeframe.ms >= _DAY
    if daily:
        return at.tolist(), [f"{moment:%d %b %Y}" for moment in moments]
    new = [
        before is None or before.date() != moment.date()
        for before, moment in zip([None, *moments[:-1]], moments, strict=True)
    ]
    names = [f"{moment:%H:%M<br>%d %b}" if day else f"{moment:%H:%M}" for moment, day in zip(moments, new, strict=True)]
    return at.tolist(), names
