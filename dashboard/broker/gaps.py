"""Differences between the desk and the broker: the list, the decision about one, and what was decided before."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from core.broker.differences import CHOICES, Resolution
from core.broker.link import DifferenceKind
from dashboard import data, dialogs
from dashboard.broker.words import KINDS, choice
from dashboard.challenge.form import number
from dashboard.components import dialog_parts, formats
from dashboard.components.markup import pill, show, table, tag
from dashboard.components.panels import note, section
from db.actions.broker_differences import Decision, resolve_difference
from db.models import BrokerDifference
from db.views.broker import BrokerView, reconciled

DIALOG = "broker_difference"
_HEADS = (("Decided (UTC)", "nowrap"), ("Difference", ""), ("Decision", ""), ("Why", ""))


def difference_panel(view: BrokerView) -> None:
    """What is to be decided, with a button for each."""
    section(f"Differences to decide ({len(view.open)})")
    if not view.open:
        note("Nothing to decide: what was compared agrees." if data.read(reconciled) else "Nothing was compared yet.")
    for one in view.open:
        with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"broker_row_{one.id}"):
            seen = f"Found {formats.utc(one.found_at)}, last seen {formats.utc(one.seen_at, seconds=True)} UTC"
            kind = pill(KINDS[DifferenceKind(one.kind)], "warning")
            show(tag("div", kind, one.sentence, tag("span", seen, cls="muted"), cls="gap"))
            st.button("Decide", key=f"broker_decide_{one.id}", on_click=dialogs.show, args=(DIALOG, one.id))


def history_panel(view: BrokerView) -> None:
    """What people decided, the newest first."""
    if not view.decided:
        return
    section(f"Decided ({len(view.decided)})")
    show(table(_HEADS, [_decided(one) for one in view.decided]))


def difference_dialogs(view: BrokerView) -> None:
    """Draw the dialog that is open about one of them, if one is."""
    for one in view.open:
        if dialogs.is_open(DIALOG, one.id or 0):
            _dialog(one, view)
            return


@st.dialog("Decide", width="medium", on_dismiss=dialogs.close)
def _dialog(one: BrokerDifference, view: BrokerView) -> None:
    if not dialogs.is_open(DIALOG, one.id or 0):
        st.rerun()
    kind = DifferenceKind(one.kind)
    show(tag("div", tag("b", KINDS[kind]), tag("div", one.sentence), cls="gap"))
    if one.ours or one.theirs:
        show(table((("This desk", ""), ("The broker", "")), [(one.ours or formats.NOTHING, one.theirs)]))
    chosen = st.radio(
        "Decision", CHOICES[kind], format_func=lambda answer: choice(kind, answer), key="dialog_choice",
        on_change=dialogs.forgive,
    )  # fmt: skip
    if chosen is Resolution.BOOKED:
        _account(view)
        if kind is DifferenceKind.POSITION:
            _text("Price it was traded at", "price")
    if chosen is Resolution.FILLED:
        _text("Quantity filled", "quantity")
        _text("Average price", "price")
    _text("Why", "note")
    dialog_parts.show_error()
    st.button("Decide", type="primary", key="dialog_decide", on_click=_decide, args=(one.id, chosen), width="stretch")


def _account(view: BrokerView) -> None:
    names = {known: name for known, name in view.accounts}
    st.selectbox("Account whose books take it in", list(names), format_func=names.__getitem__, key="dialog_account")


def _text(label: str, name: str) -> None:
    st.text_input(label, max_chars=200, key=f"dialog_{name}", on_change=dialogs.forgive)


def _typed(name: str, what: str) -> Decimal | None:
    text = str(st.session_state.get(f"dialog_{name}") or "").strip()
    return number(text, what) if text else None


def _decide(difference_id: int, chosen: Resolution) -> None:
    # The second click of a double click finds the dialog closed.
    if not dialogs.is_open(DIALOG, difference_id):
        return
    state = st.session_state
    with dialog_parts.attempt():
        decision = Decision(
            chosen, str(state.get("dialog_note") or ""), state.get("dialog_account"), _typed("quantity", "quantity"),
            _typed("price", "price"),
        )  # fmt: skip
        resolve_difference(data.engine(), difference_id, decision, data.now())
        dialogs.succeed("The decision is kept.")


def _decided(one: BrokerDifference) -> tuple[object, ...]:
    kind = DifferenceKind(one.kind)
    answer = choice(kind, Resolution(one.resolution or Resolution.KNOWN))
    return formats.utc(one.resolved_at, seconds=True), one.sentence, answer, one.note
