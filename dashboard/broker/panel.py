"""The connection to Interactive Brokers: how it stands, what the test of its login found, the buttons."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import jobs
from core.broker.link import Link
from core.broker.login import is_paper
from core.errors import SettingsError
from dashboard import data, dialogs, jobqueue
from dashboard.broker.form import LOGIN, SWITCH
from dashboard.broker.words import TONES
from dashboard.components import dialog_parts, formats
from dashboard.components.markup import Markup, pill, show, table, tag
from dashboard.components.panels import Figure, empty, note, section, strip
from db.actions.broker import switch
from db.views.broker import BrokerView, LinkView, link_now, reconciled

REFRESH_SECONDS = 3
ASKED = "broker_test_asked"
_ERROR = "broker_error"


def head(view: BrokerView) -> None:
    """Name and buttons."""
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="broker_head"
    ):
        money = pill("paper", "") if not view.login.live else tag("span", "LIVE", cls="badge live")
        show(tag("div", tag("h2", "Interactive Brokers"), money if view.saved else "", cls="head"))
        with st.container(horizontal=True, width="content", gap="small"):
            if view.saved:
                st.button("Test the login", key="broker_test", on_click=_ask_test)
            label = "Change" if view.saved else "Set up"
            st.button(
                label,
                key="broker_change",
                type="secondary" if view.saved else "primary",
                on_click=dialogs.show,
                args=(LOGIN, 1),
            )
            _switch_button(view)
    dialog_parts.show_kept(_ERROR)


@st.fragment(run_every=REFRESH_SECONDS)
def state_strip(view: BrokerView) -> None:
    """How it stands now; refreshes by itself, because a silent owner changes nothing in the tables."""
    link = data.read(link_now, data.now_ms())
    login = view.login
    gaps = len(view.open)
    strip(
        (
            Figure("Connection", _connection(link), _since(link), TONES[link.link]),
            Figure("Money", "LIVE" if login.live else "Paper", _account(link, view), "down" if login.live else ""),
            Figure("Gateway", login.address, f"client id {login.client_id}"),
            Figure("Orders there", str(view.working), "not over yet"),
            Figure("Last reconciliation", _compared(), "every minute and after each reconnect"),
            Figure("Differences", str(gaps), "for you to decide" if gaps else "", "warning" if gaps else ""),
        )
    )
    if link.link is not Link.CONNECTED and login.enabled:
        note(link.detail)
    elif view.working and not login.enabled:
        note(
            f"{view.working} order{'s' if view.working > 1 else ''} still at the broker: switching off cancels none. "
            "What happens to them is taken in when the connection is on again."
        )


def test_panel(view: BrokerView) -> None:
    """What the last test of the login found."""
    section("Test of the login")
    asked, test = st.session_state.get(ASKED), view.test
    if asked is not None and (test is None or int(test.get("asked", 0)) < asked):
        note(f"Asked at {formats.utc(asked, seconds=True)[11:]} UTC: the broker process has not answered yet.")
    elif test is None:
        note("Not tested yet. A test connects once beside everything else, under a client id of its own.")
    if test is not None:
        show(tag("div", *_test_line(test), cls="gap" if test.get("ok") else "gap failed"))
        show(table((("", ""), ("", "")), _test_rows(test), cls="pairs"))


def first_steps() -> None:
    """What to do before there is a login."""
    steps = (
        ("Start TWS or IB Gateway", " on this machine and log in there. This desk never sees your password."),
        ("Switch its API on:", " Configure, API, Settings, Enable ActiveX and Socket Clients; take the tick off "
         "Read-Only API if the desk is to place orders."),
        ("Begin with a paper login:", " TWS listens on 7497 and IB Gateway on 4002. Their live ports are 7496 and "
         "4001."),
        ("Press Set up,", " then Test the login, then Switch on."),
    )  # fmt: skip
    rows = (tag("li", tag("b", first), rest) for first, rest in steps)
    empty("Not set up: orders go to the paper broker, which needs no login.", tag("ol", *rows, cls="steps"))


def passwords_line() -> None:
    """What this page does not keep."""
    note(
        "No password is stored here or anywhere on this desk: you log in at TWS or IB Gateway itself, and the desk "
        "connects to its port."
    )


def _connection(link: LinkView) -> str:
    return link.link.value.capitalize()


def _since(link: LinkView) -> str:
    return f"since {formats.utc(link.since)} UTC" if link.since is not None else ""


def _account(link: LinkView, view: BrokerView) -> str:
    account = link.account or view.login.account
    return f"account {account}" if account else "the login's only account"


def _compared() -> str:
    return formats.utc(at, seconds=True)[5:] if (at := data.read(reconciled)) is not None else formats.NOTHING


def _test_line(test: dict[str, Any]) -> list[Markup]:
    tone = "up" if test.get("ok") else "down"
    return [pill("passed" if test.get("ok") else "failed", tone), tag("span", test.get("sentence", ""))]


def _test_rows(test: dict[str, Any]) -> list[tuple[object, ...]]:
    accounts = [f"{one} ({'paper' if is_paper(one) else 'live'})" for one in test.get("accounts", [])]
    rows: list[tuple[object, ...]] = [
        ("Tested", f"{formats.utc(test.get('at'), seconds=True)} UTC"),
        ("Address", f"{test.get('host')}:{test.get('port')} as {'live' if test.get('live') else 'paper'}"),
    ]
    if "version" in test:
        rows.append(("Server version", test["version"]))
        rows.append(("Answered in", f"{test.get('milliseconds')} ms, client id {test.get('client_id')}"))
        rows.append(("Accounts", ", ".join(accounts) or formats.NOTHING))
    return rows


def _switch_button(view: BrokerView) -> None:
    if not view.saved:
        return
    if view.login.enabled:
        st.button("Switch off", key="broker_off", on_click=_switch, args=(False,))
    elif view.login.live:
        st.button("Switch on", key="broker_on", type="primary", on_click=dialogs.show, args=(SWITCH, 1))
    else:
        st.button("Switch on", key="broker_on", type="primary", on_click=_switch, args=(True,))


def _switch(enabled: bool) -> None:
    switch(data.engine(), enabled, "", data.now())


def _ask_test() -> None:
    moment = data.now_ms()
    try:
        jobqueue.submit([jobs.test_connection(moment)])
    except SettingsError as error:
        st.session_state[_ERROR] = error.message
    else:
        st.session_state[ASKED] = moment
