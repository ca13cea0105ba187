"""Choose indicators from the whole shelf, and set their parameters in typed fields."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import isinf
from typing import TypedDict

import streamlit as st

from core.indicators.parameters import Parameter, Value
from dashboard.charts.address import MOST_INDICATORS
from dashboard.charts.indicators import Chosen, choose, parameters_of, price_outputs, titles
from dashboard.charts.state import change, current, held
from dashboard.components.formats import words

_ADD = "charts_indicator_add"
_LABELS = {
    "timeperiod": "Period",
    "nbdevup": "Deviations up",
    "nbdevdn": "Deviations down",
    "nbdev": "Deviations",
    "matype": "Average",
    "vfactor": "Volume factor",
}


class _Widget(TypedDict):
    """What every field of a parameter is given."""

    key: str
    on_change: Callable[[int, str, str], None]
    args: tuple[int, str, str]
    help: str


def indicator_form() -> None:
    """A button; behind it the search, and the fields of each indicator on the charts."""
    chosen = current().indicators
    # Its label stays as it is: with another one it would be another popover, and closed.
    with st.popover("Indicators", key="charts_indicators", on_change="rerun") as form:
        if not form.open:
            return
        if len(chosen) < MOST_INDICATORS:
            st.selectbox(
                "Add an indicator",
                list(titles()),
                index=None,
                format_func=lambda name: titles()[name],
                placeholder="Add: type RSI, Bollinger, Ichimoku ...",
                label_visibility="collapsed",
                key=_ADD,
                on_change=_add,
            )
        else:
            st.caption(f"{MOST_INDICATORS} are all that fit: remove one to add another.")
        for place, one in enumerate(chosen):
            _fields(place, one)


def _fields(place: int, one: Chosen) -> None:
    where = "on price" if price_outputs(one.name) else "own pane"
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"charts_indicator_{place}"):
        st.markdown(f"**{one.name}** :gray[{where}]", width="stretch")
        st.button("Remove", key=f"charts_indicator_remove_{place}", on_click=_remove, args=(place,))
    parameters = parameters_of(one.name)
    if parameters:
        with st.container(key=f"charts_fields_{place}"):
            for parameter, value in zip(parameters, one.values, strict=True):
                _field(place, one, parameter, value)


def _field(place: int, one: Chosen, parameter: Parameter, value: Value) -> None:
    label = field_label(parameter.name)
    key = held(f"indicator_{place}_{one.name}_{parameter.name}", value)
    taken: _Widget = {
        "key": key,
        "on_change": _set,
        "args": (place, parameter.name, key),
        "help": f"{label}: {_allowed(parameter)}",
    }
    if parameter.kind == "choice":
        st.selectbox(label, parameter.choices, **taken)
        return
    low, high = (None if isinf(limit) else limit for limit in (parameter.low, parameter.high))
    if parameter.kind == "int":
        least, most = (None if limit is None else int(limit) for limit in (low, high))
        st.number_input(label, least, most, step=1, **taken)
    else:
        st.number_input(label, low, high, step=0.1, format="%g", **taken)


def field_label(name: str) -> str:
    """`slowk_period` and `fastperiod` as people say them: Slow %K period, Fast period."""
    said = _LABELS.get(name) or re.sub(r"(?<=[a-z])(period|limit|matype)$", r" \1", words(name))
    said = said.replace("matype", "average").replace("fastk", "fast %K").replace("fastd", "fast %D")
    said = said.replace("slowk", "slow %K").replace("slowd", "slow %D")
    return said[:1].upper() + said[1:]


def _allowed(parameter: Parameter) -> str:
    return f"{parameter.allowed}, usually {parameter.default}"


def _add() -> None:
    name = st.session_state[_ADD]
    st.session_state[_ADD] = None
    if name is not None:
        change(indicators=(*current().indicators, choose(name)))


def _remove(place: int) -> None:
    kept = current().indicators
    change(indicators=(*kept[:place], *kept[place + 1 :]))


def _set(place: int, name: str, key: str) -> None:
    kept = list(current().indicators)
    value = st.session_state[key]
    if value is not None:
        kept[place] = choose(kept[place].name, kept[place].settings | {name: value})
        change(indicators=tuple(kept))
