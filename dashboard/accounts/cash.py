"""Cash of an account: what was booked, by whom and why; a mistake is put right by a booking that reverses it."""

from __future__ import annotations

import streamlit as st

from core.risk import money
from dashboard import data, dialogs
from dashboard.challenge.form import number
from dashboard.components import dialog_parts, formats
from dashboard.components.markup import show, table, tag
from dashboard.components.moments import moment_fields, stated_moment
from dashboard.components.panels import Figure, empty, strip, tone
from db.actions.accounts import CASH, Cash, book_cash, reverse_cash
from db.models import Account, CashMovement

SHOWN = 200
_BY = "booked_by"
_HEADS = (
    ("Happened (UTC)", "nowrap"), ("Kind", ""), ("Amount", "num"), ("Reason", ""), ("Booked by", ""),
    ("Booked (UTC)", "nowrap"), ("No.", "num"),
)  # fmt: skip


def cash_panel(account: Account, movements: list[CashMovement]) -> None:
    """Sums by kind, the audit trail, and the two buttons."""
    strip(_sums(account, movements))
    reversible = _reversible(movements)
    with st.container(horizontal=True, gap="small"):
        st.button("Book cash", type="primary", key="cash_new", on_click=dialogs.show, args=("cash", account.id))
        if reversible:
            st.button("Reverse a booking", key="cash_undo", on_click=dialogs.show, args=("cash_undo", account.id))
    if not movements:
        empty("No cash was booked yet.", "Deposits, withdrawals, fees and adjustments are kept here for good.")
        return
    show(table(_HEADS, [_row(one) for one in movements[:SHOWN]], cls="cash"))


def cash_dialogs(account: Account | None, movements: list[CashMovement]) -> None:
    """Draw the dialog that is open about this account's cash, if one is."""
    if account is None or account.id is None:
        return
    if dialogs.is_open("cash", account.id):
        _book_dialog(account)
    elif dialogs.is_open("cash_undo", account.id):
        _reverse_dialog(account, _reversible(movements))


@st.dialog("Book cash", on_dismiss=dialogs.close)
def _book_dialog(account: Account) -> None:
    if not dialogs.is_open("cash", account.id or 0):
        st.rerun()
    st.selectbox("Kind", CASH, format_func=str.capitalize, key="dialog_kind", on_change=dialogs.forgive)
    told = "An adjustment takes a minus sign to book money out." if st.session_state.dialog_kind == CASH[3] else None
    st.text_input(f"Amount ({account.currency})", key="dialog_amount", on_change=dialogs.forgive, help=told)
    moment_fields("dialog", data.now())
    st.text_input("Reason", key="dialog_reason", max_chars=200, on_change=dialogs.forgive)
    _booked_by()
    dialog_parts.show_error()
    st.button("Book it", type="primary", key="dialog_book", on_click=_book, args=(account.id,), width="stretch")


@st.dialog("Reverse a booking", width="medium", on_dismiss=dialogs.close)
def _reverse_dialog(account: Account, movements: list[CashMovement]) -> None:
    if not dialogs.is_open("cash_undo", account.id or 0) or not movements:
        st.rerun()
    known = {one.id: one for one in movements}
    st.selectbox("Booking", list(known), format_func=lambda one: _named(known[one]), key="dialog_movement")
    st.text_input("Reason", key="dialog_reason", max_chars=200, on_change=dialogs.forgive)
    _booked_by()
    st.caption("The opposite is booked at the same time. Both stay in the list.")
    dialog_parts.show_error()
    st.button(
        "Reverse it", type="primary", key="dialog_reverse", on_click=_reverse, args=(account.id,), width="stretch"
    )


def _booked_by() -> None:
    name = st.session_state.get(_BY, "")
    st.text_input("Booked by", value=name, key="dialog_by", max_chars=60, on_change=dialogs.forgive)


def _named(one: CashMovement) -> str:
    return f"{one.id}: {one.kind} {money(one.amount)}, {formats.utc(one.at)}, {one.reason}"


def _reversible(movements: list[CashMovement]) -> list[CashMovement]:
    undone = {one.reverses_id for one in movements}
    return [one for one in movements if one.reverses_id is None and one.id not in undone]


def _sums(account: Account, movements: list[CashMovement]) -> list[Figure]:
    found = []
    for kind in CASH:
        amounts = [one.amount for one in movements if one.kind == kind]
        total = sum(amounts, account.initial_balance * 0)
        count = f"{len(amounts)} booking{'' if len(amounts) == 1 else 's'}"
        title = "Fees" if kind == "fee" else f"{kind.capitalize()}s"
        found.append(Figure(title, formats.money(total, account.currency, signed=True), count, tone(total)))
    return found


def _row(one: CashMovement) -> tuple[object, ...]:
    kind = one.kind if one.reverses_id is None else f"{one.kind}, reverses {one.reverses_id}"
    amount = tag("span", formats.money(one.amount, signed=True), cls=tone(one.amount))
    booked = formats.utc(one.booked_at, seconds=True)
    return formats.utc(one.at), kind, amount, one.reason, one.booked_by, booked, str(one.id)


def _book(account_id: int) -> None:
    # The second click of a double click finds the dialog closed.
    if not dialogs.is_open("cash", account_id):
        return
    state, now = st.session_state, data.now()
    with dialog_parts.attempt():
        amount = number(str(state.dialog_amount), "amount")
        cash = Cash(
            state.dialog_kind, amount, stated_moment("dialog", now), str(state.dialog_reason), str(state.dialog_by)
        )
        book_cash(data.engine(), account_id, cash, now)
        state[_BY] = cash.by
        dialogs.succeed(f"{cash.kind.capitalize()} of {money(cash.amount)} is booked.")


def _reverse(account_id: int) -> None:
    if not dialogs.is_open("cash_undo", account_id):
        return
    state = st.session_state
    with dialog_parts.attempt():
        reverse_cash(
            data.engine(), int(state.dialog_movement), str(state.dialog_reason), str(state.dialog_by), data.now()
        )
        state[_BY] = str(state.dialog_by)
        dialogs.succeed("The booking is reversed.")
