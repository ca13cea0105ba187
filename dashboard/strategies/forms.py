"""What is typed into strategies' forms, kept in the session: it outlives every rerun, refresh and change of page.

A form is made once from what is stored and then left alone: its widgets never get new defaults, which would wipe what
is typed. It is made anew only while nothing was typed, or when the person asks for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from sqlmodel import Session

from core.errors import DeskError, ParameterError
from core.strategies.parameters import ParameterInfo
from dashboard import data
from dashboard.strategies.rule_lines import lines_of, rules_of
from db.actions.strategies import StrategyDraft
from db.models import Strategy
from db.plugins import describe_kind
from db.store.strategies import symbols_of
from db.views.strategies import symbol_choices

NEW = 0
"""The id under which the form of a strategy that is not stored yet is kept."""
_FORMS = "strategy_forms"
_COUNT = "strategy_forms_made"
_PARAMETER = "parameter_"
_AS_IT_IS = ("bool", "int", "float", "choice", "timeframe", "timeframes")


@dataclass
class Form:
    """One form: what it asks for, what was stored when it was made, and what is in its fields now.

    `values` holds widgets' values by field: `name`, `schedule`, `symbols` and `parameter_...`; `error` is why the last
    try to save was refused.
    """

    strategy_id: int
    version: int
    kind: str
    number: int
    infos: list[ParameterInfo]
    symbols: dict[int, str]
    active: bool
    stored: dict[str, Any]
    values: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    refused: dict[str, Any] = field(default_factory=dict)

    def refuse(self, sentence: str) -> None:
        """What is typed now cannot be saved, and why; forgotten when something else is typed."""
        self.error, self.refused = sentence, dict(self.values)

    @property
    def changed(self) -> bool:
        """Whether anything differs from what was stored."""
        return self.values != self.stored

    def key(self, name: str) -> str:
        """The widget's key. Its default is `values[name]`, given to it in every run: a browser that is asked for all
        values while it still draws the form answers with defaults, and one left to Streamlit would be saved as 0.
        """
        return f"strategy_form_{self.number}_{name}"

    def read(self) -> None:
        """Take over what the widgets hold."""
        for name in self.values:
            if self.key(name) in st.session_state:
                self.values[name] = st.session_state[self.key(name)]

    def draft(self) -> StrategyDraft:
        """What the fields say.

        Raises:
            DeskError: a text is no list of numbers, no rules, or no JSON.
        """
        values = self.values
        try:
            parameters = {info.name: read_field(info, values[_PARAMETER + info.name]) for info in self.infos}
        except ParameterError as error:
            raise DeskError(error.message[:1].upper() + error.message[1:], error.subject) from error
        return StrategyDraft(
            values["name"], self.kind, values["schedule"], parameters, list(values["symbols"]), self.active
        )


def form_of(strategy: Strategy) -> Form:
    """The form of a stored strategy: as it was left, or as it is stored where nothing was typed.

    Raises:
        ParameterError, StrategyError: its code cannot be used.
    """
    strategy_id = strategy.id or 0
    kept = _kept().get(strategy_id)
    infos = describe_kind(strategy.kind)
    if kept is not None:
        kept.read()
        same = kept.version == strategy.version and kept.infos == infos
        if same or (kept.changed and kept.kind == strategy.kind and kept.infos == infos):
            return kept
    watched = [one.id or 0 for one in data.read(_watched, strategy_id)]
    stored = _fields(strategy.name, strategy.schedule, watched, infos, strategy.parameters)
    return _keep(strategy_id, strategy.version, strategy.kind, infos, stored, strategy.active)


def new_form(kind: str) -> Form:
    """The form of a strategy that is not stored yet; errors as `form_of`."""
    infos = describe_kind(kind)
    kept = _kept().get(NEW)
    if kept is not None:
        kept.read()
        if kept.kind == kind and kept.infos == infos:
            return kept
    stored = _fields("", "*/5 * * * *", [], infos, {})
    made = _keep(NEW, 0, kind, infos, stored, active=True)
    if kept is not None:
        made.values.update({name: kept.values[name] for name in ("name", "schedule", "symbols")})
    return made


def find(strategy_id: int) -> Form | None:
    """The form as it was left, with what its widgets hold now; for callbacks."""
    kept = _kept().get(strategy_id)
    if kept is not None:
        kept.read()
    return kept


def forget(strategy_id: int) -> None:
    """Throw away what was typed."""
    _kept().pop(strategy_id, None)


def write_field(info: ParameterInfo, value: Any) -> Any:
    """A parameter's stored value as its widget's."""
    if info.type in ("int", "float"):
        return _within(info, value)
    if info.type in _AS_IT_IS:
        return list(value) if info.type == "timeframes" else value
    if info.type == "numbers":
        return ", ".join(f"{one:g}" for one in value)
    if info.type == "rules":
        return lines_of(value)
    return value if info.type == "text" else json.dumps(value, indent=1)


def read_field(info: ParameterInfo, value: Any) -> Any:
    """A widget's value as the parameter's, to store.

    Raises:
        ParameterError: a text that says nothing of the kind.
    """
    if info.type in _AS_IT_IS or info.type == "text":
        return value
    if info.type == "rules":
        return rules_of(value)
    try:
        if info.type == "numbers":
            return [float(part) for part in value.replace(";", ",").split(",") if part.strip()]
        return json.loads(value)
    except ValueError as error:
        wanted = "numbers with commas between them" if info.type == "numbers" else "JSON"
        raise ParameterError(
            f"'{value}' is no value for {info.name.replace('_', ' ')}: write {wanted}.", value
        ) from error


def _fields(
    name: str, schedule: str, symbols: list[int], infos: list[ParameterInfo], parameters: Mapping[str, Any]
) -> dict[str, Any]:
    told = {_PARAMETER + one.name: write_field(one, parameters.get(one.name, one.default)) for one in infos}
    return {"name": name, "schedule": schedule, "symbols": symbols, **told}


def _within(info: ParameterInfo, value: Any) -> float:
    """The number within its limits: Streamlit shows no other."""
    number = float(value)
    if info.minimum is not None:
        number = max(number, info.minimum)
    if info.maximum is not None:
        number = min(number, info.maximum)
    return int(number) if info.type == "int" else number


def _keep(
    strategy_id: int, version: int, kind: str, infos: list[ParameterInfo], stored: dict[str, Any], active: bool
) -> Form:
    number = st.session_state[_COUNT] = st.session_state.get(_COUNT, 0) + 1
    symbols = data.read(symbol_choices)
    made = Form(strategy_id, version, kind, number, infos, symbols, active, stored, dict(stored))
    _kept()[strategy_id] = made
    return made


def _kept() -> dict[int, Form]:
    found: dict[int, Form] = st.session_state.setdefault(_FORMS, {})
    return found


def _watched(session: Session, strategy_id: int) -> list[Any]:
    return symbols_of(session, strategy_id)
