"""Whose patterns are shown: the symbol and timeframe in the address, or the ones that are picked."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.timeframe import Timeframe
from dashboard import data, navigation
from dashboard.components import empties
from dashboard.components.markup import SOURCES
from db.models import Symbol
from db.views import desk, patterns

# Where most people look first, if it is stored.
_FAVOURITE = Timeframe.M15
_LAST = "patterns_shown"


@dataclass(frozen=True)
class Subject:
    """A symbol and a timeframe of which it has bars."""

    symbol: Symbol
    timeframe: Timeframe

    @property
    def symbol_id(self) -> int:
        assert self.symbol.id is not None
        return self.symbol.id

    @property
    def name(self) -> str:
        return f"{self.symbol_id}_{self.timeframe.name}"


def chosen_subject(key: data.Stamp) -> Subject | None:
    """Draw the two pickers; None, with a sentence on the page, where there is nothing to show."""
    symbols = {one.id: one for one in data.cached(key, patterns.symbols_with_bars) if one.id is not None}
    if not symbols:
        empties.no_pattern_bars()
        return None
    asked = navigation.query_id("symbol")
    last = st.session_state.get(_LAST, (None, None))
    wanted = asked or (last[0] if last[0] in symbols else next(iter(symbols)))
    _symbol_picker(symbols, wanted)
    if wanted not in symbols:
        empties.unknown_symbol(wanted)
        return None
    stored = data.cached(key, desk.stored_timeframes, wanted)
    if not stored:
        empties.no_bars()
        return None
    timeframe = _timeframe(stored, st.query_params.get("timeframe") or last[1])
    st.session_state[_LAST] = (wanted, timeframe.name)
    _timeframe_picker(wanted, stored, timeframe)
    return Subject(symbols[wanted], timeframe)


def _timeframe(stored: list[Timeframe], asked: str | None) -> Timeframe:
    found = Timeframe.__members__.get(asked or "")
    if found in stored:
        return found
    return _FAVOURITE if _FAVOURITE in stored else stored[0]


def _symbol_picker(symbols: dict[int, Symbol], chosen: int) -> None:
    key = f"patterns_symbol_{chosen}"
    st.selectbox(
        "Symbol",
        list(symbols),
        index=list(symbols).index(chosen) if chosen in symbols else None,
        format_func=lambda one: _label(symbols[one]),
        placeholder="Choose a symbol",
        label_visibility="collapsed",
        width=240,
        key=key,
        on_change=_pick_symbol,
        args=(key,),
    )


def _timeframe_picker(symbol_id: int, stored: list[Timeframe], chosen: Timeframe) -> None:
    key = f"patterns_timeframe_{symbol_id}_{chosen.name}"
    st.segmented_control(
        "Timeframe",
        [one.name for one in stored],
        default=chosen.name,
        required=True,
        label_visibility="collapsed",
        key=key,
        on_change=_pick_timeframe,
        args=(symbol_id, key),
    )


def _pick_symbol(key: str) -> None:
    picked = st.session_state[key]
    if picked is not None:
        kept = st.session_state.get(_LAST, (None, None))[1]
        st.query_params.from_dict({"symbol": str(picked)} | ({"timeframe": kept} if kept else {}))


def _pick_timeframe(symbol_id: int, key: str) -> None:
    st.query_params.from_dict({"symbol": str(symbol_id), "timeframe": st.session_state[key]})


def _label(symbol: Symbol) -> str:
    mark = SOURCES.get(symbol.source)
    # A simulated symbol already says so in its name.
    return f"{symbol.name} ({mark.lower()})" if mark and symbol.source == "sample" else symbol.name
