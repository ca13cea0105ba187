"""A scene as a plotly figure: elements, volume, indicators, position tools, events, and where it all comes from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from core.bars import Bars
from core.charts import paths, position, theme
from core.charts.captions import coloured, legend, tags, utc, words
from core.charts.drawing import SignalDrawing
from core.charts.evidence import labels, shapes
from core.charts.labels import placed
from core.charts.layout import layout
from core.charts.palette import DARK, Palette
from core.charts.panels import Panels, panels
from core.charts.scene import Curve, Scene, Tool
from core.charts.series import BY_TIME, ChartSeries, chart_series
from core.errors import ParameterError

WIDTH: Final = 1280
HEIGHT: Final = 720
_CANDLES: Final = ("candlestick", "heikin_ashi", "renko")


def chart_figure(
    scene: Scene, width: int = WIDTH, height: int = HEIGHT, palette: Palette = DARK, *, interactive: bool = False
) -> go.Figure:
    """The chart of a scene, `width` by `height` pixels.

    Elements stand side by side, so nights and weekends leave no hole. `interactive` draws them as traces that a reader
    can point at; else they are paths, which a browser turns into an image a third faster.

    Raises:
        ParameterError: there are no bars, or too few for one brick or column of this chart type.
    """
    if len(scene.bars) == 0:
        raise ParameterError(f"There are no bars of {scene.symbol} to draw: fetch or import some first.", scene.symbol)
    scene, series = made(scene)
    if len(series) == 0:
        raise ParameterError(
            f"{scene.symbol} moved too little for this chart type: choose more bars or another type.", scene.symbol
        )
    where = panels(scene, series, width, height)
    figure = go.Figure(_traces(scene, series, where, palette, interactive=interactive))
    figure.update_layout(layout(scene, series, where, palette))
    figure.update_layout(
        shapes=[
            *shapes(scene.events, series, where, palette),
            *position.boxes(scene.tools, series, where, palette),
            *_elements(scene, series, where, palette, interactive=interactive),
            *position.lines(scene, series, where, palette),
        ],
        annotations=[
            *placed(
                [
                    *position.labels(scene, series, where, palette),
                    *labels(scene.events, series, where, palette),
                ],
                where,
                palette,
            ),
            *position.fills(scene, series, where, palette),
            *tags(scene, where, palette),
            *legend(scene, where, palette),
            *words(scene, series, where, palette),
        ],
    )
    return figure


def made(scene: Scene) -> tuple[Scene, ChartSeries]:
    """The elements that end in the window, and the scene with its curves over them.

    Bricks and columns depend on where they begin: made from the bars before the window too, they stay the same while it
    moves on. Each has of a curve the value known when it was made.
    """
    bars = scene.bars
    if scene.chart_type in BY_TIME:
        return scene, chart_series(bars, scene.chart_type)
    whole = joined(scene.before, bars) if scene.before is not None else bars
    found = chart_series(whole, scene.chart_type, size=scene.size, reversal=scene.reversal, tick=scene.tick_size)
    part = slice(int(np.searchsorted(found.end, bars.time[0], side="right")), None)
    columns = {name: getattr(found, name)[part] for name in ("start", "end", "open", "high", "low", "close")}
    source = np.searchsorted(bars.close_time, columns["end"])
    curves = tuple(replace(curve, values=curve.values[source]) for curve in scene.curves)
    return replace(scene, curves=curves), replace(found, **columns)


def joined(before: Bars, bars: Bars) -> Bars:
    """Bars and those before them as one."""
    columns = ("time", "open", "high", "low", "close", "volume")
    return Bars(bars.timeframe, *(np.concatenate([getattr(before, one), getattr(bars, one)]) for one in columns))


def signal_figure(
    bars: Bars,
    drawing: SignalDrawing,
    width: int = WIDTH,
    height: int = HEIGHT,
    palette: Palette = DARK,
    *,
    interactive: bool = False,
) -> go.Figure:
    """The chart of a signal over `bars` of its timeframe, the last of them the last one the signal saw.

    Raises:
        ParameterError: there are no bars.
    """
    return chart_figure(signal_scene(bars, drawing), width, height, palette, interactive=interactive)


def signal_scene(bars: Bars, drawing: SignalDrawing) -> Scene:
    """What the chart of a signal shows."""
    confidence = f"confidence {drawing.confidence:.2f} {drawing.band.replace('_', ' ').lower()}"
    tool = Tool(
        drawing.direction, drawing.entry, drawing.stop, drawing.target, drawing.as_of, None, drawing.reward_risk
    )
    return Scene(
        bars=bars,
        symbol=drawing.symbol,
        source=drawing.source,
        tick_size=drawing.tick_size,
        simulated=drawing.simulated,
        headline=f"{drawing.entry_type.replace('_', ' ').lower()} {drawing.price(drawing.entry)}",
        side=drawing.direction,
        facts=(drawing.strategy, confidence, f"reward to risk {drawing.reward_risk:.2f}"),
        tools=(tool,),
        events=tuple(drawing.evidence),
    )


def _traces(
    scene: Scene, series: ChartSeries, where: Panels, palette: Palette, *, interactive: bool
) -> list[go.Scatter | go.Candlestick | go.Bar]:
    at = np.arange(len(series))
    # Without a trace plotly gives an axis no panel.
    drawn: list[Any] = [go.Scatter(x=at[:1], y=series.close[:1], mode="lines", hoverinfo="skip")]
    if series.type == "line":
        line = {"color": palette.series[0], "width": 1.6}
        names = [utc(int(moment)) for moment in series.start]
        drawn = [go.Scatter(x=at, y=series.close, mode="lines", line=line, text=names, name=scene.symbol)]
    elif interactive and series.type in _CANDLES:
        drawn = [_candles(series, palette, scene.bars.timeframe.name)]
    if where.volume is not None:
        drawn.append(_volume(scene.bars, palette, interactive=interactive))
    for number, name in enumerate(where.panes, start=3):
        drawn += [
            _curve(curve, colour, f"y{number}", palette)
            for curve, colour in coloured(scene, palette)
            if curve.pane == name
        ]
    over = [_curve(curve, colour, "y", palette) for curve, colour in coloured(scene, palette) if not curve.pane]
    return [*drawn, *over]


def _candles(series: ChartSeries, palette: Palette, name: str) -> go.Candlestick:
    return go.Candlestick(
        x=np.arange(len(series)),
        open=series.open,
        high=series.high,
        low=series.low,
        close=series.close,
        increasing={"line": {"color": palette.up, "width": 1}, "fillcolor": palette.up},
        decreasing={"line": {"color": palette.down, "width": 1}, "fillcolor": palette.down},
        text=[utc(int(moment)) for moment in series.start],
        name=name,
    )


def _volume(bars: Bars, palette: Palette, *, interactive: bool) -> go.Bar | go.Scatter:
    if not interactive:
        return go.Scatter(x=[0], y=[0], yaxis="y2", mode="lines", hoverinfo="skip")
    colours = np.where(bars.close >= bars.open, theme.fade(palette.up, 0.45), theme.fade(palette.down, 0.45))
    marker = {"color": colours, "line": {"width": 0}}
    return go.Bar(x=np.arange(len(bars)), y=bars.volume, yaxis="y2", marker=marker, name="Volume")


def _curve(curve: Curve, colour: str, axis: str, palette: Palette) -> go.Scatter | go.Bar:
    if curve.as_bars:
        tones = np.where(curve.values >= 0, theme.fade(palette.up, 0.6), theme.fade(palette.down, 0.6))
        marker = {"color": tones, "line": {"width": 0}}
        return go.Bar(x=np.arange(len(curve.values)), y=curve.values, yaxis=axis, marker=marker, name=curve.name)
    line = {"color": colour, "width": 1.3}
    return go.Scatter(
        x=np.arange(len(curve.values)), y=curve.values, yaxis=axis, mode="lines", line=line, name=curve.name
    )


def _elements(
    scene: Scene, series: ChartSeries, where: Panels, palette: Palette, *, interactive: bool
) -> list[dict[str, Any]]:
    drawn = []
    if series.type != "line" and not (interactive and series.type in _CANDLES):
        drawn += paths.elements(series, where, palette)
    if where.volume is not None and not interactive:
        drawn += paths.volumes(scene.bars, where, palette, "y2")
    return drawn
