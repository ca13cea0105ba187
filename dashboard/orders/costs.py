"""What paper trading costs on a symbol: what holds now, what a usual order pays, and the fields to change it."""

from __future__ import annotations

import streamlit as st

from core.errors import ChartroomError, EditConflictError
from dashboard import data, dialogs
from dashboard.components.dialog_parts import show_error
from dashboard.components.markup import markdown, show, table, tag
from dashboard.components.panels import section
from dashboard.orders import cost_fields
from db.actions.paper_costs import save_costs
from db.models import Symbol
from db.store.orders.costs import PaperCosts, check_costs, check_price
from db.views.charts import chart_symbols
from db.views.paper_costs import CostsNow, costs_now

_NAME, _SUBJECT = "paper_costs", 0
_OF, _SEEN, _DIFFERS = "dialog_costs_of", "dialog_costs_seen", "dialog_costs_differ"
_NEXT = (
    "Orders that work pay these costs from the next bar on that the paper broker reads. Whether a bar's volume bounds "
    "an order was settled when it was placed. What is filled stays as it is booked."
)


def cost_button() -> None:
    """Opens the dialog."""
    st.button("Paper costs", key="costs_open", on_click=dialogs.show, args=(_NAME, _SUBJECT))


def cost_dialog() -> None:
    """Draw the dialog while it is open."""
    if dialogs.is_open(_NAME, _SUBJECT):
        _dialog()


@st.dialog("Paper costs", width="medium", on_dismiss=dialogs.close)
def _dialog() -> None:
    if not dialogs.is_open(_NAME, _SUBJECT):
        st.rerun()
    symbols = {one.id: one for one in data.read(chart_symbols)}
    if not symbols:
        st.error("The desk has no symbol yet: add one first.")
        return
    picked = st.selectbox("Symbol", list(symbols), format_func=lambda one: symbols[one].name, key="dialog_costs_symbol",
                          on_change=dialogs.forgive)  # fmt: skip
    now = data.read(costs_now, picked or 0)
    if st.session_state.get(_OF) != picked:
        _fill(now)
    _applies(now)
    _fields(now.symbol)
    _worked(now)
    _differences(now.symbol)
    show_error()
    show(tag("div", _NEXT, cls="small muted"))
    with st.container(key="cost_buttons"):
        st.button("Reset to the default", key="dialog_costs_reset", on_click=_reset, args=(picked,), width="stretch",
                  disabled=now.own is None)  # fmt: skip
        st.button("Save", type="primary", key="dialog_costs_save", on_click=_save, args=(picked,), width="stretch")


def _fill(now: CostsNow) -> None:
    """Put what holds into the fields. Set here and not taken away: a field would keep what it shows."""
    state = st.session_state
    state[_OF], state[_SEEN] = now.symbol.id, now.own
    state.pop(_DIFFERS, None)
    state.update({f"dialog_{name}": value for name, value in cost_fields.fields_of(now.costs).items()})


def _applies(now: CostsNow) -> None:
    of = cost_fields.CLASSES.get(now.asset_class, now.asset_class)
    whose = f"the default of {of}" if now.own is None else f"costs of its own, not the default of {of}"
    told = cost_fields.words(now.costs, now.symbol, bounded=now.bounded)
    pairs = (part for name, value in told.items() for part in (tag("dt", name), tag("dd", value)))
    head = tag("div", tag("b", now.symbol.name), f" has {whose}.")
    show(tag("div", head, tag("dl", *pairs), cls="costs-now"))


def _fields(symbol: Symbol) -> None:
    titles = cost_fields.labels(symbol)
    for title, names in (("Market", cost_fields.MARKET), ("Commission of an order", cost_fields.COMMISSION)):
        section(title)
        with st.container(key=f"cost_fields_{title.split()[0].lower()}"):
            for name in names:
                st.text_input(markdown(titles[name]), key=f"dialog_{name}", on_change=dialogs.forgive,
                              placeholder=cost_fields.OPTIONAL.get(name, "0"))  # fmt: skip


def _worked(now: CostsNow) -> None:
    """What the costs in the fields come to, or why they cannot be."""
    symbol = now.symbol
    try:
        costs = _typed(symbol)
        check_costs(costs)
        if now.last is not None:
            check_price(symbol, costs, now.last.price)
    except ChartroomError as error:
        if not dialogs.error():
            show(tag("div", error.message, cls="small warning"))
        return
    if now.last is None:
        told = f"No bar of {symbol.name} is stored: there is no close to reckon with."
    else:
        told = cost_fields.worked_line(costs, symbol, now.last.price)
    show(tag("div", told, cls="costs-worked"))


def _differences(symbol: Symbol) -> None:
    """What somebody else saved while this was open, beside what is in the fields."""
    differs = st.session_state.get(_DIFFERS)
    if differs:
        titles = cost_fields.labels(symbol)
        rows = [(titles[name], theirs, mine) for name, theirs, mine in differs]
        show(table((("", ""), ("Saved meanwhile", "num"), ("Yours", "num")), rows))


def _typed(symbol: Symbol) -> PaperCosts:
    fields = {name: str(st.session_state[f"dialog_{name}"]) for name in cost_fields.FIELDS}
    return cost_fields.costs_of(fields, symbol)


def _worded(name: str, value: object) -> str:
    """What a field holds, in words where it holds no number."""
    return (
        cost_fields.text(name, value if isinstance(value, int | float) else None) or cost_fields.OPTIONAL[name].lower()
    )


def _save(symbol_id: int) -> None:
    _keep(symbol_id, reset=False)


def _reset(symbol_id: int) -> None:
    _keep(symbol_id, reset=True)


def _keep(symbol_id: int, *, reset: bool) -> None:
    # The second click of a double click finds the dialog closed.
    if not dialogs.is_open(_NAME, _SUBJECT):
        return
    state = st.session_state
    try:
        symbol = data.read(costs_now, symbol_id).symbol
        costs = None if reset else _typed(symbol)
        save_costs(data.engine(), symbol_id, costs, state[_SEEN], data.now())
    except EditConflictError as error:
        # Whoever clicks again has seen what differs.
        state[_SEEN] = data.read(costs_now, symbol_id).own
        state[_DIFFERS] = [(name, *(_worded(name, one) for one in values)) for name, values in error.fields.items()]
        dialogs.fail(error.message)
    except ChartroomError as error:
        dialogs.fail(error.message)
    else:
        whose = "the costs of its asset class again" if reset else "the costs you set"
        dialogs.succeed(f"{symbol.name} has {whose} on paper.")
