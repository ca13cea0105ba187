"""The two decisions about a signal, each confirmed in a dialog that shows what it means in money and in R."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from core.risk import exact, plain, risk_at_stop
from dashboard import data, dialogs
from dashboard.accounts.choice import chosen_of
from dashboard.challenge import room as room_panel
from dashboard.components import dialog_parts, formats
from dashboard.components.markup import badge, markdown, show, table, tag
from dashboard.components.panels import Figure, strip
from dashboard.orders import signal as order_signal
from dashboard.signals.card import targets_of
from db.actions.decide import Ticket, accept_signal, reject_signal
from db.models import Account
from db.store import accounts as account_store
from db.store.limits import Intent
from db.views import signals
from db.views.desk import last_prices
from db.views.room import Known
from db.views.signals import SignalDetail

NOTE_LENGTH = 500
OTHER = "Another reason"
REASONS = (
    "Structure does not convince me",
    "News or a session change is near",
    "Price has run away from the entry",
    "Reward is too small for the risk",
    "Too much risk in this market already",
    OTHER,
)


def decision_buttons(detail: SignalDetail) -> None:
    """Accept (booking a fill, or by sending the order) and Reject, while the signal is new."""
    signal = detail.signal
    if signal.status != "new" or signal.id is None:
        return
    st.button("Accept", type="primary", key="accept", on_click=dialogs.show, args=("accept", signal.id), width=96)
    st.button("Send order", key="accept_send", on_click=order_signal.open_send, args=(signal.id,), width=112)
    st.button("Reject", key="reject", on_click=dialogs.show, args=("reject", signal.id), width=96)


def decision_dialogs(detail: SignalDetail | None) -> None:
    """Draw the dialog that is open about this signal, if one is."""
    if detail is None or detail.signal.id is None:
        return
    if dialogs.is_open("accept", detail.signal.id):
        _accept_dialog(detail)
    elif dialogs.is_open("reject", detail.signal.id):
        _reject_dialog(detail)


@st.dialog("Accept this signal", width="large", on_dismiss=dialogs.close)
def _accept_dialog(detail: SignalDetail) -> None:
    signal, symbol = detail.signal, detail.symbol
    if not dialogs.is_open("accept", signal.id or 0):
        st.rerun()
    _what(detail)
    accounts = data.read(signals.accounts)
    if not accounts:
        st.error("There is no account to book the trade in: start the desk with make run, it opens one.")
        return
    account = _account(accounts)
    if account.currency != symbol.currency:
        st.error(
            markdown(
                f"{symbol.name} is priced in {symbol.currency} and {account.name} is kept in {account.currency}: "
                "the desk has no exchange rate to size this trade by, so it cannot be accepted."
            )
        )
        return
    if order_signal.sends():
        order_signal.send_form(detail, account, NOTE_LENGTH)
        return
    _not_filled(detail)
    known = room_panel.known(account.id or 0)
    proposed = room_panel.proposal_of(known, symbol, signal.direction, signal.entry, signal.stop)
    left, right = st.columns(2)
    # No limits on purpose: the fields would quietly keep their last good figure, where the desk refuses with a reason.
    price = left.number_input(
        f"Fill price ({symbol.currency})",
        value=float(signal.entry),
        step=symbol.tick_size,
        format=f"%.{formats.decimals(symbol.tick_size)}f",
        key="dialog_price",
        on_change=dialogs.forgive,
    )
    lot = float(symbol.lot_step)
    if st.session_state.get("dialog_sized_for") != account.id:
        # Another account proposes another size. Set here: a field would keep what it shows.
        st.session_state["dialog_sized_for"] = account.id
        st.session_state["dialog_quantity"] = max(lot, float(proposed.quantity)) if proposed else lot
    quantity = right.number_input(
        "Quantity",
        step=lot,
        format=room_panel.quantity_format(symbol.lot_step),
        key="dialog_quantity",
        on_change=dialogs.forgive,
        help="The smallest of the account's risk for one trade, its limits and its challenge's room; the size you "
        "really filled is what counts.",
    )
    room_panel.proposal_line(proposed)
    _consequences(detail, account, known.balance, price, exact(quantity))
    targets, rules = st.columns([1, 1.3], gap="medium")
    with targets:
        _targets(detail, account, price, exact(quantity))
    with rules:
        refused = _refused(detail, known, price, exact(quantity))
    st.text_area("Note", max_chars=NOTE_LENGTH, height=70, key="dialog_note", placeholder="Why you take it (optional)")
    st.caption(
        "Accepting books the trade in the journal at the fill price you state here. "
        f"Chartroom sends no order: place it with your broker, or choose {order_signal.SEND} above."
    )
    dialog_parts.show_error()
    st.button(
        "Accept and book the trade",
        type="primary",
        key="dialog_accept",
        on_click=_accept,
        args=(signal.id, account.id),
        width="stretch",
        disabled=refused,
    )


def _refused(detail: SignalDetail, account: Known, price: float, quantity: Decimal) -> bool:
    """Show every rule's answer to this fill; whether one refuses it."""
    signal = detail.signal
    if (price - signal.stop) * signal.direction <= 0:
        # Accepting such a fill is refused with a sentence of its own.
        return False
    room = room_panel.room_panel(
        account, detail.symbol, Intent(signal.direction, quantity, price, signal.stop, data.now())
    )
    return room is not None and room.refused is not None


