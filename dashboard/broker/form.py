"""Set the login up, change it, and switch real money on: the word that it asks for is typed every time."""

from __future__ import annotations

import streamlit as st

from core.broker.login import LIVE_WORD, Login
from dashboard import data, dialogs
from dashboard.challenge.form import number
from dashboard.components import dialog_parts
from dashboard.components.markup import show, tag
from db.actions.broker import save_login, switch
from db.views.broker import BrokerView

LOGIN, SWITCH = "broker_login", "broker_switch"


def login_dialogs(view: BrokerView) -> None:
    """Draw the dialog that is open about the login, if one is."""
    if dialogs.is_open(LOGIN, 1):
        _login_dialog(view.login)
    elif dialogs.is_open(SWITCH, 1):
        _switch_dialog(view.login)


@st.dialog("Login at Interactive Brokers", width="medium", on_dismiss=dialogs.close)
def _login_dialog(login: Login) -> None:
    if not dialogs.is_open(LOGIN, 1):
        st.rerun()
    with st.container(key="broker_fields"):
        _text("Machine of TWS or IB Gateway", "host", login.host)
        _text("Port", "port", str(login.port))
        _text("Client id", "client", str(login.client_id))
    _text("Account (empty: the login's only one)", "account", login.account)
    st.toggle("Live trading: real money", value=login.live, key="dialog_live", on_change=dialogs.forgive)
    st.caption("Paper: TWS 7497, IB Gateway 4002. Live: TWS 7496, IB Gateway 4001. Paper accounts begin with D.")
    if st.session_state.get("dialog_live"):
        _word()
    dialog_parts.show_error()
    st.button("Save", type="primary", key="dialog_save", on_click=_save, args=(login.enabled,), width="stretch")


@st.dialog("Switch live trading on", on_dismiss=dialogs.close)
def _switch_dialog(login: Login) -> None:
    if not dialogs.is_open(SWITCH, 1):
        st.rerun()
    show(tag("div", "Orders of this desk will trade ", tag("b", "real money"), f" at {login.address}."))
    _word()
    dialog_parts.show_error()
    st.button("Switch on", type="primary", key="dialog_switch", on_click=_switch_on, width="stretch")


def _word() -> None:
    st.text_input(f"Type {LIVE_WORD}", key="dialog_typed", on_change=dialogs.forgive)


def _text(label: str, name: str, value: str) -> None:
    st.text_input(label, value=value, max_chars=120, key=f"dialog_{name}", on_change=dialogs.forgive)


def _save(enabled: bool) -> None:
    # The second click of a double click finds the dialog closed.
    if not dialogs.is_open(LOGIN, 1):
        return
    state = st.session_state
    with dialog_parts.attempt():
        login = Login(
            enabled=enabled,
            host=str(state.dialog_host),
            port=int(number(str(state.dialog_port), "port")),
            client_id=int(number(str(state.dialog_client), "client id")),
            live=bool(state.dialog_live),
            account=str(state.dialog_account),
        )
        save_login(data.engine(), login, str(state.get("dialog_typed") or ""), data.now())
        dialogs.succeed("The login is saved.")


def _switch_on() -> None:
    if not dialogs.is_open(SWITCH, 1):
        return
    with dialog_parts.attempt():
        switch(data.engine(), True, str(st.session_state.get("dialog_typed") or ""), data.now())
        dialogs.succeed("Live trading is on.")
