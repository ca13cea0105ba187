"""The guards of an account: what stops new orders, how near each is, and the kill switch."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from core.errors import ChartroomError, ConflictError, ParameterError
from core.guards import Guard, GuardRules
from core.risk import counted, money, plain
from dashboard import data, dialogs
from dashboard.challenge.form import number
from dashboard.components import formats
from dashboard.components.markup import markdown, pill, show, table, tag
from dashboard.components.panels import section
from db.actions.guards import kill, lift, save_guards
from db.models import Account, AccountGuard
from db.store.guards import TITLES
from db.views import order_rules, signals

_SEEN = "dialog_seen_version"
_THIS, _ALL = "This account", "Every account"
_HEADS = (("Guard", "nowrap"), ("Limit", "num"), ("", "nowrap"), ("Now", ""), ("What it does", ""))
_MEANING = {
    Guard.DAILY_LOSS: "Stops new orders once today's loss, open positions included, has reached the limit.",
    Guard.MAX_DRAWDOWN: "Stops new orders once equity is so far below its highest.",
    Guard.LOSSES_IN_A_ROW: "Stops new orders for the day after so many losing trades one after the other.",
    Guard.COOL_DOWN: "No new order for so long after a losing trade.",
    Guard.KILL_SWITCH: "Cancels what could open or add to a position, and stops new orders until somebody lifts it.",
}
_LIMITS = tuple(one for one in _MEANING if one is not Guard.KILL_SWITCH)


def guard_panel(key: data.Stamp, account: Account, guard: AccountGuard | None) -> None:
    """What is set, how near each limit is, and a button to change it."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="guards_head"):
        section(f"Guards of {account.name}")
        st.space("stretch")
        st.button("Change the guards", key="guards_edit", on_click=dialogs.show, args=("guards", account.id))
    found = {one.rule: one for one in data.recent(key, order_rules.guard_states, account.id or 0)}
    rows = []
    for name, meaning in _MEANING.items():
        answer = found.get(name.value)
        mark = "" if answer is None else pill("lets through", "up") if answer.ok else pill("stops", "down")
        told = "" if answer is None else answer.sentence
        rows.append((TITLES[name], _limit(account, guard, name), mark, told, tag("span", meaning, cls="muted")))
    show(table(_HEADS, rows, cls="guards"))
    told = "A guard closes nothing and touches no order that works already. What only closes a position is let through."
    show(tag("div", told, cls="small muted"))


def _limit(account: Account, guard: AccountGuard | None, name: Guard) -> object:
    value = None if guard is None else getattr(guard, name.value)
    if value is None or value is False:
        return tag("span", "off", cls="muted")
    match name:
        case Guard.KILL_SWITCH:
            return tag("b", "on", cls="down")
        case Guard.DAILY_LOSS:
            return f"{money(value)} {account.currency}"
        case Guard.MAX_DRAWDOWN:
            return f"{plain(value)} %"
        case Guard.LOSSES_IN_A_ROW:
            return counted(value, "trade")
    return counted(value, "minute")


def guard_dialogs(account: Account, guard: AccountGuard | None) -> None:
    """Draw the dialog that is open about this account's guards, if one is."""
    for name, draw in (("guards", _edit), ("kill", _kill), ("lift", _lift)):
        if dialogs.is_open(name, account.id or 0):
            draw(account, guard)


@st.dialog("Guards", width="medium", on_dismiss=dialogs.close)
def _edit(account: Account, guard: AccountGuard | None) -> None:
    if not dialogs.is_open("guards", account.id or 0):
        st.rerun()
    st.session_state.setdefault(_SEEN, guard.version if guard else 0)
    with st.container(key="guard_fields"):
        _field(f"Daily loss ({account.currency})", Guard.DAILY_LOSS, guard)
        _field("Max drawdown (%)", Guard.MAX_DRAWDOWN, guard)
        _field("Losses in a row", Guard.LOSSES_IN_A_ROW, guard)
        _field("Cool-down after a loss (minutes)", Guard.COOL_DOWN, guard)
    st.caption("An empty field switches a guard off. Nothing is allowed at the limit any more.")
    _error()
    st.button("Save", type="primary", key="dialog_save", on_click=_save, args=(account,), width="stretch")


def _field(label: str, name: Guard, guard: AccountGuard | None) -> None:
    value = None if guard is None else getattr(guard, name.value)
    st.session_state.setdefault(f"dialog_{name}", "" if value is None else plain(Decimal(value)))
    st.text_input(label, key=f"dialog_{name}", placeholder="Off", on_change=dialogs.forgive)


