"""Close an open trade: a dialog with price, costs, time and note."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import streamlit as st

from core.errors import ChartroomError
from core.risk import profit
from dashboard import data, dialogs
from dashboard.challenge.form import number
from dashboard.components import dialog_parts, formats
from dashboard.components.markup import badge, show, tag
from dashboard.components.moments import moment_fields, stated_moment
from dashboard.components.panels import Figure, strip, tone
from dashboard.signals.decision import NOTE_LENGTH
from dashboard.trades import form as trade_form
from db.actions.close import close_trade
from db.views.desk import LastPrice


def close_dialog(opened: pd.DataFrame, prices: dict[int, LastPrice]) -> None:
    """Draw the dialog when one of these trades is about to be closed."""
    asked = dialogs.opened()
    if asked is None or asked.name != "close":
        return
    found = opened[opened["id"] == asked.subject]
    if found.empty:
        dialogs.close()
        return
    trade = found.iloc[0]
    _dialog(trade, prices.get(int(trade["symbol_id"])))


@st.dialog("Close this trade", width="medium", on_dismiss=dialogs.close)
def _dialog(trade: pd.Series, last: LastPrice | None) -> None:
    trade_id, tick = int(trade["id"]), float(trade["tick_size"])
    if not dialogs.is_open("close", trade_id):
        st.rerun()
    side = tag("b", formats.side(trade["direction"]), cls="up" if trade["direction"] > 0 else "down")
    held = f" {formats.quantity(trade['open_quantity'])} at {formats.price(trade['entry_price'], tick)}"
    show(tag("div", tag("b", trade["symbol"]), badge(trade["source"]), " ", side, held, f", trade {trade_id}"))
    # Set by hand, all of them: else the browser would go on with what was typed for another trade.
    for name, value in (
        ("price", last.for_trade(trade["opened_at"]) if last else float(trade["entry_price"])),
        ("fee", ""),
        ("swap", ""),
    ):
        st.session_state.setdefault(f"dialog_{name}", value)
    st.session_state.setdefault("dialog_note", "")
    # No limit on purpose: the field would quietly keep its last good figure, where the desk refuses with a reason.
    price = st.number_input(
        f"Exit price ({trade['currency']})",
        step=tick,
        format=f"%.{formats.decimals(tick)}f",
        key="dialog_price",
        on_change=dialogs.forgive,
    )
    source = f"The last stored close, as of {formats.utc(last.as_of)} UTC." if last else "No bar is stored: the entry."
    st.caption(f"{source} State the price at which you really got out.")
    fee, swap = st.columns(2, gap="small")
    fee.text_input("Fee", key="dialog_fee", placeholder="0", on_change=dialogs.forgive)
    hint = "A cost; a credit has a minus sign."
    swap.text_input("Swap", key="dialog_swap", placeholder="0", help=hint, on_change=dialogs.forgive)
    moment_fields("dialog", data.now())
    _outcome(trade, price)
    st.text_area("Note", max_chars=NOTE_LENGTH, height=70, key="dialog_note", placeholder="What you learnt (optional)")
    dialog_parts.show_error()
    st.button("Close the trade", type="primary", key="dialog_close", on_click=_close, args=(trade_id,), width="stretch")


def _outcome(trade: pd.Series, price: float) -> None:
    """What this exit makes, and the R of the whole trade with what was realised before."""
    currency = str(trade["account_currency"])
    try:
        costs = _cost("fee") + _cost("swap")
    except ChartroomError:
        costs = Decimal(0)
    entry = float(trade["entry_price"])
    pnl = profit(int(trade["direction"]), entry, price, trade["open_quantity"], trade["per_point"]) - costs
    before = Decimal(0) if formats.absent(trade["pnl"]) else trade["pnl"]
    multiple = None if formats.absent(trade["risk"]) else float((before + pnl) / trade["risk"])
    note = f"{formats.money(before, currency, signed=True)} before" if before else "before fees" if not costs else ""
    risk = f"risk {formats.money(trade['risk'], currency)}"
    strip(
        (
            Figure("P&L", formats.money(pnl, currency, signed=True), note, tone(pnl)),
            Figure("R", formats.multiple(multiple), risk, tone(multiple)),
        )
    )


def _cost(name: str) -> Decimal:
    """A cost as it was typed; 0 for an empty field. Raises ParameterError when it is no number."""
    text = str(st.session_state.get(f"dialog_{name}") or "").strip()
    return number(text, name) if text else Decimal(0)


def _close(trade_id: int) -> None:
    # The second click of a double click finds the dialog closed.
    if not dialogs.is_open("close", trade_id):
        return
    state, now = st.session_state, data.now()
    note = str(state.get("dialog_note") or "")
    try:
        costs = (_cost("fee"), _cost("swap"))
        price = float(state.dialog_price)
        close_trade(data.engine(), trade_id, price, stated_moment("dialog", now), note, now, *costs)
    except ChartroomError as error:
        dialogs.fail(error.message)
    else:
        trade_form.follow(trade_id)
        dialogs.succeed(f"Trade {trade_id} is closed.")
