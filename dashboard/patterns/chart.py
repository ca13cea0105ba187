"""The candles of the Patterns page: all chosen events over the last bars, or one event close up."""

from __future__ import annotations

import numpy as np
import pandas as pd
from streamlit_lightweight_charts import renderLightweightCharts

from core.bars import Bars
from dashboard.components.formats import utc
from dashboard.components.markup import SOURCES, show, tag
from dashboard.patterns import drawing as pattern_drawing
from dashboard.patterns.drawing import Event
from dashboard.patterns.subject import Subject

HEIGHT = 520
CLOSE_HEIGHT = 430
_BEFORE, _LEAST, _AFTER, _MOST = 25, 70, 30, 400


def overview(subject: Subject, bars: Bars, events: pd.DataFrame, marked: Event | None) -> None:
    """All events over the bars shown, with a line that says what the picture holds."""
    chosen = pattern_drawing.selection(events, bars)
    renderLightweightCharts(
        pattern_drawing.payload(
            bars,
            chosen,
            tick_size=subject.symbol.tick_size,
            height=HEIGHT,
            watermark=SOURCES.get(subject.symbol.source, ""),
            marked=marked,
        ),
        key=f"patterns_chart_{subject.name}",
    )
    noun = "event" if len(events) == 1 else "events"
    drawn, picked = f"{len(events)} {noun}", ""
    if len(chosen) < len(events):
        drawn = f"{len(chosen)} of {len(events)} {noun} drawn"
        picked = ", the newest and strongest of those within the picture"
    show(tag("div", f"{len(bars)} bars to {utc(bars.as_of)} UTC, {drawn}{picked}.", cls="muted legend"))


def close_up(subject: Subject, history: Bars, event: Event, *, later: bool) -> None:
    """One event with some bars around it, up to the bar that made it known; `later` shows what followed."""
    bars = around(history, event, later=later)
    renderLightweightCharts(
        pattern_drawing.payload(
            bars,
            [],
            tick_size=subject.symbol.tick_size,
            height=CLOSE_HEIGHT,
            watermark=SOURCES.get(subject.symbol.source, ""),
            marked=event,
        ),
        key=f"patterns_review_{subject.name}",
    )
    end = "with what followed" if later else "ending with the bar that made it known"
    show(tag("div", f"{len(bars)} bars to {utc(bars.as_of)} UTC, {end}.", cls="muted legend"))


def around(history: Bars, event: Event, *, later: bool) -> Bars:
    """The bars from before an event's start to the one that made it known, or some more."""
    first = int(np.searchsorted(history.time, event["start"]))
    known = int(np.searchsorted(history.close_time, event["known_at"]))
    start = max(0, known - _MOST, min(first - _BEFORE, known - _LEAST))
    return history[start : known + 1 + (_AFTER if later else 0)]
