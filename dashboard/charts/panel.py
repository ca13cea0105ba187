"""One of the charts: its timeframe, its legend, the picture, and one line that says what is in it and what is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from streamlit.delta_generator import DeltaGenerator
from streamlit_lightweight_charts import renderLightweightCharts

from core.bars import Bars
from core.charts.series import BY_TIME
from core.errors import ParameterError
from core.timeframe import Timeframe
from dashboard import data
from dashboard.charts import indicators as chart_indicators
from dashboard.charts import payload as chart_payload
from dashboard.charts import positions as chart_positions
from dashboard.charts.address import SAME_COUNT, SIGNALS, TRADES, VOLUME, ChartView
from dashboard.charts.data import HISTORY, Known, known_at
from dashboard.charts.elements import Drawn, elements
from dashboard.charts.panes import Line, Shown, at_sources, lines_of
from dashboard.charts.positions import Focus
from dashboard.components.formats import price, utc
from dashboard.components.markup import SOURCES, show, tag
from dashboard.components.panels import empty
from dashboard.patterns.drawing import Event, selection
from dashboard.patterns.events import events_in
from db.models import Symbol
from db.views import charts
from db.views.charts import PlanLine

HEIGHTS: Final = {1: (470, 96), 2: (410, 96), 3: (200, 78), 4: (200, 78)}
"""Pixels of the price part and of a pane, by the number of charts."""
_WEIGHED: Final = 1_200
"""Bars whose events are weighed against each other: the newest are drawn first anyway."""
_NOUNS: Final = {"renko": "brick", "point_figure": "column"}


@dataclass(frozen=True)
class Subject:
    """What all charts of the page have in common. `since` and `moment` (UTC ms) are the span they show."""

    key: data.Stamp
    symbol: Symbol
    view: ChartView
    moment: int
    since: int

    @property
    def focus(self) -> Focus | None:
        if self.view.trade is not None:
            return "trade", self.view.trade
        return None if self.view.signal is None else ("signal", self.view.signal)


def span_start(key: data.Stamp, symbol: Symbol, view: ChartView, timeframe: Timeframe, moment: int) -> int | None:
    """Where the span of the leading chart begins (UTC ms): before the last bars that are asked for."""
    bars = known_at(key, symbol, timeframe, moment, view.families).bars
    return int(bars.time[-view.bars :][0]) if len(bars) else None


def chart_panel(subject: Subject, place: int, timeframe: Timeframe, legend: DeltaGenerator) -> None:
    """The chart at `place`, or the sentence that says why there is none; `legend` is where its legend goes."""
    view, name = subject.view, subject.symbol.name
    known = known_at(subject.key, subject.symbol, timeframe, subject.moment, view.families)
    if not len(known.bars):
        empty(f"No {timeframe.name} bar of {name} was complete at {utc(subject.moment)} UTC.", "Go to a later moment.")
        return
    since = subject.since
    if view.sync == SAME_COUNT:
        since = int(known.bars.time[-view.bars :][0])
    try:
        drawn = elements(
            known.bars, since, view.type, size=view.size, reversal=view.reversal, tick=subject.symbol.tick_size
        )
    except ParameterError as error:
        empty("This chart cannot be drawn.", error.message[:1].upper() + error.message[1:])
        return
    if not len(drawn.bars):
        _nothing_drawn(view, timeframe, drawn)
        return
    _draw(subject, place, timeframe, known, drawn, since, legend)


def _draw(
    subject: Subject, place: int, timeframe: Timeframe, known: Known, drawn: Drawn, since: int, legend: DeltaGenerator
) -> None:
    view, symbol = subject.view, subject.symbol
    shown, notes = _indicators(view, timeframe, known.bars, drawn)
    lines = lines_of(shown)
    every = chart_positions.without_taken(plans_of(subject, since), subject.focus)
    plans = chart_positions.to_draw(every, subject.focus)
    if len(plans) < len(every):
        notes.append(f"{len(plans)} of {len(every)} signals and trades, the newest.")
    window = known.bars[int(np.searchsorted(known.bars.close_time, since, side="right")) :]
    front = chart_positions.in_front(plans, subject.focus, subject.moment)
    budget = chart_payload.BOXES // len(view.timeframes) - chart_positions.weight(plans, front)
    events, told = _events(known, window, drawn, budget)
    picture = chart_payload.Picture(
        drawn,
        view.type,
        symbol.tick_size,
        *HEIGHTS[len(view.timeframes)],
        chart_payload.right_edge(subject.moment, view.timeframes[0]),
        SOURCES.get(symbol.source, ""),
        VOLUME in view.shown,
        shown,
        lines,
        events,
        plans,
        front,
    )
    with legend:
        _legend(lines, symbol.tick_size, shown)
    renderLightweightCharts(
        chart_payload.payload(picture), key=f"charts_{place}_{symbol.id}_{timeframe.name}_{view.type}"
    )
    show(
        tag(
            "div",
            " ".join(part for part in (_extent(view, known, window, drawn, since), told, *notes) if part),
            cls="muted legend extent",
        )
    )


def plans_of(subject: Subject, since: int) -> list[PlanLine]:
    """All signals and trades of the span that are asked for."""
    view, symbol_id, found = subject.view, subject.symbol.id or 0, []
    focus = subject.focus
    if TRADES in view.shown or (focus and focus[0] == "trade"):
        found += data.cached(subject.key, charts.trades_by, symbol_id, since, subject.moment)
    if SIGNALS in view.shown or (focus and focus[0] == "signal"):
        found += data.cached(subject.key, charts.signals_by, symbol_id, since, subject.moment)
    return found


def _indicators(view: ChartView, timeframe: Timeframe, bars: Bars, drawn: Drawn) -> tuple[list[Shown], list[str]]:
    """The indicators that have values here, and a sentence for each that has none."""
    found, notes = [], []
    for one in view.indicators:
        need = chart_indicators.warm_up(one) + 1
        if len(bars) < need:
            notes.append(f"{one.label} needs {need:,} bars, {timeframe.name} has {len(bars):,}.")
            continue
        try:
            columns = chart_indicators.columns(bars, one)
        except ParameterError as error:
            notes.append(f"{one.label}: {error.message}")
            continue
        on_price = bool(chart_indicators.price_outputs(one.name))
        placed = at_sources(columns, drawn.source)
        if not any(np.isfinite(values).any() for values in placed.values()):
            notes.append(f"{one.label} has no value in this span.")
            continue
        found.append(Shown(one.name, one.label, placed, on_price))
    return found, notes


def _events(known: Known, window: Bars, drawn: Drawn, budget: int) -> tuple[list[Event], str]:
    """The pattern events to draw, and how many of them there are."""
    if known.log is None or not len(window):
        return [], ""
    events = events_in(known.log, window[-_WEIGHED:])
    chosen = selection(events, drawn.bars, max(0, budget))
    noun = "event" if len(events) == 1 else "events"
    if len(chosen) == len(events):
        return chosen, f"{len(events)} pattern {noun}."
    of = f" of the last {_WEIGHED:,} bars" if len(window) > _WEIGHED else ""
    return (
        chosen,
        f"{len(chosen)} of {len(events)} pattern events{of}, the newest and strongest of those in the picture.",
    )


def _extent(view: ChartView, known: Known, window: Bars, drawn: Drawn, since: int) -> str:
    count = len(drawn.bars)
    if view.type in BY_TIME:
        said = f"{count:,} {'bar' if count == 1 else 'bars'}"
    else:
        noun = _NOUNS[view.type]
        proposed = "" if view.size else " (proposed)"
        said = f"{count:,} {noun if count == 1 else noun + 's'} of {drawn.size:g}{proposed} from {len(window):,} bars"
    # A history that is full may go back further than what was read of it.
    full = len(known.bars) == HISTORY and int(known.bars.time[0]) > since
    cut = "; the older ones of this span are more than one chart can carry" if drawn.cut or full else ""
    return f"{said} to {utc(known.bars.as_of)} UTC{cut}."


def _legend(lines: list[list[Line]], tick_size: float, shown: list[Shown]) -> None:
    """Every indicator in its colour with its last value."""
    pieces = []
    for one, columns in zip(shown, lines, strict=True):
        for line in columns:
            value = price(line.value, tick_size) if one.on_price else _short(line.value)
            pieces.append(tag("span", line.label, " ", tag("b", value), style=f"color:{line.colour}"))
    if pieces:
        show(tag("div", *pieces, cls="legend lines"))


def _short(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"  # noqa: PLR2004


def _nothing_drawn(view: ChartView, timeframe: Timeframe, drawn: Drawn) -> None:
    if view.type in BY_TIME:
        empty(f"No {timeframe.name} bar lies within this span.", "Choose more bars, or a finer timeframe.")
        return
    noun = _NOUNS[view.type]
    empty(f"No {noun} of {drawn.size:g} within this span.", "Choose more bars or a smaller size.")
