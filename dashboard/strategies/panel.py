"""The chosen strategy: what it is, what can be done with it, its form, its record and its last runs."""

from __future__ import annotations

import streamlit as st

from core.errors import ParameterError, StrategyError
from core.stats.outcomes import OutcomeStats, outcome_stats
from dashboard import data, navigation
from dashboard.components import formats
from dashboard.components.markup import markdown, show, table
from dashboard.components.panels import Figure, heading, note, section, strip, tone
from dashboard.strategies import actions as strategy_actions
from dashboard.strategies import forms as strategy_forms
from dashboard.strategies.form import saved_line, strategy_fields
from dashboard.strategies.list import active_pill, code_words, fault_words
from dashboard.strategies.runs import last_runs
from db.models import Strategy
from db.plugins import usable_kinds
from db.views.outcomes import outcome_table
from db.views.strategies import StrategyLine

_KIND = "strategy_new_kind"


def strategy_panel(key: data.Stamp, line: StrategyLine) -> None:
    strategy = line.strategy
    timeframes, _fault = code_words(strategy.kind, strategy.parameters)
    heading(strategy.name, active_pill(strategy.active), strategy.kind, timeframes)
    try:
        form = strategy_forms.form_of(strategy)
    except (ParameterError, StrategyError) as error:
        _unusable(strategy, fault_words(error))
    else:
        _actions(strategy, form.version)
        _record(key, line)
        _edit(strategy, form)
    last_runs(strategy.id or 0)


def new_panel() -> None:
    """The form of a strategy that is not stored yet."""
    heading("New strategy")
    _answer()
    kinds = usable_kinds()
    if st.session_state.get(_KIND) not in kinds:
        st.session_state.pop(_KIND, None)
    kind = st.selectbox("Kind", kinds, key=_KIND, width=320, help="The code that judges; its parameters are below.")
    try:
        form = strategy_forms.new_form(kind)
    except (ParameterError, StrategyError) as error:
        st.error(markdown(fault_words(error)))
        return
    strategy_fields(form)
    note("It is on at once and runs on its schedule over the symbols chosen; without any it waits.")
    saved_line(form)
    st.button(
        "Create the strategy",
        type="primary",
        key="strategy_save",
        on_click=strategy_actions.save,
        args=(form.strategy_id,),
    )


def _actions(strategy: Strategy, version: int) -> None:
    known = strategy.id or 0
    with st.container(horizontal=True, gap="small"):
        st.button("Run now", key="strategy_run", on_click=strategy_actions.run_now, args=(known, strategy.name))
        _switch(strategy, version)
        st.button("Copy", key="strategy_copy", on_click=strategy_actions.copy, args=(known, strategy.name))
        navigation.link("lineage", "Lineage", strategy=known)
    _answer()


def _switch(strategy: Strategy, version: int) -> None:
    label = "Switch off" if strategy.active else "Switch on"
    arguments = (strategy.id or 0, version, strategy.name, not strategy.active)
    st.button(label, key="strategy_switch", on_click=strategy_actions.switch, args=arguments)


def _answer() -> None:
    sentence = strategy_actions.take_answer()
    if sentence:
        st.error(markdown(sentence))


def _record(key: data.Stamp, line: StrategyLine) -> None:
    found = data.cached(key, outcome_table, line.strategy.id)
    stats = outcome_stats(found["state"], found["result_r"])
    cases = f"of {stats.ended} decided" if stats.ended else "no case decided yet"
    strip(
        (
            Figure("Signals", f"{line.signals:,}", _pending(stats)),
            Figure("Decided cases", f"{stats.ended:,}", f"{stats.hits} met the target"),
            Figure("Hit rate", formats.percent(stats.hit_rate), _between(stats) or cases),
            Figure("Average R", formats.multiple(stats.expectancy), _around(stats) or cases, tone(stats.expectancy)),
        )
    )


def _pending(stats: OutcomeStats) -> str:
    return f"{stats.waiting + stats.open} still followed, {stats.never_filled} never filled"


def _between(stats: OutcomeStats) -> str:
    if stats.hit_rate_low is None or stats.hit_rate_high is None:
        return ""
    return f"{formats.percent(stats.hit_rate_low)} to {formats.percent(stats.hit_rate_high)}, 95 % of {stats.ended}"


def _around(stats: OutcomeStats) -> str:
    if stats.expectancy_low is None or stats.expectancy_high is None:
        return ""
    return f"{stats.expectancy_low:+.2f} to {stats.expectancy_high:+.2f} R, 95 % of {stats.ended}"


def _edit(strategy: Strategy, form: strategy_forms.Form) -> None:
    section("Settings")
    strategy_fields(form)
    if form.version != strategy.version:
        st.warning(
            "This strategy was changed in another window meanwhile. Discard your changes to see what is stored now."
        )
    saved_line(form)
    known = form.strategy_id
    with st.container(horizontal=True, gap="small"):
        st.button("Save", type="primary", key="strategy_save", on_click=strategy_actions.save, args=(known,), width=96)
        if form.changed:
            st.button("Discard changes", key="strategy_discard", on_click=strategy_actions.discard, args=(known,))


def _unusable(strategy: Strategy, sentence: str) -> None:
    """A strategy whose code cannot be used: why, what is stored, and the way to stop it."""
    st.error(markdown(sentence))
    if strategy.active:
        with st.container(horizontal=True, gap="small"):
            _switch(strategy, strategy.version)
    _answer()
    note("It is not scanned until its code can be used again; the other strategies are. What is stored stays:")
    rows = [(formats.words(name), str(value)) for name, value in strategy.parameters.items()]
    show(table((("Parameter", ""), ("Stored value", "")), [("schedule", strategy.schedule), *rows]))
