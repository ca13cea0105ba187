"""What the Charts page shows now: from the address, else as it was left; and the one way to change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import log
from typing import Any, Final

import streamlit as st

from core.timeframe import Timeframe
from dashboard import data
from dashboard.charts.address import ChartView, first_view, read_view, write_view
from db.models import Symbol
from db.views import charts, desk

_VIEW: Final = "charts_view"
_FAVOURITE: Final = Timeframe.M15
_AFTER: Final = 20
"""Bars shown after the end of a trade that lies in the past."""
_CONTEXT: Final = 4
_SEEN: Final = 0.7
"""A signal within this share of the span needs no step back in time."""


@dataclass(frozen=True)
class Opened:
    """What is shown and of what: `symbols` are all there are, `stored` the timeframes of the chosen one, finest first.

    `moment` (UTC ms) is the moment at which it is looked at, `newest` the newest stored close; both None without bars.
    `complaints` are sentences about what the address asks for and cannot have.
    """

    view: ChartView
    symbols: dict[int, Symbol]
    stored: tuple[Timeframe, ...]
    moment: int | None
    newest: int | None
    complaints: list[str]

    @property
    def symbol(self) -> Symbol | None:
        return self.symbols.get(self.view.symbol or 0)


def opened(key: data.Stamp) -> Opened:
    """Read the address, fill in what it leaves open, and keep both the address and the session in step with it."""
    symbols = {one.id: one for one in data.cached(key, charts.chart_symbols) if one.id is not None}
    given = st.query_params.to_dict()
    view, complaints = read_view(given, st.session_state.get(_VIEW) or first_view())
    place = _place(view, complaints)
    view = _with_symbol(view, place if "symbol" not in given else None, symbols)
    stored: tuple[Timeframe, ...] = ()
    newest = None
    if view.symbol in symbols:
        stored = tuple(data.cached(key, desk.stored_timeframes, view.symbol))
        newest = data.read(charts.newest_close, view.symbol, stored)
        view = _with_timeframes(view, place if "timeframe" not in given else None, stored)
        if place is not None and newest is not None and "as_of" not in given and place.symbol_id == view.symbol:
            view = _back_to(view, place, newest)
    if view.as_of is not None and newest is not None and view.as_of >= newest:
        view = replace(view, as_of=None)
    st.session_state[_VIEW] = view
    if not complaints and view.symbol in symbols and write_view(view) != given:
        st.query_params.from_dict(write_view(view))
    return Opened(view, symbols, stored, view.as_of or newest, newest, complaints)


def change(**fields: Any) -> None:
    """Show something else; for callbacks."""
    view = replace(current(), **fields)
    st.session_state[_VIEW] = view
    st.query_params.from_dict(write_view(view))


def current() -> ChartView:
    found: ChartView = st.session_state.get(_VIEW) or first_view()
    return found


def held(name: str, value: Any) -> str:
    """The key of a widget that shows `value`: what is set elsewhere is put in, what is being typed is left alone."""
    key = f"charts_{name}"
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
    return key


def taking(key: str, field: str, convert: Callable[[Any], Any] = lambda value: value) -> Callable[[], None]:
    """A callback that takes over what a widget holds."""

    def take() -> None:
        change(**{field: convert(st.session_state[key])})

    return take


def arrange(timeframes: tuple[Timeframe, ...], count: int, stored: tuple[Timeframe, ...]) -> tuple[Timeframe, ...]:
    """`count` timeframes, as far as there are that many: those there are, then stored ones that fit the same span.

    The first one added is about four times as long as the leading one, the others are those nearest to it.
    """
    kept = list(timeframes[:count])
    while len(kept) < count:
        left = [one for one in stored if one not in kept]
        if not left:
            break
        wanted = kept[0] * (_CONTEXT if len(kept) == 1 else 1)
        kept.append(min(left, key=lambda one: abs(log(one / wanted))))
    return tuple(kept)


def _place(view: ChartView, complaints: list[str]) -> charts.Place | None:
    """Where the signal or trade in the address belongs; the trade's place counts when it names both."""
    asked = [(kind, row_id) for kind, row_id in (("trade", view.trade), ("signal", view.signal)) if row_id is not None]
    found = [data.read(charts.place_of, kind, row_id) for kind, row_id in asked]
    for (kind, row_id), place in zip(asked, found, strict=True):
        if place is None:
            complaints.append(f"There is no {kind} {row_id}: the address names one that does not exist.")
    return found[0] if found else None


def _with_symbol(view: ChartView, place: charts.Place | None, symbols: dict[int, Symbol]) -> ChartView:
    if place is not None:
        return replace(view, symbol=place.symbol_id)
    if view.symbol is None and symbols:
        filled = [key for key, one in symbols.items() if one.base_timeframe is not None]
        return replace(view, symbol=next(iter(filled or symbols)))
    return view


def _with_timeframes(view: ChartView, place: charts.Place | None, stored: tuple[Timeframe, ...]) -> ChartView:
    if place is not None and place.timeframe is not None:
        return replace(view, timeframes=(Timeframe(place.timeframe), *view.timeframes[1:]))
    if view.timeframes:
        return view
    first = _FAVOURITE if _FAVOURITE in stored or not stored else stored[0]
    return replace(view, timeframes=(first,))


def _back_to(view: ChartView, place: charts.Place, newest: int) -> ChartView:
    """As of when the signal or trade was over, if it lies too far back to be seen from now."""
    lead = view.timeframes[0]
    if place.start >= newest - _SEEN * view.bars * lead.ms:
        return view
    return replace(view, as_of=(place.end or place.start) + _AFTER * lead.ms)