def rules_of(fields: dict[str, str], *, kill_switch: bool = False) -> GuardRules:
    """The rules that the fields say; `fields` by the names of the guards.

    Raises:
        ParameterError: a field is no number, or no limit.
    """
    said = {name: fields[name.value].strip() for name in _LIMITS}
    money_ = {name: number(said[name], formats.words(name)) if said[name] else None
              for name in (Guard.DAILY_LOSS, Guard.MAX_DRAWDOWN)}  # fmt: skip
    whole = {name: _whole(said[name], name) for name in (Guard.LOSSES_IN_A_ROW, Guard.COOL_DOWN)}
    return GuardRules(
        daily_loss=money_[Guard.DAILY_LOSS],
        max_drawdown=money_[Guard.MAX_DRAWDOWN],
        losses_in_a_row=whole[Guard.LOSSES_IN_A_ROW],
        cool_down=whole[Guard.COOL_DOWN],
        kill_switch=kill_switch,
    )


def _whole(text: str, name: Guard) -> int | None:
    if not text:
        return None
    value = number(text, formats.words(name))
    if value != int(value):
        raise ParameterError(f"'{text}' is no whole number for the {formats.words(name)}: write it as 3.", text)
    return int(value)


@st.dialog("Kill switch", on_dismiss=dialogs.close)
def _kill(account: Account, _guard: AccountGuard | None) -> None:
    if not dialogs.is_open("kill", account.id or 0):
        st.rerun()
    others = len(data.read(signals.accounts)) > 1
    scope = st.radio("For", (_THIS, _ALL), key="dialog_scope", horizontal=True) if others else _THIS
    count = data.read(order_rules.opening_orders, account.id if scope == _THIS else None)
    name = account.name if scope == _THIS else "every account"
    what = (
        "No order that could open a position works."
        if not count
        else f"{counted(count, 'working order')} that could open or add to a position will be cancelled."
    )
    rest = "No new order is let through until somebody lifts the switch. Open positions keep their stops and targets."
    show(tag("div", tag("b", f"Stop {name}. "), f"{what} {rest}", cls="killed"))
    _error()
    st.button("Stop everything now", key="dialog_kill", type="primary", on_click=_do_kill, args=(account.id, name),
              width="stretch")  # fmt: skip


@st.dialog("Lift the kill switch", on_dismiss=dialogs.close)
def _lift(account: Account, guard: AccountGuard | None) -> None:
    if not dialogs.is_open("lift", account.id or 0):
        st.rerun()
    since = f" since {formats.utc(guard.killed_at)} UTC" if guard is not None and guard.killed_at else ""
    told = f" is stopped{since}. New orders are let through again; what was cancelled stays cancelled."
    show(tag("div", tag("b", account.name), told))
    _error()
    st.button("Lift it", key="dialog_lift", type="primary", on_click=_do_lift, args=(account.id, account.name),
              width="stretch")  # fmt: skip


def _save(account: Account) -> None:
    account_id = account.id or 0
    # The second click of a double click finds the dialog closed.
    if not dialogs.is_open("guards", account_id):
        return
    state = st.session_state
    try:
        rules = rules_of({name.value: str(state[f"dialog_{name}"]) for name in _LIMITS})
        save_guards(data.engine(), account_id, state[_SEEN], rules, data.now())
    except ConflictError as error:
        # Seen now, the other version may be overwritten by the next click.
        theirs = data.read(order_rules.guard_of, account_id)
        state[_SEEN] = theirs.version if theirs is not None else 0
        said = ", ".join(f"{TITLES[name].lower()} {_said(theirs, name)}" for name in _LIMITS)
        dialogs.fail(f"{error.message} They are now: {said}. Save again to put yours in their place.")
    except ChartroomError as error:
        dialogs.fail(error.message)
    else:
        dialogs.succeed(f"The guards of {account.name} are saved.")


def _said(guard: AccountGuard | None, name: Guard) -> str:
    value = None if guard is None else getattr(guard, name.value)
    return "off" if value is None else plain(Decimal(value))


def _do_kill(account_id: int, name: str) -> None:
    if not dialogs.is_open("kill", account_id):
        return
    everywhere = st.session_state.get("dialog_scope") == _ALL
    try:
        count = kill(data.engine(), None if everywhere else account_id, data.now())
    except ChartroomError as error:
        dialogs.fail(error.message)
    else:
        dialogs.succeed(f"The kill switch is on for {name}; orders cancelled: {count}.")


def _do_lift(account_id: int, name: str) -> None:
    if not dialogs.is_open("lift", account_id):
        return
    try:
        lift(data.engine(), account_id, data.now())
    except ChartroomError as error:
        dialogs.fail(error.message)
    else:
        dialogs.succeed(f"The kill switch of {name} is lifted.")


def _error() -> None:
    if dialogs.error():
        st.error(markdown(dialogs.error()))