def _not_filled(detail: SignalDetail) -> None:
    """Say so when the stored bars have not reached the entry: a trade that was never filled must not look like one."""
    last = data.read(last_prices, (detail.symbol.id or 0,)).get(detail.symbol.id or 0)
    if detail.outcome is None or detail.outcome.state != "waiting" or last is None:
        return
    tick = detail.symbol.tick_size
    st.warning(
        markdown(
            f"By the stored bars the entry {formats.price(detail.signal.entry, tick)} has not traded yet: "
            f"the last close is {formats.price(last.price, tick)}, as of {formats.utc(last.as_of)} UTC. "
            "Book the trade only if your order was filled."
        )
    )


@st.dialog("Reject this signal", on_dismiss=dialogs.close)
def _reject_dialog(detail: SignalDetail) -> None:
    signal = detail.signal
    if not dialogs.is_open("reject", signal.id or 0):
        st.rerun()
    _what(detail)
    st.radio("Reason", REASONS, key="dialog_reason")
    st.text_area(
        "In your words",
        max_chars=NOTE_LENGTH,
        height=70,
        key="dialog_words",
        placeholder="Optional, unless it is another reason",
    )
    st.caption("The reason stays with the signal. A rejected signal cannot be accepted any more.")
    dialog_parts.show_error()
    st.button(
        "Reject the signal", type="primary", key="dialog_reject", on_click=_reject, args=(signal.id,), width="stretch"
    )


def rejection_reason(choice: str, own_words: str) -> str:
    """The stored reason: the choice and the person's words; empty when neither says anything."""
    words = own_words.strip()
    if choice == OTHER:
        return words
    return f"{choice}: {words}" if words else choice


def _what(detail: SignalDetail) -> None:
    signal, symbol = detail.signal, detail.symbol
    side = tag("b", formats.side(signal.direction), cls="up" if signal.direction > 0 else "down")
    order = signal.entry_type.replace("_", " ").lower()
    seen = f"as of {formats.utc(signal.as_of)} UTC"
    name = tag("b", symbol.name, badge(symbol.source))
    show(tag("div", name, " ", side, f" ({order}), {detail.strategy.name}, ", seen))


def _account(accounts: list[Account]) -> Account:
    """The chosen account, or another one: then the size is proposed anew."""
    if len(accounts) == 1:
        return accounts[0]
    names = {one.id: one for one in accounts}
    current = chosen_of(accounts)
    picked = st.selectbox(
        "Account",
        list(names),
        index=list(names).index(current.id if current else None),
        format_func=lambda one: names[one].name,
        key="dialog_account",
        on_change=dialogs.forgive,
    )
    return names[picked]


def _consequences(detail: SignalDetail, account: Account, balance: Decimal, price: float, quantity: Decimal) -> None:
    """Risk in money and percent."""
    signal, symbol = detail.signal, detail.symbol
    risk = risk_at_stop(quantity, price, signal.stop, symbol.point_value)
    share = risk / balance if balance > 0 else None
    most = account_store.budget(account, balance)
    over = risk > most * Decimal("1.005")
    limit = f"limit {plain(account.risk_percent)} %" if account.risk_fixed is None else f"limit {formats.money(most)}"
    strip(
        (
            Figure(
                "Risk",
                formats.money(risk, account.currency),
                f"to the stop {formats.price(signal.stop, symbol.tick_size)}",
            ),
            Figure("Of the balance", formats.percent(share, 2), limit, "warning" if over else ""),
            Figure("Balance", formats.money(balance, account.currency), account.name),
        )
    )


def _targets(detail: SignalDetail, account: Account, price: float, quantity: Decimal) -> None:
    """What each target pays from this fill."""
    signal, symbol = detail.signal, detail.symbol
    risk = risk_at_stop(quantity, price, signal.stop, symbol.point_value)
    distance = (price - signal.stop) * signal.direction
    if distance <= 0:
        return
    rows = []
    for one in targets_of(signal):
        reward = (one.price - price) * signal.direction / distance
        gain = formats.money(risk * exact(round(reward, 6)), account.currency, signed=True)
        rows.append((one.name, formats.price(one.price, symbol.tick_size), formats.multiple(reward), gain))
    show(table((("Target", ""), ("Price", "num"), ("R", "num"), ("Gain", "num")), rows))


def _accept(signal_id: int, account_id: int) -> None:
    # The second click of a double click finds the dialog closed.
    if not dialogs.is_open("accept", signal_id):
        return
    state = st.session_state
    ticket = Ticket(float(state.dialog_price), exact(state.dialog_quantity), str(state.get("dialog_note") or ""))
    with dialog_parts.attempt():
        trade_id = accept_signal(data.engine(), signal_id, ticket, data.now(), account_id)
        dialogs.succeed(f"Signal {signal_id} is accepted: trade {trade_id} is open in the journal.")


def _reject(signal_id: int) -> None:
    if not dialogs.is_open("reject", signal_id):
        return
    reason = rejection_reason(st.session_state.dialog_reason, str(st.session_state.get("dialog_words") or ""))
    with dialog_parts.attempt():
        reject_signal(data.engine(), signal_id, reason, data.now())
        dialogs.succeed(f"Signal {signal_id} is rejected.")
