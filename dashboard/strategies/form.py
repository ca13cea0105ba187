"""The typed form of a strategy, made from what its code says about its parameters."""

from __future__ import annotations

import streamlit as st

from core.errors import ParameterError
from core.strategies.parameters import ParameterInfo
from core.timeframe import Timeframe
from dashboard import data
from dashboard.components import formats
from dashboard.components.markup import markdown, show, tag
from dashboard.components.panels import section
from dashboard.strategies import forms as strategy_forms
from dashboard.strategies import rule_lines
from dashboard.strategies.forms import Form
from dashboard.strategies.schedule_words import next_words, schedule_words
from db.actions.strategies import NAME_LENGTH

_TIMEFRAMES = [one.name for one in Timeframe]
_WIDE = ("timeframes", "numbers", "text", "rules")
_STEP = 0.05
_ABBREVIATED = {"atr": "ATR", "r": "R", "ema": "EMA", "rsi": "RSI", "sma": "SMA", "adx": "ADX", "macd": "MACD"}


def strategy_fields(form: Form) -> None:
    """Draw every field and take over what is in it."""
    with st.container(key="fields_settings"):
        st.text_input("Name", form.values["name"], key=form.key("name"), max_chars=NAME_LENGTH)
        with st.container(gap="small"):
            schedule = form.values["schedule"]
            _schedule_line(st.text_input(_SCHEDULE, schedule, key=form.key("schedule"), help=_CRON_HELP))
        st.multiselect(
            "Symbols",
            list(form.symbols),
            form.values["symbols"],
            format_func=lambda one: form.symbols.get(one, str(one)),
            placeholder="Choose what to watch",
            key=form.key("symbols"),
        )
    section("Parameters")
    plain = [info for info in form.infos if info.type not in _WIDE]
    with st.container(key="fields_plain"):
        for info in plain:
            _field(form, info)
    wide = [info for info in form.infos if info.type in _WIDE]
    if wide:
        with st.container(key="fields_wide"):
            for info in sorted(wide, key=lambda one: _WIDE.index(one.type)):
                _field(form, info)
    form.read()


_SCHEDULE = "Schedule (cron line, UTC)"
_CRON_HELP = (
    "Minute, hour, day of the month, month, weekday. `*/5 * * * *` is every 5 minutes, "
    "`10 0 * * 1-5` is 00:10 UTC on weekdays."
)


def label_of(name: str) -> str:
    """`zone_atr` as the form says it: `Zone ATR`."""
    first, *others = (_ABBREVIATED.get(word, word) for word in formats.words(name).split())
    return " ".join([first[:1].upper() + first[1:], *others])


def saved_line(form: Form) -> None:
    """Why the last try was refused, else whether something is not saved yet."""
    if form.error and form.values == form.refused:
        st.error(markdown(form.error))
    elif form.changed and form.strategy_id != strategy_forms.NEW:
        show(tag("div", "Changed, not saved yet.", cls="plain warning"))


def _schedule_line(schedule: str) -> None:
    try:
        soon = next_words(schedule, data.now_ms())
    except ParameterError as error:
        show(tag("div", error.message[:1].upper() + error.message[1:], cls="plain down", role="alert"))
        return
    said = schedule_words(schedule)
    show(tag("div", tag("b", said[:1].upper() + said[1:]), f". Next runs {soon} UTC.", cls="plain muted"))


def _field(form: Form, info: ParameterInfo) -> None:
    name = f"parameter_{info.name}"
    key, value = form.key(name), form.values[name]
    label = label_of(info.name)
    told = info.help or None
    if info.type == "bool":
        st.toggle(label, value, key=key, help=told)
    elif info.type in ("int", "float"):
        _number(info, label, key, value)
    elif info.type in ("choice", "timeframe"):
        options = list(info.choices or _TIMEFRAMES)
        st.selectbox(label, options, options.index(value), key=key, help=told)
    elif info.type == "timeframes":
        st.multiselect(label, _TIMEFRAMES, value, key=key, help=told)
    elif info.type == "rules":
        st.text_area(f"{label}: {info.help}", value, key=key, height=190, help=rule_lines.HELP)
    elif info.type in ("numbers", "text"):
        st.text_input(label, value, key=key, help=told)
    else:
        st.text_area(f"{label} (JSON)", value, key=key, help=told)


def _number(info: ParameterInfo, label: str, key: str, value: float) -> None:
    span = _span(info)
    told = f"{info.help} {span}".strip() or None
    if info.type == "int":
        st.number_input(label, _whole(info.minimum), _whole(info.maximum), value=int(value), key=key, step=1, help=told)
    else:
        st.number_input(label, info.minimum, info.maximum, float(value), key=key, step=_STEP, format="%g", help=told)


def _whole(limit: float | None) -> int | None:
    return None if limit is None else int(limit)


def _span(info: ParameterInfo) -> str:
    low, high = info.minimum, info.maximum
    if low is not None and high is not None:
        return f"From {low:g} to {high:g}."
    return f"At least {low:g}." if low is not None else f"At most {high:g}." if high is not None else ""
