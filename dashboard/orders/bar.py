"""The head of the Orders page: views, a new order, paper costs, the kill switch, figures, and what needs a person."""

from __future__ import annotations

import streamlit as st

from core.orders import Status
from core.risk import counted
from dashboard import data, dialogs
from dashboard.components import formats
from dashboard.components.markup import show, tag
from dashboard.components.panels import Figure, strip
from dashboard.orders import costs as cost_dialog
from dashboard.orders import table as order_table
from dashboard.orders import words as order_words
from db.models import Account, AccountGuard
from db.views import order_rules, orders
from db.views.orders import OrderFigures, OrderFilter

ORDERS, REFUSED, GUARDS = "Orders", "Refused", "Guards"
VIEWS = (ORDERS, REFUSED, GUARDS)
_VIEW = "orders_view"
_NAMED = 5


def order_bar(account: Account, guard: AccountGuard | None) -> str:
    """Draw it; returns the chosen view."""
    st.session_state.setdefault(_VIEW, ORDERS)
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="orders_bar"):
        view = st.segmented_control("View", VIEWS, key=_VIEW, label_visibility="collapsed", required=True)
        st.space("stretch")
        st.button("New order", type="primary", key="order_new", on_click=dialogs.show, args=("order", account.id))
        cost_dialog.cost_button()
        if guard is not None and guard.kill_switch:
            st.button("Lift the kill switch", key="lift", on_click=dialogs.show, args=("lift", account.id))
        else:
            st.button("Kill switch", key="kill_open", on_click=dialogs.show, args=("kill", account.id))
    return str(view or ORDERS)


def figures_strip(key: data.Stamp, account: Account, figures: OrderFigures, guard: AccountGuard | None) -> None:
    """Total, working, filled today, and what did not go well."""
    counts = figures.counts
    part = counts[Status.PARTIALLY_FILLED]
    refused, rejected = figures.refused_today, counts[Status.REJECTED]
    trades = f"{figures.executions:,} execution{'' if figures.executions == 1 else 's'} today"
    strip(
        (
            Figure("Orders", f"{figures.total:,}", f"{counts[Status.FILLED]:,} filled, {counts[Status.CANCELLED]:,} "
                   f"cancelled, {counts[Status.EXPIRED]:,} expired"),
            Figure("Working", f"{figures.working:,}", f"{part:,} filled in part"),
            Figure("Filled today", f"{figures.filled_today:,}", trades),
            Figure("Rejected", f"{rejected:,}", "by a broker", "down" if rejected else ""),
            Figure("Refused today", f"{refused:,}", "by limits, challenge or guards", "warning" if refused else ""),
            _new_orders(key, account, guard),
        )
    )  # fmt: skip


def notices(key: data.Stamp, account: Account, figures: OrderFigures, guard: AccountGuard | None) -> None:
    """The kill switch while it is on, and orders that a person has to look after."""
    if guard is not None and guard.kill_switch:
        since = f" since {formats.utc(guard.killed_at)} UTC" if guard.killed_at else ""
        told = f" for {account.name}{since}. No new order is let through until somebody lifts it."
        show(tag("div", tag("b", "The kill switch is on"), told, cls="killed"))
    if not figures.counts[Status.UNKNOWN]:
        return
    lost = data.cached(key, orders.order_list, OrderFilter(account.id, (Status.UNKNOWN.value,)), _NAMED)
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="order_unknown"):
        count = figures.counts[Status.UNKNOWN]
        what = "An order is" if count == 1 else f"{count} orders are"
        show(tag("div", tag("b", f"{what} unknown."), f" {order_words.MEANING[Status.UNKNOWN].capitalize()}.",
                 cls="attention"))  # fmt: skip
        for ticket, leg in zip(lost["ticket_id"], lost["leg"], strict=True):
            st.button(f"Order {ticket}", key=f"order_unknown_{ticket}_{leg}", on_click=_look, args=(int(ticket), leg))


def _look(ticket_id: int, leg: str) -> None:
    st.session_state[_VIEW] = ORDERS
    order_table.choose(ticket_id, leg)


def _new_orders(key: data.Stamp, account: Account, guard: AccountGuard | None) -> Figure:
    """Whether a new order is let through, by what the guards that are on say now."""
    if guard is not None and guard.kill_switch:
        return Figure("New orders", "Stopped", "kill switch", "down")
    found = [] if guard is None else data.recent(key, order_rules.guard_states, account.id or 0)
    stops = [one.title.lower() for one in found if not one.ok]
    if stops:
        return Figure("New orders", "Stopped", ", ".join(stops), "down")
    return Figure("New orders", "Allowed", f"{counted(len(found), 'guard')} watching" if found else "no guard is set")
