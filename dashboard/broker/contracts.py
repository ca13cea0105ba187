"""Which contract each symbol is at the broker: search there, choose here."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import jobs
from dashboard import data, dialogs, jobqueue
from dashboard.components import dialog_parts, formats
from dashboard.components.markup import badge, join, markdown, show, table, tag
from dashboard.components.panels import note, section
from db.actions.broker import Contract, choose_contract, forget_contract
from db.models import Symbol
from db.views.broker import BrokerView

SHOWN = 12
ASKED = "broker_search_asked"
_ERROR = "broker_contract_error"
_HEADS = (("Symbol", "nowrap"), ("Contract", ""), ("Trades on", ""), ("Number", "num"), ("Found (UTC)", "num"))


def contract_panel(view: BrokerView) -> None:
    """The contracts that are known, and the search for another."""
    section(f"Contracts ({len(view.contracts)})")
    dialog_parts.show_kept(_ERROR)
    if view.contracts:
        show(table(_HEADS, [_row(contract, symbol) for contract, symbol in view.contracts]))
    else:
        note("No symbol has a contract yet: orders for the broker need to know what it calls the symbol.")
    if not view.symbols:
        note("There is no symbol with a real market: add one with python -m workers add-symbol.")
    elif view.saved:
        _search(view)


def _search(view: BrokerView) -> None:
    names = {one.id or 0: one for one in view.symbols}
    with st.container(key="broker_search"):
        chosen = st.selectbox("Symbol", list(names), format_func=lambda one: names[one].name, key="broker_symbol")
        symbol = names[chosen]
        st.text_input(
            "Search at the broker", value=symbol.vendor_symbol or symbol.name, key=f"broker_text_{symbol.id}",
            max_chars=60,
        )  # fmt: skip
        st.button("Search", key="broker_find", on_click=_ask, args=(symbol.id,))
    known = {one.id: contract for contract, one in view.contracts}
    if symbol.id in known:
        st.button(
            f"Forget {markdown(known[symbol.id].key)}", key="broker_forget", type="tertiary", on_click=_forget,
            args=(symbol.id,),
        )  # fmt: skip
    _answer(view, symbol)


def _answer(view: BrokerView, symbol: Symbol) -> None:
    """What the broker answered to this session's last question."""
    asked, found = st.session_state.get(ASKED), view.search
    if asked is None:
        return
    moment, subject = asked
    if subject != symbol.id:
        return
    if found is None or int(found.get("asked", 0)) < moment:
        note(f"Asked at {formats.utc(moment, seconds=True)[11:]} UTC: the broker process has not answered yet.")
    elif found["error"]:
        show(tag("div", found["error"], cls="gap failed"))
    elif not found["found"]:
        note(f"The broker knows nothing called {found['text']}.")
    else:
        for number, one in enumerate(found["found"][:SHOWN]):
            _offer(symbol, number, one)


def _offer(symbol: Symbol, number: int, one: dict[str, Any]) -> None:
    contract = Contract(**one)
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"broker_row_found_{number}"):
        where = f"{contract.exchange}{f' ({contract.primary})' if contract.primary else ''}"
        line = f"{contract.description or 'no name given'}, {where}, number {contract.number}"
        show(tag("div", tag("b", contract.key), tag("span", line, cls="muted"), cls="gap"))
        label = f"Use for {markdown(symbol.name)}"
        st.button(label, key=f"broker_use_{number}", on_click=_choose, args=(symbol.id, contract))


def _row(contract: Any, symbol: Symbol) -> tuple[object, ...]:
    name = join([symbol.name, badge(symbol.source)])
    what = join([contract.key, tag("span", f" {contract.description}", cls="muted")])
    where = f"{contract.exchange}{f' ({contract.primary})' if contract.primary else ''}"
    return name, what, where, contract.number or formats.NOTHING, formats.utc(contract.found_at)


def _ask(symbol_id: int) -> None:
    text, moment = str(st.session_state.get(f"broker_text_{symbol_id}") or "").strip(), data.now_ms()
    if not text:
        st.session_state[_ERROR] = "Type what to search for: a symbol or a part of its name."
        return
    with dialog_parts.attempt(_ERROR):
        jobqueue.submit([jobs.search_contract(text, moment)])
        st.session_state[ASKED] = (moment, symbol_id)


def _choose(symbol_id: int, contract: Contract) -> None:
    with dialog_parts.attempt(_ERROR):
        choose_contract(data.engine(), symbol_id, contract, data.now())
        st.session_state.pop(ASKED, None)
        dialogs.succeed(f"{contract.key} is chosen.")


def _forget(symbol_id: int) -> None:
    with dialog_parts.attempt(_ERROR):
        forget_contract(data.engine(), symbol_id)
