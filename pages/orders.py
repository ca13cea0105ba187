"""Orders: what was sent to a broker, how it stands, what was refused, and what stops new ones."""

from __future__ import annotations

import streamlit as st

from dashboard import data, status
from dashboard.accounts.choice import chosen_account
from dashboard.components import empties
from dashboard.orders import bar as order_bar
from dashboard.orders import costs as cost_dialog
from dashboard.orders import empties as order_empties
from dashboard.orders import guards as guard_panel
from dashboard.orders import table as order_table
from dashboard.orders.changes import change_dialogs
from dashboard.orders.filters import order_filter
from dashboard.orders.form import order_dialog
from dashboard.orders.panel import order_panel
from dashboard.orders.refusals import refusal_list
from db.views import order_rules, orders
from db.views.orders import OrderFilter

key = status.page_stamp()
account = chosen_account()
if account is None or account.id is None:
    empties.no_account()
    st.stop()

known = data.read(order_rules.brokers, data.now_ms())
figures = data.recent(key, orders.order_figures, account.id)
guard = data.cached(key, order_rules.guard_of, account.id)
view = order_bar.order_bar(account, guard)
order_bar.figures_strip(key, account, figures, guard)
order_bar.notices(key, account, figures, guard)

if view == order_bar.REFUSED:
    refusal_list(key, account)
elif view == order_bar.GUARDS:
    guard_panel.guard_panel(key, account, guard)
else:
    list_place, detail_place = st.columns([1.75, 1], gap="medium")
    with list_place:
        wanted = order_filter(key, account.id, figures)
        listed = data.cached(key, orders.order_list, wanted, order_table.LIMIT)
        chosen = order_table.shown(listed)
    detail = data.read(orders.order_detail, *chosen) if chosen else None
    with list_place:
        if len(listed):
            mark = (detail.ticket.id or 0, detail.order.leg) if detail else None
            order_table.order_table(listed, mark, height=640)
        elif wanted == OrderFilter(account.id):
            order_empties.no_orders()
        else:
            order_empties.no_matching_orders()
    with detail_place:
        if detail is not None:
            order_panel(detail, known)
        elif chosen:
            order_empties.unknown_order(chosen[0])
    change_dialogs(detail)
order_dialog(account, known)
guard_panel.guard_dialogs(account, guard)
cost_dialog.cost_dialog()
