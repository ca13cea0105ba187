"""What frames the charts: heading, sentences about what is missing, links, and the export of what is shown."""

from __future__ import annotations

import streamlit as st

from core.bars import Bars
from core.charts.export import BARS as EXPORTED_BARS
from core.charts.export import ExportRequest, Overlay
from core.charts.series import BY_TIME
from core.timeframe import Timeframe
from dashboard import data, navigation
from dashboard.charts import bar as chart_bar
from dashboard.charts.address import SAME_COUNT, SAME_TIME, VOLUME
from dashboard.charts.data import known_at
from dashboard.charts.elements import proposed_size
from dashboard.charts.exports import export_panel
from dashboard.charts.indicators import Chosen, price_outputs
from dashboard.charts.moment import moment_words
from dashboard.charts.panel import Subject, chart_panel, plans_of, span_start
from dashboard.charts.positions import to_draw, without_taken
from dashboard.charts.state import Opened
from dashboard.components import empties
from dashboard.components.formats import price
from dashboard.components.markup import SOURCES, pill, show, tag
from dashboard.components.panels import empty, heading, tone

_ROW = 2


def subject_of(key: data.Stamp, shown: Opened) -> Subject | None:
    """What the charts have in common; None where there is nothing to draw."""
    symbol, view = shown.symbol, shown.view
    lead = next((one for one in view.timeframes if one in shown.stored), None)
    if symbol is None or shown.moment is None or lead is None:
        return None
    since = span_start(key, symbol, view, lead, shown.moment)
    return Subject(key, symbol, view, shown.moment, shown.moment if since is None else since)


def proposed(subject: Subject | None, shown: Opened) -> float | None:
    """The size of brick or box that the first chart would have."""
    if subject is None or subject.view.timeframes[0] not in shown.stored:
        return None
    return _proposed(subject, subject.view.timeframes[0])


def _proposed(subject: Subject, timeframe: Timeframe) -> float | None:
    """The size of brick or box where none is set; None for charts without."""
    if subject.view.type in BY_TIME:
        return None
    bars = known_at(subject.key, subject.symbol, timeframe, subject.moment, subject.view.families).bars
    if not len(bars):
        return None
    since = int(bars.time[-subject.view.bars :][0]) if subject.view.sync == SAME_COUNT else subject.since
    return proposed_size(bars, since, subject.symbol.tick_size)


def complaints(shown: Opened) -> None:
    """What the address asks for and cannot have."""
    said = [sentence[:1].upper() + sentence[1:] for sentence in shown.complaints]
    if said:
        show(tag("div", "\n".join(said), cls="plain warning", role="alert"))


def nothing_to_chart(shown: Opened) -> None:
    """Why there is no chart at all."""
    if shown.symbol is None:
        if shown.view.symbol is not None:
            empties.unknown_chart_symbol(shown.view.symbol)
        return
    empty(
        f"{shown.symbol.name} has no bars yet.",
        "They arrive with the next fetch of its source, or with an import of a file. Choose another symbol meanwhile.",
    )


def title(subject: Subject | None, shown: Opened) -> None:
    """Symbol, source, last close, how far it went over the span, and as of when all that is."""
    symbol, view = shown.symbol, shown.view
    assert symbol is not None
    details: list[object] = ["" if symbol.source in SOURCES else pill(chart_bar.source_word(symbol.source), "accent")]
    details.append(symbol.description)
    if subject is not None:
        lead = next(one for one in view.timeframes if one in shown.stored)
        bars = known_at(subject.key, symbol, lead, subject.moment, view.families).bars
        details += _price(symbol.tick_size, bars[-view.bars :]) if len(bars) else []
    heading(symbol.name, *details, moment_words(shown), source=symbol.source)


def panels(subject: Subject | None, shown: Opened) -> None:
    """Every chart with its timeframes, two side by side."""
    timeframes = shown.view.timeframes
    for row in range(0, len(timeframes), _ROW):
        part = timeframes[row : row + _ROW]
        places = st.columns(len(part), gap="small") if len(timeframes) > 1 else [st.container()]
        for column, timeframe in enumerate(part):
            with places[column]:
                _panel(subject, shown, row + column, timeframe)


def links(subject: Subject) -> None:
    """Where this symbol, and the signal or trade pointed out, appear elsewhere."""
    view = subject.view
    with st.container(horizontal=True, gap="small", key="chart_links"):
        navigation.link(
            "patterns",
            f"Patterns of this chart, {view.timeframes[0].name}",
            symbol=subject.symbol.id,
            timeframe=view.timeframes[0].name,
        )
        if view.signal is not None:
            navigation.link("signals", f"Signal {view.signal}", signal=view.signal)
            navigation.link("lineage", f"Lineage of signal {view.signal}", signal=view.signal)
        if view.trade is not None:
            navigation.link("journal", f"Trade {view.trade} in the journal", trade=view.trade)
            navigation.link("lineage", f"Lineage of trade {view.trade}", trade=view.trade)


def export(subject: Subject, stored: tuple[Timeframe, ...]) -> None:
    """The export of one of the charts."""
    offered = [one for one in dict.fromkeys(subject.view.timeframes) if one in stored]
    chosen = offered[0]
    if len(offered) > 1:
        chosen = st.segmented_control(
            "Chart to export",
            offered,
            default=offered[0],
            required=True,
            format_func=lambda one: f"Export {one.name}" if one == offered[0] else one.name,
            label_visibility="collapsed",
            key=f"charts_export_{'_'.join(one.name for one in offered)}",
        )
    export_panel("chart", subject.symbol.id, export_request(subject, chosen))


def export_request(subject: Subject, timeframe: Timeframe) -> ExportRequest:
    """What is on the chart of `timeframe`, as an export asks for it."""
    view = subject.view
    spanned = view.sync == SAME_TIME and timeframe != view.timeframes[0]
    plans = to_draw(without_taken(plans_of(subject, subject.since), subject.focus), subject.focus)
    return ExportRequest(
        subject.symbol.id or 0,
        timeframe,
        view.type,
        until=subject.moment,
        start=subject.since if spanned else None,
        bars=min(view.bars, EXPORTED_BARS[1]),
        overlays=tuple(_overlay(one) for one in view.indicators),
        patterns=view.families,
        signals=tuple(one.id for one in plans if one.kind == "signal"),
        trades=tuple(one.id for one in plans if one.kind == "trade"),
        size=view.size or _proposed(subject, timeframe),
        reversal=view.reversal,
        volume=VOLUME in view.shown,
    )


def missing(shown: Opened) -> None:
    """Which timeframes are not available, and why."""
    assert shown.symbol is not None
    said = chart_bar.missing_line(shown.symbol, shown.stored)
    if said:
        show(tag("div", said, cls="muted legend"))


def _price(tick_size: float, bars: Bars) -> list[object]:
    last = float(bars.close[-1])
    moved = last / float(bars.open[0]) - 1
    said = f"{moved * 100:+.2f} % over {len(bars):,} {bars.timeframe.name} bars"
    return [tag("b", price(last, tick_size)), tag("span", said, cls=tone(moved))]


def _panel(subject: Subject | None, shown: Opened, place: int, timeframe: Timeframe) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"chart_top_{place}"):
        chart_bar.timeframe_strip(place, shown.stored)
        legend = st.empty()
    if subject is None or timeframe not in shown.stored:
        empty(f"{timeframe.name} is not available.", "The line below says why. Choose another timeframe.")
    else:
        chart_panel(subject, place, timeframe, legend)


def _overlay(one: Chosen) -> Overlay:
    return Overlay(one.name, tuple(one.settings.items()), pane=not price_outputs(one.name))
