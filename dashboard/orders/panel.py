"""The chosen order: how it stands, what may be done to it, its legs, and everything that happened."""

from __future__ import annotations

import streamlit as st

from core.orders import OrderType, Status, TimeInForce
from dashboard import data, dialogs, navigation
from dashboard.components import formats
from dashboard.components.markup import Markup, badge, pill, show, tag
from dashboard.components.panels import section
from dashboard.orders import history as order_history
from dashboard.orders import table as order_table
from dashboard.orders import words as order_words
from dashboard.status import REFRESH_SECONDS
from db.models import BrokerOrder
from db.store.orders.rows import PAPER
from db.store.orders.terms import terms_of
from db.store.orders.trails import trails_at
from db.views.desk import last_prices
from db.views.order_rules import Brokers
from db.views.orders import LIVE, OrderDetail

_ORIGINS = {"signal": "accepted signal", "hand": "by hand"}


def order_panel(detail: OrderDetail, known: Brokers) -> None:
    """Draw everything there is to know about it."""
    order = detail.order
    _head(detail, known)
    _attention(detail)
    if order.status in LIVE:
        _market(detail)
    _actions(detail)
    _facts(detail)
    _legs(detail)
    order_history.executions(detail)
    order_history.transitions(detail)
    _links(detail)


def broker_pill(broker: str, known: Brokers) -> Markup:
    """Which money it is: paper, or live in red."""
    if broker == "paper":
        return pill("PAPER", "paper")
    return pill("IBKR LIVE", "live") if known.live else pill("IBKR PAPER", "paper")


def may_change(order: BrokerOrder) -> bool:
    """Whether a person may change or cancel it: it is alive, and nobody has asked for its end."""
    return not Status(order.status).final and not order.cancelling and order.status != Status.UNKNOWN


def _head(detail: OrderDetail, known: Brokers) -> None:
    order, symbol = detail.order, detail.symbol
    waits = order_words.waits_at(terms_of(order), symbol.tick_size)
    show(
        tag(
            "div",
            tag("h2", symbol.name, badge(symbol.source)),
            order_words.side_tag(order.side),
            tag("span", f"{formats.quantity(order.quantity)} {waits}"),
            order_words.status_pill(order.status, cancelling=order.cancelling),
            broker_pill(detail.ticket.broker, known),
            tag("span", f"order {detail.ticket.id}, {order_words.LEGS[order.leg].lower()}", cls="muted"),
            cls="order-head",
        )
    )


@st.fragment(run_every=REFRESH_SECONDS)
def _market(detail: OrderDetail) -> None:
    """Where the market is, and how far from the order: read anew by itself, for bars alone do not refresh the page."""
    order, symbol = detail.order, detail.symbol
    last = data.read(last_prices, (symbol.id or 0,)).get(symbol.id or 0)
    if last is None:
        return
    told = f"Last {formats.price(last.price, symbol.tick_size)}, as of {formats.utc(last.as_of)} UTC"
    trails = order.type == OrderType.TRAILING_STOP
    level = trails_at(order) if trails else order.limit_price if order.limit_price is not None else order.stop_price
    if level is not None:
        ticks = abs(last.price - level) / symbol.tick_size
        told += f"; {ticks:,.0f} ticks ({formats.percent(abs(last.price - level) / last.price, 2)}) from the order"
    show(tag("div", f"{told}.", cls="small muted"))


def _attention(detail: OrderDetail) -> None:
    """The broker's last refusal or remark, and what waits for an answer."""
    order = detail.order
    if order.error:
        bad = order.status in (Status.REJECTED, Status.UNKNOWN)
        show(tag("div", order.error, cls="attention bad" if bad else "attention"))
    if order.status == Status.UNKNOWN:
        say = "Nobody can say how this order stands. Look at the broker, then say what became of it."
        show(tag("div", say, cls="attention"))
    asked = order_words.wanted_line(order, detail.symbol.tick_size)
    if asked:
        show(tag("div", asked, cls="attention"))


def _actions(detail: OrderDetail) -> None:
    order = detail.order
    if Status(order.status).final:
        return
    with st.container(horizontal=True, gap="small", key="order_actions"):
        if order.status == Status.UNKNOWN:
            st.button("Say what became of it", type="primary", key="order_resolve", on_click=dialogs.show,
                      args=("order_resolve", order.id))  # fmt: skip
            return
        off = not may_change(order)
        st.button("Modify", key="order_modify", on_click=dialogs.show, args=("order_modify", order.id), disabled=off)
        st.button("Cancel order", key="order_cancel", on_click=dialogs.show, args=("order_cancel", order.id),
                  disabled=off)  # fmt: skip


def _facts(detail: OrderDetail) -> None:
    order, ticket, tick = detail.order, detail.ticket, detail.symbol.tick_size
    left = order.quantity - order.filled
    cells = [
        ("Filled", order_history.fill_bar(order)),
        ("Average price", formats.price(order.average_price, tick)),
        ("Left", formats.quantity(left) if not Status(order.status).final else formats.NOTHING),
        ("Commission, all legs", order_history.fees(detail)),
        ("Time in force", order_words.life(TimeInForce(order.tif), order.until)),
        ("Account", detail.account.name),
        ("From", detail.strategy.name if detail.strategy else _ORIGINS.get(ticket.origin, ticket.origin)),
        ("Placed (UTC)", formats.utc(order.created_at, seconds=True)),
        ("Changed (UTC)", formats.utc(order.updated_at, seconds=True)),
        ("Reference", order.reference),
    ]
    if order.type == OrderType.TRAILING_STOP and not Status(order.status).final:
        cells.insert(3, ("Stands at", _stands(detail)))
    if ticket.closes is not None:
        cells.insert(6, ("Closes", f"trade {ticket.closes}"))
    show(tag("dl", *(tag("div", tag("dt", name), tag("dd", value)) for name, value in cells), cls="order-facts"))
    if ticket.note:
        show(tag("div", ticket.note, cls="plain"))


def _stands(detail: OrderDetail) -> str:
    """Where a trailing stop is now."""
    if detail.ticket.broker != PAPER:
        return "only the broker knows"
    level = trails_at(detail.order)
    return "waits for a price" if level is None else formats.price(level, detail.symbol.tick_size)


def _legs(detail: OrderDetail) -> None:
    """All legs, and a way to another one, which the filters may hide from the list."""
    if len(detail.legs) > 1:
        with st.container(horizontal=True, gap="small", vertical_alignment="center", key="order_legs"):
            section("Legs")
            for one in detail.legs:
                st.button(
                    order_words.LEGS[one.leg],
                    key=f"leg_{one.leg}",
                    type="tertiary",
                    on_click=order_table.choose,
                    args=(detail.ticket.id, one.leg),
                    disabled=one.id == detail.order.id,
                )
        order_history.legs(detail)


def _links(detail: OrderDetail) -> None:
    with st.container(horizontal=True, gap="small", key="order_links"):
        if detail.ticket.signal_id is not None:
            navigation.link("signals", f"Signal {detail.ticket.signal_id}", signal=detail.ticket.signal_id)
        for trade in detail.trades:
            navigation.link("journal", f"Trade {trade} in the journal", trade=trade)
        navigation.link("lineage", "Where this order comes from", order=detail.ticket.id)
