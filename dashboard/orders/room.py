"""What an order means before the click: value, risk, reward, what every rule and guard says, and whose money it is."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from core.challenge.room import Verdict
from core.errors import ChartroomError
from core.orders import Leg
from core.risk import exact, profit, risk_at_stop
from dashboard import data, dialogs
from dashboard.components import formats
from dashboard.components.markup import Markup, markdown, pill, show, table, tag
from dashboard.components.panels import Figure, strip
from dashboard.orders import words as order_words
from db.actions.orders import OrderRequest, check_order, only_closes, place_order
from db.models import Account, Symbol
from db.views.order_rules import Brokers
from db.views.room import Known

_HEADS = (("Rule", "nowrap"), ("Room", "num"), ("", "nowrap"), ("", ""))
_SURE = "dialog_sure"


def broker_choice(known: Brokers, first: str = "paper") -> str:
    """Where the order goes: the paper broker, unless Interactive Brokers is on and chosen; at first `first`."""
    if not known.ibkr:
        show(tag("div", pill("PAPER", "paper"), " The paper broker fills it from the stored bars.", cls="small muted"))
        return "paper"
    names = {"paper": "Paper broker", "ibkr": f"Interactive Brokers, {'LIVE' if known.live else 'paper account'}"}
    st.session_state.setdefault("dialog_broker", first)
    chosen = st.radio(
        "Broker",
        list(names),
        format_func=names.__getitem__,
        key="dialog_broker",
        horizontal=True,
        on_change=dialogs.forgive,
    )
    if chosen == "ibkr":
        where = f"account {known.account}" if known.account else "the account of the login"
        badge = pill("LIVE", "live") if known.live else pill("PAPER", "paper")
        off = "" if known.link == "connected" else f" The connection is {known.link}: the order waits until it is back."
        show(tag("div", badge, f" Interactive Brokers, {where}.", tag("span", off, cls="warning"), cls="small"))
        if known.live:
            st.checkbox("This is real money: send it", key=_SURE)
    return str(chosen)


def confirmed(broker: str, known: Brokers) -> bool:
    """Whether the order may go: with real money a tick more is asked for."""
    return broker == "paper" or not known.live or bool(st.session_state.get(_SURE))


def figures(
    room: Known, symbol: Symbol, side: int, entry: float, quantity: Decimal, stop: float | None, target: float | None
) -> None:
    """Value of the position, money lost at the stop and made at the target."""
    currency, balance = room.account.currency, room.balance
    value = exact(entry) * quantity * symbol.point_value
    cells = [Figure("Value", formats.money(value, currency), f"at {formats.price(entry, symbol.tick_size)}")]
    risk = None
    if stop is not None and side * (entry - stop) > 0:
        risk = risk_at_stop(quantity, entry, stop, symbol.point_value)
        share = formats.percent(risk / balance if balance > 0 else None, 2)
        cells.append(Figure("Risk to the stop", formats.money(risk, currency), f"{share} of the balance", "down"))
    if target is not None and side * (target - entry) > 0:
        gain = profit(side, entry, target, quantity, symbol.point_value)
        reward = formats.multiple(float(gain / risk)) if risk else "without a stop there is no R"
        cells.append(Figure("At the target", formats.money(gain, currency, signed=True), reward, "up"))
    strip(cells)


def answers(request: OrderRequest, account: Account) -> None:
    """Every rule's answer: account, challenge, guards; and the refusal, if there is one."""
    try:
        found = data.read(check_order, request, data.now())
        closes = not found and data.read(only_closes, request, data.now())
    except ChartroomError as error:
        st.warning(markdown(error.message))
        return
    if not found:
        none = f"{account.name} has neither limits, challenge nor guards."
        show(tag("div", "It only closes: no rule is asked." if closes else none, cls="small muted"))
        return
    show(table(_HEADS, [_row(one, account) for one in found], cls="answers"))
    if any(one.worst_case is not None for one in found):
        told = "Worst case: every open stop and this one are hit, with commission both ways by the paper costs."
        show(tag("div", told, cls="small muted"))
    refused = next((one for one in found if not one.ok), None)
    if refused is not None and not dialogs.error():
        told = f"{account.name} refuses this order. {refused.sentence} If you send it, the refusal is kept."
        st.warning(markdown(told))


def label(request: OrderRequest, symbol: Symbol) -> str:
    """What the button does, in so many words: `Buy 12,000 AAPL at limit 150.00, with stop loss and target`."""
    entry = request.legs[Leg.ENTRY]
    exits = [order_words.LEGS[leg].lower() for leg in (Leg.STOP, Leg.TARGET) if leg in request.legs]
    size = f"{order_words.side_of(entry.side)} {formats.quantity(entry.quantity)} {symbol.name}"
    return f"{size} {order_words.waits_at(entry, symbol.tick_size)}{', with ' + ' and '.join(exits) if exits else ''}"


def send(request: OrderRequest) -> int | None:
    """Place the order and close the dialog; returns the ticket's id. None: the dialog stays open with the reason."""
    try:
        ticket = place_order(data.engine(), request, data.now())
    except ChartroomError as error:
        dialogs.fail(error.message)
        return None
    dialogs.succeed(f"Order {ticket} is placed.")
    return ticket


def _row(one: Verdict, account: Account) -> tuple[Markup | str, ...]:
    mark = pill("fits", "up") if one.ok else pill("refused", "down")
    room = formats.NOTHING
    if one.room is not None:
        room = str(max(0, int(one.room))) if one.rule == "max_trades" else formats.money(one.room, account.currency)
    return one.title, room, mark, tag("span", one.sentence, cls="muted small")
