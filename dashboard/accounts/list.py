"""All accounts, one line each: what it holds, what it risks, and what its challenge leaves."""

from __future__ import annotations

import streamlit as st

from core.risk import money, plain
from dashboard.accounts import choice as account_choice
from dashboard.challenge.gauges import bar
from dashboard.challenge.words import STATE_TONES, TONES, room_text, room_tone
from dashboard.components import formats
from dashboard.components.markup import Markup, join, markdown, pill, show, tag
from dashboard.components.panels import tone
from db.views.accounts import AccountLine

_TITLES = ("Balance", "Equity", "Open P&L", "Open trades", "Risk in use", "Challenge", "Daily room", "Overall room")
_LEFT = (4, 5)
_BRIEF = (0, 5)


def choose(account_id: int) -> None:
    """Show this account here and on every other page; for callbacks."""
    st.query_params["account"] = str(account_id)
    account_choice.choose(account_id)


def account_list(lines: list[AccountLine], shown: int | None) -> None:
    """The table; a click on a name chooses the account."""
    with st.container(key="account_list"):
        heads = (tag("div", title, cls="" if at in _LEFT else "num") for at, title in enumerate(_TITLES))
        show(tag("div", *heads, cls="acc head"))
        for line in lines:
            known = line.account.id or 0
            with st.container(key=f"account_row_{'on' if known == shown else 'off'}_{known}"):
                st.button(
                    markdown(line.account.name),
                    key=f"account_choose_{known}",
                    type="tertiary",
                    on_click=choose,
                    args=(known,),
                )
                show(tag("div", *_cells(line), cls="acc"))


def limits_line(line: AccountLine) -> str:
    """The account's own limits in a sentence."""
    account = line.account
    each = (
        f"{money(account.risk_fixed)} {account.currency} a trade"
        if account.risk_fixed is not None
        else f"{plain(account.risk_percent)} % of the balance a trade ({money(line.budget)} {account.currency})"
    )
    most = f"at most {account.max_open} open" if account.max_open is not None else "any number open"
    risk = f"at most {plain(account.max_risk_percent)} % risk in use" if account.max_risk_percent else "any risk in use"
    symbols = f"{len(account.symbols)} allowed symbols" if account.symbols else "all symbols"
    sessions = ", ".join(formats.words(one).title() for one in account.sessions) if account.sessions else "any time"
    return f"Risks {each}; {most}; {risk}; {symbols}; {sessions}; days in {account.time_zone}."


def _cells(line: AccountLine) -> list[Markup]:
    account, currency = line.account, line.account.currency
    most = "" if account.max_open is None else f" of {account.max_open}"
    full = account.max_open is not None and line.open_trades >= account.max_open
    challenge, daily, overall = _challenge(line)
    return [
        _cell(0, money(line.balance), " ", tag("span", currency, cls="muted")),
        _cell(1, "unknown" if line.equity is None else money(line.equity)),
        _cell(2, tag("span", formats.money(line.floating, signed=True), cls=tone(line.floating))),
        _cell(3, tag("span", f"{line.open_trades}{most}", cls="warning" if full else "")),
        _cell(4, *_risk(line)),
        _cell(5, *challenge),
        _cell(6, daily),
        _cell(7, overall),
    ]


def _risk(line: AccountLine) -> tuple[object, ...]:
    if line.risk is None:
        return (tag("span", "a trade has no stop", cls="warning"),)
    if line.max_risk is None:
        return (money(line.risk),)
    share = float(line.risk / line.max_risk) if line.max_risk else 1.0
    colour = "down" if share >= 1 else "warning" if share > float("0.7") else ""
    return f"{money(line.risk)} of {money(line.max_risk)}", bar(share, colour)


def _challenge(line: AccountLine) -> tuple[list[object], Markup, Markup]:
    nothing = tag("span", formats.NOTHING, cls="muted")
    state = line.challenge
    if state is None:
        return [nothing], nothing, nothing
    result = state.evaluation.current
    name = f"{state.challenge.name} "
    if state.state not in ("running", "failed"):
        return [name, pill(state.state, STATE_TONES[state.state])], nothing, nothing
    status = pill(f"{result.phase.name.value}, {result.status.value}", TONES[result.status])
    rooms = (
        tag("span", room_text(floor, ""), cls=room_tone(floor) if room_tone(floor) != "up" else "")
        for floor in (result.daily, result.overall)
    )
    daily, overall = rooms
    return [name, status], daily, overall


def _cell(at: int, *parts: object) -> Markup:
    kinds = ("" if at in _LEFT else "num", "brief" if at in _BRIEF else "")
    return tag("div", tag("i", _TITLES[at]), join(parts), cls=" ".join(one for one in kinds if one))
