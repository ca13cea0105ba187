"""The controls over the charts: symbol, chart type, number of charts, bars, and what is drawn over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from core.charts.series import BY_TIME, CHART_TYPES
from core.patterns.naming import FAMILY_TITLES
from core.timeframe import Timeframe
from dashboard.charts.address import BARS, SHOWN, SYNCS
from dashboard.charts.state import Opened, arrange, change, current, held, taking
from db.models import Symbol

_TYPES: Final = dict(zip(CHART_TYPES, ("Candles", "Line", "Heikin Ashi", "Renko", "P&F"), strict=True))
_LAYOUTS: Final = (1, 2, 4)
_SYNC_TITLES: Final = dict(zip(SYNCS, ("Same time span", "Same number of bars"), strict=True))
_SHOWN_TITLES: Final = {name: name.capitalize() for name in SHOWN} | FAMILY_TITLES
_SOURCES: Final = {"simulated": "simulated", "sample": "sample", "file": "imported", "yahoo": "Yahoo"}
_REVERSALS: Final = (1, 2, 3, 4, 5)


def source_word(source: str) -> str:
    """Where a symbol's bars come from, in a word."""
    return _SOURCES.get(source, source.capitalize())


def search_label(symbol: Symbol) -> str:
    """A symbol as the search shows it, its description too, so that it is found by either."""
    described = f" · {symbol.description}" if symbol.description else ""
    empty = "" if symbol.base_timeframe is not None else ", no bars"
    return f"{symbol.name} ({source_word(symbol.source)}{empty}){described}"


def chart_bar(shown: Opened) -> None:
    """The first row: what is charted, and how."""
    symbol_search(shown)
    if shown.symbol is None or not shown.stored:
        return
    view = shown.view
    key = held("type", view.type)
    st.segmented_control(
        "Chart type",
        CHART_TYPES,
        required=True,
        format_func=lambda one: _TYPES[one],
        label_visibility="collapsed",
        key=key,
        on_change=taking(key, "type"),
    )
    _layout(view.timeframes, shown.stored)
    if len(view.timeframes) > 1:
        key = held("sync", view.sync)
        st.selectbox(
            "Kept together by",
            SYNCS,
            format_func=lambda one: _SYNC_TITLES[one],
            label_visibility="collapsed",
            width=172,
            key=key,
            on_change=taking(key, "sync"),
        )
    key = held("bars", view.bars)
    st.selectbox(
        "Bars",
        BARS,
        format_func=lambda one: f"{one:,} bars",
        label_visibility="collapsed",
        width=122,
        key=key,
        on_change=taking(key, "bars"),
    )


def symbol_search(shown: Opened) -> None:
    """Type to filter: by name, source or description."""
    chosen = shown.view.symbol if shown.view.symbol in shown.symbols else None
    key = held("symbol", chosen)
    st.selectbox(
        "Symbol",
        list(shown.symbols),
        index=None,
        format_func=lambda one: search_label(shown.symbols[one]),
        placeholder="Search a symbol",
        label_visibility="collapsed",
        width=340,
        key=key,
        on_change=_pick_symbol,
        args=(key,),
    )


def brick_fields(proposed: float | None) -> None:
    """Size of a brick or box and the reversal, for the types that have them; empty means the proposed size."""
    view = current()
    if view.type in BY_TIME:
        return
    noun = "Brick" if view.type == "renko" else "Box"
    key = held("size", view.size)
    st.number_input(
        noun,
        value=None,
        format="%.10g",
        placeholder=f"{noun} size {proposed:g}" if proposed else f"{noun} size",
        label_visibility="collapsed",
        help=f"{noun} size as a price difference; empty: the average true range, rounded.",
        width=150,
        key=key,
        on_change=taking(key, "size", lambda size: size if size and size > 0 else None),
    )
    if view.type == "point_figure":
        key = held("reversal", view.reversal or 3)
        st.selectbox(
            "Reversal",
            sorted({*_REVERSALS, view.reversal or 3}),
            format_func=lambda one: f"Reversal {one}",
            label_visibility="collapsed",
            width=122,
            key=key,
            on_change=taking(key, "reversal"),
        )


def shown_toggles() -> None:
    """One toggle for each thing that can be drawn over the candles."""
    key = held("shown", list(current().shown))
    st.pills(
        "Drawn over the candles",
        SHOWN,
        selection_mode="multi",
        format_func=lambda one: _SHOWN_TITLES[one],
        wrap=True,
        label_visibility="collapsed",
        key=key,
        on_change=taking(key, "shown", lambda chosen: tuple(one for one in SHOWN if one in chosen)),
    )


def timeframe_strip(place: int, stored: Sequence[Timeframe]) -> None:
    """The eight timeframes of the chart at `place`; those without bars are struck through."""
    view = current()
    key = held(f"timeframe_{place}", view.timeframes[place].name)
    st.segmented_control(
        f"Timeframe of chart {place + 1}",
        [one.name for one in Timeframe],
        required=True,
        format_func=lambda name: name if Timeframe[name] in stored else f":gray[~~{name}~~]",
        label_visibility="collapsed",
        key=key,
        on_change=_pick_timeframe,
        args=(place, key),
    )


def missing_line(symbol: Symbol, stored: Sequence[Timeframe]) -> str:
    """Why some timeframes are not available; empty where all are."""
    missing = [one for one in Timeframe if one not in stored]
    finer = [one.name for one in missing if one < stored[0]]
    coarser = [one.name for one in missing if one > stored[0]]
    said = []
    if finer:
        said.append(f"{', '.join(finer)}: finer than {stored[0].name}, the finest bars stored of {symbol.name}.")
    if coarser:
        said.append(f"{', '.join(coarser)}: no such bar is complete yet.")
    return "Not available: " + " ".join(said) if said else ""


def _layout(timeframes: tuple[Timeframe, ...], stored: tuple[Timeframe, ...]) -> None:
    offered = [one for one in _LAYOUTS if one <= max(len(stored), len(timeframes))]
    shown = next((one for one in offered if one >= len(timeframes)), offered[-1])
    key = held("layout", shown)
    st.segmented_control(
        "Charts side by side",
        offered,
        required=True,
        format_func=lambda one: "1 chart" if one == 1 else f"{one}",
        help="Charts of the same symbol side by side",
        label_visibility="collapsed",
        key=key,
        on_change=taking(key, "timeframes", lambda count: arrange(timeframes, count, stored)),
    )


def _pick_symbol(key: str) -> None:
    if st.session_state[key] is not None:
        change(symbol=st.session_state[key], size=None, as_of=None, signal=None, trade=None)


def _pick_timeframe(place: int, key: str) -> None:
    kept = list(current().timeframes)
    kept[place] = Timeframe[st.session_state[key]]
    change(timeframes=tuple(kept))
