"""The exports' route through a browser: our kept page against kaleido's own server, drawing the same scene.

`plotly_ratio` is the whole route: ours draws candles as paths, kaleido's user has plotly's own candles and volume bars.
`plotly_same_figure_ratio` gives kaleido our figure too, which leaves the kept page alone. Both have their browser open
before the clock starts, take turns, and give back the bytes of a PNG of 800x600 with 200 candles, volume, zones, lines,
a position and labels. Kaleido is called as its users call it, with its sync server, and with MathJax off, without which
it would wait for a network. Peak memory is that of all processes of a route but the caller, the browser among them, as
the kernel counts what is theirs alone.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.render_scene import COUNT, SIGNS, ZONES, levels, market
from benchmarks.timing import interleaved

WIDTH, HEIGHT = 800, 600
ROUNDS, REPEAT = 7, 6


def plotly_route() -> dict[str, Any]:
    """Images per second of both, `plotly_ratio`, and peak memory in MB; empty without a browser."""
    from workers.renderer.browser import find_browser

    browser = find_browser(os.environ)
    if browser is None:
        return {}
    with tempfile.TemporaryDirectory(prefix="chartroom-bench-") as home:
        os.environ["CHARTROOM_HOME"] = home
        return _measured(str(browser), Path(home))


def figure(*, interactive: bool) -> Any:
    """The figure of the scene, as paths or as plotly's own candles."""
    from dataclasses import replace

    import numpy as np

    from core.charts.figure import chart_figure
    from core.charts.scene import Scene, Tool

    bars = market(COUNT)
    at, close = levels(bars), float(bars.close[-1])
    span = {"timeframe": "M5", "known_at": 0, "role": "", "score": 1.0}
    events = [
        span
        | {"kind": text.lower().replace(" ", "_"), "direction": way, "start": int(bars.time[x0])}
        | {"end": int(bars.time[x1]), "price_low": at(y0), "price_high": at(y1), "level": at(y1)}
        for x0, x1, y0, y1, way, text in ZONES
    ]
    events += [
        span
        | {"kind": "sweep", "direction": 1, "start": int(bars.time[sign - 8]), "end": int(bars.time[sign])}
        | {"price_low": 0.0, "price_high": 0.0, "level": float(bars.low[sign])}
        for sign in SIGNS
    ]
    plan = Tool(1, close, close - 0.1 * (at(1) - at(0)), close + 0.2 * (at(1) - at(0)), bars.as_of)
    return chart_figure(
        Scene(
            replace(bars, volume=1.0 + np.arange(COUNT, dtype=np.float64) % 7),
            "Random walk",
            "made up",
            0.001,
            tools=(plan,),
            events=tuple(events),
        ),
        WIDTH,
        HEIGHT,
        interactive=interactive,
    )


def _measured(browser: str, home: Path) -> dict[str, Any]:
    import kaleido
    import psutil

    from workers.renderer.place import holder, place_in
    from workers.renderer.render import render

    own, plain = figure(interactive=False), figure(interactive=True)
    options = {"format": "png", "width": WIDTH, "height": HEIGHT, "scale": 1}
    kaleido.start_sync_server(mathjax=False, path=browser, silence_warnings=True)
    try:
        calls = [
            lambda: render(own, WIDTH, HEIGHT),
            lambda: kaleido.calc_fig_sync(plain, opts=dict(options)),
            lambda: kaleido.calc_fig_sync(own, opts=dict(options)),
        ]
        ours, theirs, same = interleaved(calls, ROUNDS, [REPEAT] * 3)
        server = holder(place_in(home))
        assert server is not None
        family = [server, *server.children(recursive=True)]
        others = [one for one in psutil.Process().children(recursive=True) if one not in family]
        memory = {"ours": _peak(calls[0], family), "peer": _peak(calls[1], others)}
        server.terminate()
        psutil.wait_procs(family, timeout=20)
    finally:
        kaleido.stop_sync_server(silence_warnings=True)
    return {
        "plotly_ours": round(1 / ours, 1),
        "plotly_peer": round(1 / theirs, 1),
        "plotly_ratio": round(theirs / ours, 2),
        "plotly_same_figure_ratio": round(same / ours, 2),
        "plotly_ours_mb": memory["ours"],
        "plotly_peer_mb": memory["peer"],
    }


def _peak(call: Callable[[], object], family: list[Any]) -> int:
    """The most that these processes hold together while they draw, looked at every few milliseconds."""
    done, most = threading.Event(), [0.0]

    def watch() -> None:
        while not done.is_set():
            most[0] = max(most[0], sum(process.memory_full_info().uss for process in family) / 2**20)

    watcher = threading.Thread(target=watch)
    watcher.start()
    for _ in range(REPEAT):
        call()
    done.set()
    watcher.join()
    return round(most[0])
