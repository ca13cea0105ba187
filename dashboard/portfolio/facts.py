"""What a person tells the desk so that a portfolio can be valued: exchange rates, splits, dividends, asset classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import streamlit as st

from core.risk import plain
from dashboard import data, dialogs, navigation
from dashboard.challenge.form import number
from dashboard.components import dialog_parts, formats
from dashboard.components.markup import markdown, pill, show, table, tag
from dashboard.components.moments import moment_fields, stated_moment
from dashboard.components.panels import empty, note, section
from db.actions.portfolio_facts import (
    ASSET_CLASSES,
    ActionDraft,
    book_action,
    classify,
    enter_rate,
    withdraw_action,
)
from db.models import CorporateAction
from db.store.portfolio.rates import currency_list, newest_rates
from db.views.portfolio.facts import BookedAction, SymbolClass, booked_actions, classes

_WORDS = {"split": "Split", "dividend": "Dividend"}
_SHOWN = 60


def facts(key: data.Stamp, currency: str) -> None:
    """Rates, corporate actions and classes, each with its form."""
    left, right = st.columns([1, 1.25], gap="medium")
    with left:
        _rates(key, currency)
        _classes(key)
    with right:
        _actions(key)


def fact_dialogs(currency: str, symbols: Mapping[int, str]) -> None:
    """Draw the dialog that is open about a rate or a corporate action."""
    if dialogs.is_open("rate", 0):
        _rate_dialog(currency)
    elif dialogs.is_open("corporate_action", 0):
        _action_dialog(symbols)


def _rates(key: data.Stamp, currency: str) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        section("Exchange rates, the newest of each pair")
        st.button("Enter a rate", key="rate_new", on_click=dialogs.show, args=("rate", 0))
    found = data.cached(key, newest_rates)
    if not found:
        empty(
            "No rate is stored.",
            f"It takes one only where an account or a symbol has another currency than {currency}. Daily closes of "
            "followed pairs such as EURUSD are stored by themselves; others are entered here.",
        )
        return
    rows = [(f"1 {one.currency}", f"{plain(one.rate)} {one.base}", formats.utc(one.at), one.source) for one in found]
    show(table((("Currency", ""), ("Worth", "num"), ("At (UTC)", "nowrap"), ("Source", "")), rows))
    note("The newest rate not later than a moment counts, also turned round and through a third currency.")


def _actions(key: data.Stamp) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        section("Splits and dividends")
        st.button("Book one", key="action_new", on_click=dialogs.show, args=("corporate_action", 0))
    found = data.cached(key, booked_actions)
    dialog_parts.show_kept("action_error")
    if not found:
        empty(
            "No split or dividend is booked.",
            "Whoever held the symbol just before its moment has it: a split changes units and not money, a dividend is "
            "cash, which a short position pays.",
        )
        return
    for one in found[:_SHOWN]:
        _action(one)
    note(
        "The journal keeps a trade in the units it was opened in: enter an exit after a split of 4 for 1 as a quarter "
        "of the units at four times the price. Dividends count here, and not in the balance "
        "of an account nor in its guards: these know the journal and the cash booked on the Accounts page."
    )


def _action(one: BookedAction) -> None:
    row = one.action
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"class_row_action_{row.id}"):
        gone = pill("withdrawn", "") if row.withdrawn_at is not None else ""
        facts_ = tag("span", f"{formats.utc(row.at)} UTC, booked {formats.utc(row.booked_at)}", cls="muted small")
        show(tag("div", tag("b", one.symbol), f" {action_words(row)} ", gone, " ", facts_))
        st.space("stretch")
        navigation.link("lineage", "Lineage", action=row.id)
        if row.withdrawn_at is None:
            st.button("Withdraw", key=f"withdraw_{row.id}", on_click=_withdraw, args=(row.id,))


def action_words(row: CorporateAction) -> str:
    if row.kind == "split":
        return f"split {row.new} for {row.old}"
    return f"dividend {plain(row.per_unit) if row.per_unit is not None else ''} {row.currency} a unit"


def _classes(key: data.Stamp) -> None:
    section("Asset classes of the symbols")
    found = data.cached(key, classes)
    unknown = [one for one in found if not one.asset_class]
    if not found:
        empty("No symbol yet.", "Symbols come with the first bars.")
        return
    if not unknown:
        note("Every symbol is classified.")
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="class_form"):
        names = {one.symbol_id: one for one in [*unknown, *(one for one in found if one.asset_class)]}
        st.selectbox("Symbol", list(names), format_func=lambda one: _symbol(names[one]), key="class_symbol")
        st.selectbox("Is a", ASSET_CLASSES, key="class_choice", width=130)
        st.button("Save", key="class_save", on_click=_classify, args=({one.symbol_id: one.name for one in found},))


def _symbol(one: SymbolClass) -> str:
    return f"{one.name} ({one.asset_class or 'unclassified'})"


@st.dialog("Enter an exchange rate", on_dismiss=dialogs.close)
def _rate_dialog(currency: str) -> None:
    if not dialogs.is_open("rate", 0):
        st.rerun()
    codes = currency_list(currency, "USD", "EUR", "GBP", "JPY", "CHF")
    left, right = st.columns(2)
    left.selectbox(
        "One unit of", [one for one in codes if one != currency], key="dialog_from", on_change=dialogs.forgive
    )
    right.selectbox("is worth, in", codes, key="dialog_base", on_change=dialogs.forgive)
    st.text_input("Rate", key="dialog_rate", placeholder="1.0850", on_change=dialogs.forgive)
    moment_fields("dialog", data.now(), "It is the rate of an earlier moment")
    _foot(_save_rate)


@st.dialog("Book a split or a dividend", on_dismiss=dialogs.close)
def _action_dialog(symbols: Mapping[int, str]) -> None:
    if not dialogs.is_open("corporate_action", 0):
        st.rerun()
    st.selectbox(
        "Symbol", list(symbols), format_func=symbols.__getitem__, key="dialog_symbol", on_change=dialogs.forgive
    )
    kind = st.segmented_control(
        "Kind", list(_WORDS), default="split", required=True, format_func=_WORDS.__getitem__, key="dialog_kind",
        on_change=dialogs.forgive,
    )  # fmt: skip
    left, right = st.columns(2)
    if kind == "split":
        left.number_input("New units", 1, 10_000, 2, key="dialog_new", on_change=dialogs.forgive)
        right.number_input("for old units", 1, 10_000, 1, key="dialog_old", on_change=dialogs.forgive)
    else:
        left.text_input("Sum for one unit", key="dialog_per_unit", placeholder="0.24", on_change=dialogs.forgive)
        right.text_input("Currency (empty: the symbol's)", key="dialog_currency", on_change=dialogs.forgive)
    moment_fields("dialog", data.now(), "It took effect earlier")
    st.caption("Whoever held the symbol just before that moment has it: for shares the start of the ex-date.")
    _foot(_save_action)


def _foot(save: Callable[[], None]) -> None:
    dialog_parts.show_error()
    st.button("Save", type="primary", key="dialog_save", on_click=save, width="stretch")


def _save_rate() -> None:
    if not dialogs.is_open("rate", 0):
        return
    state, now = st.session_state, data.now()
    with dialog_parts.attempt():
        rate = number(state["dialog_rate"], "rate")
        enter_rate(data.engine(), state["dialog_from"], state["dialog_base"], rate, stated_moment("dialog", now), now)
        dialogs.succeed(f"1 {state['dialog_from']} is {plain(rate)} {state['dialog_base']}.")


def _save_action() -> None:
    if not dialogs.is_open("corporate_action", 0):
        return
    now = data.now()
    with dialog_parts.attempt():
        draft = _draft(stated_moment("dialog", now))
        book_action(data.engine(), draft, now)
        dialogs.succeed(f"The {draft.kind} is booked.")


def _draft(at: datetime) -> ActionDraft:
    state = st.session_state
    if state["dialog_kind"] == "split":
        return ActionDraft(state["dialog_symbol"], "split", at, int(state["dialog_new"]), int(state["dialog_old"]))
    paid = number(state["dialog_per_unit"], "sum for one unit")
    currency = state["dialog_currency"].strip().upper()
    return ActionDraft(state["dialog_symbol"], "dividend", at, per_unit=paid, currency=currency)


def _withdraw(action_id: int) -> None:
    with dialog_parts.attempt("action_error"):
        withdraw_action(data.engine(), action_id, data.now())


def _classify(names: Mapping[int, str]) -> None:
    symbol_id, choice = st.session_state["class_symbol"], st.session_state["class_choice"]
    with dialog_parts.attempt("action_error"):
        classify(data.engine(), symbol_id, choice)
        st.toast(markdown(f"{names[symbol_id]}: {choice}."))
