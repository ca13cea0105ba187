"""Put an account to a challenge: a preset, a file, or rules of one's own; every rule can be changed before."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import streamlit as st

from core.challenge.amounts import Reset
from core.challenge.phases import Challenge, Phase, PhaseName
from core.challenge.presets import PRESETS
from core.challenge.stored import from_json
from core.errors import ChartroomError, ParameterError
from core.risk import money, plain
from dashboard import data, dialogs
from dashboard.challenge.fields import challenge_fields, fields_now, forget_fields
from dashboard.challenge.form import challenge_of, fields_of, number
from dashboard.challenge.rules import notes, rules_table
from dashboard.components.markup import markdown
from dashboard.components.moments import moment_fields, stated_moment
from dashboard.components.panels import note, section
from db.actions.challenges import start_challenge
from db.models import Account
from db.store.accounts import budget

OWN, FILE = "own", "file"
_NAMES = {OWN: "Rules of my own", FILE: "A JSON file"}
_ERROR = "challenge_start_error"
_LARGEST_FILE = 200_000


def start_panel(account: Account, held: Decimal) -> None:
    """Choose the rules, see every one of them in words, begin."""
    section("Start a challenge on this account")
    base = _chosen(account, held)
    if base is None:
        return
    st.toggle("Change the rules", key="challenge_change", value=st.session_state.get("challenge_from") == OWN)
    rules = _changed(base) if st.session_state.challenge_change else base
    if rules is None:
        return
    rules_table(rules, *rules.phases)
    notes(rules)
    moment_fields("challenge_start", data.now(), "It began earlier")
    if held != rules.balance:
        note(_two_balances(account, held, rules))
    error = st.session_state.pop(_ERROR, None)
    if error:
        st.error(markdown(error))
    st.button(
        f"Start {markdown(rules.name)}",
        type="primary",
        key="challenge_begin",
        on_click=_start,
        args=(account.id, rules),
    )


def _two_balances(account: Account, held: Decimal, rules: Challenge) -> str:
    """What goes by which balance, where the account holds another sum than the challenge is about."""
    told = (
        f"The account holds {money(held)} {account.currency}, the challenge is about {money(rules.balance)}: floors, "
        f"target and room are those of the phase and count from its own {money(rules.balance)}"
    )
    if account.risk_fixed is not None:
        return f"{told}; a trade is sized by the account's fixed risk, {money(account.risk_fixed)}."
    risk = money(budget(account, held))
    return f"{told}; a trade is sized by {plain(account.risk_percent)} % of what the account holds, {risk}."


def _chosen(account: Account, held: Decimal) -> Challenge | None:
    """The rules to begin from, in the account's currency."""
    options = [*PRESETS, OWN, FILE]
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        origin = st.selectbox(
            "Begin from",
            options,
            format_func=lambda one: _NAMES.get(one) or PRESETS[one].name,
            key="challenge_from",
            width=260,
            on_change=_begin_anew,
        )
        if origin == OWN:
            return _own(account, held)
        if origin != FILE:
            size = _size(origin)
    if origin == FILE:
        return _from_file(account)
    try:
        return replace(PRESETS[origin].make(size), currency=account.currency)
    except ParameterError as error:
        st.error(markdown(error.message))
        return None


def _size(key: str) -> Decimal:
    preset = PRESETS[key]
    sizes = list(preset.sizes)
    other = Decimal(0)
    picked = st.selectbox(
        "Initial balance",
        [*sizes, other] if preset.any_size else sizes,
        index=sizes.index(Decimal(100_000)) if Decimal(100_000) in sizes else 0,
        format_func=lambda one: money(one) if one else "Another size",
        key=f"challenge_size_{key}",
        width=170,
        on_change=forget_fields,
    )
    if picked:
        return picked
    typed = st.text_input("Size", value="15000", key=f"challenge_other_{key}", width=140, on_change=forget_fields)
    try:
        return number(typed, "size")
    except ParameterError:
        return other


def _own(account: Account, held: Decimal) -> Challenge:
    """A blank to fill in: one phase in the account's own currency, balance and time zone."""
    balance = held if held > 0 else Decimal(100_000)
    blank = Phase(name=PhaseName.EVALUATION)
    return Challenge(
        name="My rules",
        firm="",
        balance=balance,
        reset=Reset(account.time_zone),
        phases=(blank,),
        currency=account.currency,
    )


def _from_file(account: Account) -> Challenge | None:
    file = st.file_uploader("Rules as JSON", type=["json"], key="challenge_file", on_change=forget_fields)
    if file is None:
        note("A file that this page wrote with 'Rules as JSON', or one written by hand in the same form.")
        return None
    try:
        if file.size > _LARGEST_FILE:
            raise ParameterError("This file is too large for the rules of a challenge.", file.size)
        rules = from_json(json.loads(file.getvalue().decode("utf-8")))
    except (ValueError, RecursionError) as error:
        st.error(markdown(f"{file.name} is no JSON that can be read: {error}"))
        return None
    except ParameterError as error:
        st.error(markdown(error.message))
        return None
    if rules.currency != account.currency:
        st.warning(markdown(f"The file is in {rules.currency}; here its sums are taken as {account.currency}."))
    return replace(rules, currency=account.currency)


def _changed(base: Challenge) -> Challenge | None:
    """The rules as the form says them; None, with the sentence on the page, while they cannot be."""
    challenge_fields(fields_of(base))
    try:
        return challenge_of(fields_now(fields_of(base)), base)
    except ParameterError as error:
        st.error(markdown(error.message))
        return None


def _begin_anew() -> None:
    forget_fields()
    st.session_state.pop("challenge_change", None)


def _start(account_id: int, rules: Challenge) -> None:
    now = data.now()
    try:
        start_challenge(data.engine(), account_id, rules, stated_moment("challenge_start", now), now)
    except ChartroomError as error:
        st.session_state[_ERROR] = error.message
    else:
        forget_fields()
        dialogs.succeed(f"{rules.name} has begun.")
