"""Images of one scene: ours, drawn directly, against mplfinance; then the plotly route of `benchmarks.render_plotly`.

The scene is 800x600 with 200 candles, two zones, support and resistance, a position with entry, stop and target, four
signs, labels, grid and axes, and no volume on either side. Both begin with the bars and end with the bytes of a PNG.
Peak memory is that of a process that does nothing but import its route and draw with it.
"""

from __future__ import annotations

import importlib.util
import io
import logging
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.render_scene import COUNT, SIGNS, ZONES, levels, market
from benchmarks.timing import interleaved
from core.bars import Bars

WIDTH, HEIGHT = 800, 600
DRAWN_FOR_MEMORY = 40


def our_route(bars: Bars) -> Callable[[], bytes]:
    """The data set's own renderer."""
    from core.charts.geometry import Plot
    from core.charts.raster import Label, Level, Marker, PositionTool, Scene, Zone, encode, render
    from core.charts.series import chart_series

    def call() -> bytes:
        series, at, close = chart_series(bars, "candlestick"), levels(bars), float(bars.close[-1])
        plan = PositionTool(close, close - 0.1 * (at(1) - at(0)), close + 0.2 * (at(1) - at(0)), 199.5, 215.5)
        return encode(
            render(
                Scene(
                    series,
                    Plot.fit(series, WIDTH, HEIGHT, ahead=16, include=(plan.stop, plan.target)),
                    zones=[Zone(x0, x1, at(y0), at(y1), way, text) for x0, x1, y0, y1, way, text in ZONES],
                    levels=[
                        Level(at(0.05), "support", text="Support"),
                        Level(at(0.95), "resistance", text="Resistance"),
                    ],
                    position=plan,
                    markers=[Marker(sign, float(bars.low[sign]), "up", 1) for sign in SIGNS],
                    labels=[Label(sign, float(bars.low[sign]), "Sweep", 1, above=False) for sign in SIGNS],
                    title="Random walk  M5",
                )
            )
        )

    return call


def library_route(bars: Bars) -> Callable[[], bytes]:
    """mplfinance, as its manual says."""
    warnings.filterwarnings("ignore")
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt
    import mplfinance as mpf
    import pandas as pd

    frame = bars.frame().set_index(pd.to_datetime(bars.time, unit="ms")).drop(columns="time")
    frame.columns = [name.capitalize() for name in frame.columns]
    rows = np.arange(COUNT)
    colours = {1: "#2f8fa3", -1: "#b7679a"}

    def band(left: int, right: int, low: float, high: float, colour: str) -> dict[str, Any]:
        where = (rows >= left) & (rows <= right)
        return {"y1": high, "y2": low, "where": where, "color": colour, "alpha": 0.22}

    def call() -> bytes:
        at, close = levels(bars), float(bars.close[-1])
        stop, target = close - 0.1 * (at(1) - at(0)), close + 0.2 * (at(1) - at(0))
        lows = np.full(COUNT, np.nan)
        lows[list(SIGNS)] = bars.low[list(SIGNS)]
        figure, axes = mpf.plot(
            frame,
            type="candle",
            style="nightclouds",
            figsize=(WIDTH / 100, HEIGHT / 100),
            title="Random walk  M5",
            fill_between=[
                *(band(x0, x1, at(y0), at(y1), colours[way]) for x0, x1, y0, y1, way, _ in ZONES),
                band(184, 199, close, target, "#35b597"),
                band(184, 199, stop, close, "#e2656d"),
            ],
            hlines={
                "hlines": [at(0.05), at(0.95), close, stop, target],
                "colors": ["g", "r", "w", "r", "g"],
                "linestyle": "--",
                "linewidths": 1,
            },
            addplot=mpf.make_addplot(lows, type="scatter", marker="^", markersize=40),
            returnfig=True,
        )
        words = [(x0, at(y1), text) for x0, _, _, y1, _, text in ZONES]
        words += [(sign, float(bars.low[sign]), "Sweep") for sign in SIGNS]
        words += [(150, at(0.05), "Support"), (150, at(0.95), "Resistance")]
        words += [(185, close, "Entry"), (185, stop, "Stop"), (185, target, "Target")]
        for x, y, text in words:
            axes[0].text(x, y, text, fontsize=8)
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=100)
        plt.close(figure)
        return file.getvalue()

    return call


def peak_memory(route: str) -> float:
    """Peak memory (MB) of a fresh process that draws with `our_route` or `library_route`."""
    code = (
        f"from benchmarks.render import *; call = {route}(market({COUNT}))\n"
        f"for _ in range({DRAWN_FOR_MEMORY}): call()\n"
        "print(own_peak())"
    )
    root = Path(__file__).resolve().parents[1]
    command = [sys.executable, "-c", code]
    return float(subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout)


def own_peak() -> float:
    """Peak memory of this process in MB.

    `ru_maxrss` would count the parent's pages of the moment before exec; the kernel's high-water mark does not.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return round(int(line.split()[1]) / 1024, 1)
    import resource

    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)


def plotly_route() -> dict[str, Any]:
    """What `benchmarks.render_plotly.plotly_route` measures of the exports for people, in the same run."""
    if importlib.util.find_spec("benchmarks.render_plotly") is None:
        return {}
    return dict(importlib.import_module("benchmarks.render_plotly").plotly_route())


def run() -> dict[str, Any]:
    """Images per second on one core, ours and mplfinance's, taken in turns; peak memory of both."""
    bars = market(COUNT)
    ours, theirs = interleaved([our_route(bars), library_route(bars)], rounds=9, repeat=[150, 2])
    return {
        "name": "render",
        "unit": f"images of {WIDTH}x{HEIGHT} with {COUNT} candles per second, one core",
        "ours": round(1 / ours),
        "peer": round(1 / theirs, 2),
        "ratio": round(theirs / ours, 1),
        "ours_peak_mb": peak_memory("our_route"),
        "peer_peak_mb": peak_memory("library_route"),
        **plotly_route(),
    }
