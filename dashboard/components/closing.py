"""Close an open trade: a dialog with price, time and note."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import streamlit as st

from core.errors import ChartroomError
from core.risk import profit
from dashboard import data, dialogs
from dashboard.components import formats
from dashboard.components.decision import NOTE_LENGTH
from dashboard.components.markup import badge, markdown, show, tag
from dashboard.components.panels import Figure, strip, tone
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
    # No limit on purpose: the field would quietly keep its last good figure, where the desk refuses with a reason.
    price = st.number_input(
        f"Exit price ({trade['currency']})",
        value=last.price if last else float(trade["entry_price"]),
        step=tick,
        format=f"%.{formats.decimals(tick)}f",
        key="dialog_price",
        on_change=dialogs.forgive,
    )
    source = f"The last stored close, as of {formats.utc(last.as_of)} UTC." if last else "No bar is stored: the entry."
    st.caption(f"{source} State the price at which you really got out.")
    _moment()
    pnl = profit(
        int(trade["direction"]), float(trade["entry_price"]), price, trade["open_quantity"], trade["point_value"]
    )
    multiple = None if formats.absent(trade["risk"]) else float(pnl / trade["risk"])
    strip(
        (
            Figure("P&L", formats.money(pnl, trade["currency"], signed=True), "before fees", tone(pnl)),
            Figure(
                "R",
                formats.multiple(multiple),
                f"risk {formats.money(trade['risk'], trade['currency'])}",
                tone(multiple),
            ),
        )
    )
    st.text_area("Note", max_chars=NOTE_LENGTH, height=70, key="dialog_note", placeholder="What you learnt (optional)")
    if dialogs.error():
        st.error(markdown(dialogs.error()))
    st.button("Close the trade", type="primary", key="dialog_close", on_click=_close, args=(trade_id,), width="stretch")


def _moment() -> None:
    """Now, until the person says when it was."""
    now = data.now()
    st.toggle("It happened earlier", key="dialog_earlier")
    if not st.session_state.dialog_earlier:
        return
    day, clock = st.columns(2)
    day.date_input("Day (UTC)", value=now.date(), max_value=now.date() + timedelta(days=1), key="dialog_day")
    clock.time_input("Time (UTC)", value=now.time().replace(second=0, microsecond=0), step=60, key="dialog_time")


def _stated_moment(now: datetime) -> datetime:
    state = st.session_state
    if not state.get("dialog_earlier"):
        return now
    return datetime.combine(state.dialog_day, state.dialog_time, tzinfo=UTC)


def _close(trade_id: int) -> None:
    # The second click of a double click finds the dialog closed.
    if not dialogs.is_open("close", trade_id):
        return
    now = data.now()
    note = str(st.session_state.get("dialog_note") or "")
    try:
        close_trade(data.engine(), trade_id, float(st.session_state.dialog_price), _stated_moment(now), note, now)
    except ChartroomError as error:
        dialogs.fail(error.message)
    else:
        dialogs.succeed(f"Trade {trade_id} is closed.")
