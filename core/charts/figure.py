"""A signal as a plotly figure: candles, volume, the position tool, the zones behind it, and where it all comes from."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from core.bars import Bars
from core.charts import theme
from core.charts.axis import ticks
from core.charts.captions import tags, utc, words
from core.charts.drawing import SignalDrawing
from core.charts.evidence import Frame, labels, shapes
from core.errors import ParameterError

WIDTH: Final = 1280
HEIGHT: Final = 720
AHEAD: Final = 0.2
"""Room to the right of the last bar, where the trade would unfold, as a share of the bars shown."""
_MARGIN: Final = {"l": 16, "r": 92, "t": 72, "b": 52}
_PRICE, _VOLUME = (0.2, 1.0), (0.0, 0.16)


def signal_figure(bars: Bars, drawing: SignalDrawing, width: int = WIDTH, height: int = HEIGHT) -> go.Figure:
    """The chart of a signal over `bars` of its timeframe, the last of them the last one the signal saw.

    Bars stand side by side, so nights and weekends leave no hole; `width` and `height` are pixels.

    Raises:
        ParameterError: there are no bars.
    """
    if len(bars) == 0:
        raise ParameterError(f"There are no bars of {drawing.symbol} to draw: fetch or import some first.", drawing)
    frame = _frame(bars, drawing)
    now = len(bars) - 0.5
    boxes = _boxes(drawing, now, frame.right)
    figure = go.Figure([_candles(bars), _volume(bars)])
    figure.update_layout(_layout(bars, frame, width, height, drawing.decimals))
    figure.update_layout(
        shapes=[*shapes(bars, drawing.evidence, frame), *boxes, *_levels(drawing, now, frame.right)],
        annotations=[
            *labels(bars, drawing.evidence, frame),
            *tags(drawing, frame, _price_height(height)),
            *words(bars, drawing, height),
        ],
    )
    return figure


def _frame(bars: Bars, drawing: SignalDrawing) -> Frame:
    plan = [drawing.entry, drawing.stop, drawing.target]
    low, high = min(bars.low.min(), *plan), max(bars.high.max(), *plan)
    room = 0.05 * (high - low or high)
    return Frame(-1.0, len(bars) * (1 + AHEAD), float(low - room), float(high + room))


def _candles(bars: Bars) -> go.Candlestick:
    return go.Candlestick(
        x=np.arange(len(bars)),
        open=bars.open,
        high=bars.high,
        low=bars.low,
        close=bars.close,
        increasing={"line": {"color": theme.UP, "width": 1}, "fillcolor": theme.UP},
        decreasing={"line": {"color": theme.DOWN, "width": 1}, "fillcolor": theme.DOWN},
        text=[utc(int(moment)) for moment in bars.time],
        name=bars.timeframe.name,
    )


def _volume(bars: Bars) -> go.Bar:
    colours = np.where(bars.close >= bars.open, theme.fade(theme.UP, 0.45), theme.fade(theme.DOWN, 0.45))
    return go.Bar(
        x=np.arange(len(bars)),
        y=bars.volume,
        yaxis="y2",
        marker={"color": colours, "line": {"width": 0}},
        name="Volume",
    )


def _layout(bars: Bars, frame: Frame, width: int, height: int, decimals: int) -> dict[str, Any]:
    at, names = ticks(bars)
    axis = {"gridcolor": theme.GRID, "zeroline": False, "linecolor": theme.BORDER, "showline": True}
    quiet = {"size": 11, "color": theme.MUTED}
    return {
        "width": width,
        "height": height,
        "margin": _MARGIN | {"autoexpand": False},
        "paper_bgcolor": theme.BACKGROUND,
        "plot_bgcolor": theme.BACKGROUND,
        "font": {"family": theme.FONT, "size": 12, "color": theme.TEXT},
        "showlegend": False,
        "hovermode": "x",
        "bargap": 0.25,
        "dragmode": "pan",
        "xaxis": axis
        | {"range": [frame.left, frame.right], "tickvals": at, "ticktext": names, "tickfont": quiet, "anchor": "y2"}
        | {"rangeslider": {"visible": False}, "automargin": False},
        "yaxis": axis
        | {"range": [frame.low, frame.high], "domain": _PRICE, "side": "right", "tickfont": quiet, "automargin": False}
        | {"tickformat": f",.{decimals}f", "nticks": 10},
        "yaxis2": axis
        | {"range": [0, float(bars.volume.max() or 1) * 1.05], "domain": _VOLUME, "side": "right", "tickfont": quiet}
        | {"nticks": 3, "automargin": False, "tickformat": "~s"},
    }


def _boxes(drawing: SignalDrawing, left: float, right: float) -> list[dict[str, Any]]:
    """The position tool: reward from entry to target, risk from entry to stop."""
    return [
        {"type": "rect", "x0": left, "x1": right, "y0": drawing.entry, "y1": edge, "line": {"width": 0}}
        | {"fillcolor": theme.fade(colour, 0.17), "layer": "below"}
        for edge, colour in ((drawing.target, theme.TARGET), (drawing.stop, theme.STOP))
    ]


def _levels(drawing: SignalDrawing, left: float, right: float) -> list[dict[str, Any]]:
    plan = ((drawing.entry, theme.ENTRY), (drawing.stop, theme.STOP), (drawing.target, theme.TARGET))
    lines = [
        {"type": "line", "x0": left, "x1": right, "y0": price, "y1": price, "line": {"color": colour, "width": 1.4}}
        for price, colour in plan
    ]
    seen = {"type": "line", "x0": left, "x1": left, "yref": "paper", "y0": 0, "y1": 1}
    return [*lines, seen | {"line": {"color": theme.fade(theme.MUTED, 0.5), "width": 1, "dash": "dot"}}]


def _price_height(height: int) -> float:
    """Pixels of the price panel of a figure of `height` pixels."""
    return (height - _MARGIN["t"] - _MARGIN["b"]) * (_PRICE[1] - _PRICE[0])
