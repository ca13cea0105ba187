"""The typed form of a challenge's rules: one line a rule, one tab a phase."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.challenge.phases import PhaseName
from dashboard.challenge.form import Fields

_PREFIX = "rules_"
_UNITS = {"initial": "% of initial", "snapshot": "% of the day's start", "money": "sum of money"}
_ANCHORS = {"balance": "balance at reset", "equity": "equity at reset", "higher": "the higher of both"}
_TRAILS = {
    "static": "static",
    "trailing_eod": "trails end of day",
    "trailing_closed": "trails closed balance",
    "trailing_intraday": "trails equity",
}
_BOUNDARIES = {"below": "drops below", "reached": "reaches or drops below"}
_CONSEQUENCES = {"hard": "account fails", "pause": "pauses until reset"}
_TOTALS = {"net": "net profit", "positive_days": "winning days", "target_or_total": "target or net, the higher"}


def challenge_fields(stored: Fields) -> None:
    """Draw every field, filled from `stored` until something is typed."""
    with st.container(key="fields_plain"):
        _text("Name", "name", stored)
        _text("Firm", "firm", stored)
        _text("Initial balance", "balance", stored)
        _text("Day resets at", "at", stored)
        _text("Time zone of the reset", "zone", stored)
        key = _key("phases", stored)
        st.multiselect("Phases", [one.value for one in PhaseName], format_func=str.capitalize, key=key)
    phases = [one.value for one in PhaseName if one.value in st.session_state[key]]
    if not phases:
        return
    for tab, phase in zip(st.tabs([one.capitalize() for one in phases]), phases, strict=True):
        with tab:
            _phase(phase, stored)


def fields_now(stored: Fields) -> Fields:
    """What the fields hold; what is not drawn holds what was stored."""
    return {name: st.session_state.get(_PREFIX + name, value) for name, value in stored.items()}


def forget_fields() -> None:
    """Throw away what was typed; for callbacks."""
    for key in [key for key in st.session_state if str(key).startswith(_PREFIX)]:
        del st.session_state[key]


def _phase(phase: str, stored: Fields) -> None:
    with _Rule(phase, "target", "Profit target", stored) as on:
        if on:
            _amount(phase, "target", stored, ("initial", "money"))
    with _Rule(phase, "daily", "Daily loss", stored) as on:
        if on:
            _amount(phase, "daily", stored, ("initial", "snapshot", "money"))
            _choice("Measured from", f"{phase}_daily_anchor", stored, _ANCHORS)
            _choice("Broken when equity", f"{phase}_daily_boundary", stored, _BOUNDARIES)
            _choice("Then", f"{phase}_daily_consequence", stored, _CONSEQUENCES)
    with _Rule(phase, "overall", "Overall loss", stored) as on:
        if on:
            _amount(phase, "overall", stored, ("initial", "money"))
            _choice("Floor", f"{phase}_overall_trail", stored, _TRAILS)
            _text(
                "Locks at initial +", f"{phase}_overall_lock", stored, "Empty: it never locks. 0: at the initial one."
            )
            _choice("Broken when equity", f"{phase}_overall_boundary", stored, _BOUNDARIES)
            _choice("Then", f"{phase}_overall_consequence", stored, _CONSEQUENCES)
    with _Rule(phase, "consistency", "Best day", stored) as on:
        if on:
            _text("At most (%)", f"{phase}_consistency_limit", stored)
            _choice("Of", f"{phase}_consistency_total", stored, _TOTALS)
            st.toggle("Exactly the limit is accepted", key=_key(f"{phase}_consistency_inclusive", stored))
    with _Rule(phase, "trading_days", "Trading days", stored) as on:
        if on:
            _count("Days with a trade opened", f"{phase}_trading_days_days", stored)
    with _Rule(phase, "profitable_days", "Profitable days", stored) as on:
        if on:
            _count("Days", f"{phase}_profitable_days_days", stored)
            _amount(phase, "profitable_days", stored, ("initial", "money"))
    with _Rule(phase, "time_limit", "Time limit", stored) as on:
        if on:
            _count("Calendar days", f"{phase}_time_limit_days", stored)
    with _Rule(phase, "payout", "Payout", stored) as on:
        if on:
            _text("Your share from (%)", f"{phase}_payout_low", stored)
            _text("to (%)", f"{phase}_payout_high", stored)
            _count("After days", f"{phase}_payout_after", stored, least=0)
            _text("At least", f"{phase}_payout_minimum", stored, "A sum, or a share of the initial balance as 1 %.")


class _Rule:
    """A line of the form with the rule's switch; yields whether it is on."""

    def __init__(self, phase: str, rule: str, title: str, stored: Fields) -> None:
        self.line = st.container(key=f"rulegroup_{phase}_{rule}")
        self.title, self.key = title, _key(f"{phase}_{rule}_on", stored)

    def __enter__(self) -> bool:
        self.line.__enter__()
        return bool(st.toggle(self.title, key=self.key))

    def __exit__(self, *failure: Any) -> None:
        self.line.__exit__(*failure)


def _key(name: str, stored: Fields) -> str:
    key = _PREFIX + name
    if key not in st.session_state:
        st.session_state[key] = stored[name]
    return key


def _text(label: str, name: str, stored: Fields, told: str | None = None) -> None:
    st.text_input(label, key=_key(name, stored), help=told)


def _count(label: str, name: str, stored: Fields, least: int = 1) -> None:
    st.number_input(label, key=_key(name, stored), min_value=least, max_value=3660, step=1)


def _choice(label: str, name: str, stored: Fields, words: dict[str, str]) -> None:
    st.selectbox(label, list(words), format_func=lambda one: words[one], key=_key(name, stored))


def _amount(phase: str, rule: str, stored: Fields, units: tuple[str, ...]) -> None:
    _text("Amount", f"{phase}_{rule}_value", stored)
    _choice("Unit", f"{phase}_{rule}_unit", stored, {unit: _UNITS[unit] for unit in units})
