"""Going on to the next phase, and ending a challenge: each confirmed in a dialog."""

from __future__ import annotations

import streamlit as st

from core.challenge.phases import PhaseName
from core.challenge.results import Status
from core.errors import ChartroomError
from dashboard import data, dialogs
from dashboard.challenge.form import number
from dashboard.challenge.rules import rules_table
from dashboard.components.markup import markdown, show, tag
from dashboard.components.moments import moment_fields, stated_moment
from dashboard.components.panels import note
from db.actions.challenges import next_phase, stop_challenge
from db.views.accounts import ChallengeState


def action_buttons(state: ChallengeState) -> None:
    """What can be done about a challenge that runs."""
    if state.state != "running" or state.challenge.id is None:
        return
    passed = state.evaluation.current.status is Status.PASSED
    following = _following(state)
    if following is not None and state.evaluation.current.status is not Status.FAILED:
        st.button(
            f"Begin {following.value}",
            type="primary" if passed else "secondary",
            key="challenge_next",
            on_click=dialogs.show,
            args=("challenge_next", state.challenge.id),
        )
    label = "Finish as passed" if passed and following is None else "End challenge"
    st.button(label, key="challenge_end", on_click=dialogs.show, args=("challenge_end", state.challenge.id))


def action_dialogs(state: ChallengeState | None) -> None:
    """Draw the dialog that is open about this challenge, if one is."""
    if state is None or state.challenge.id is None:
        return
    if dialogs.is_open("challenge_next", state.challenge.id):
        _next_dialog(state)
    elif dialogs.is_open("challenge_end", state.challenge.id):
        _end_dialog(state)


@st.dialog("Begin the next phase", width="large", on_dismiss=dialogs.close)
def _next_dialog(state: ChallengeState) -> None:
    challenge, result, following = state.challenge, state.evaluation.current, _following(state)
    if not dialogs.is_open("challenge_next", challenge.id or 0) or following is None:
        st.rerun()
    name = tag("b", challenge.name)
    show(tag("div", name, f": {result.phase.name.value} ends as passed, {following.value} begins."))
    if result.status is not Status.PASSED:
        waits = " ".join(one.sentence for one in result.conditions if not one.met)
        st.warning(markdown(f"By the desk's rows this phase is not passed yet. {waits} The firm's own page decides."))
    st.text_input(
        f"Balance the phase begins with ({state.rules.currency})",
        value=f"{state.rules.balance:f}",
        key="dialog_balance",
        on_change=dialogs.forgive,
    )
    moment_fields("dialog", data.now(), "It began earlier")
    note("Trades that are open before the phase begins do not come along: its floors hang from its own balance.")
    rules_table(state.rules, state.rules.phase(following))
    _error()
    st.button(
        f"Begin {following.value}",
        type="primary",
        key="dialog_next",
        on_click=_next,
        args=(challenge.id, challenge.version),
        width="stretch",
    )


@st.dialog("End this challenge", on_dismiss=dialogs.close)
def _end_dialog(state: ChallengeState) -> None:
    challenge = state.challenge
    if not dialogs.is_open("challenge_end", challenge.id or 0):
        st.rerun()
    passed = state.evaluation.current.status is Status.PASSED and _following(state) is None
    how = "as passed" if passed else "without a result"
    show(tag("div", tag("b", challenge.name), f" ends {how}. Its history stays; another one can be started then."))
    _error()
    st.button(
        "Finish as passed" if passed else "End the challenge",
        type="primary",
        key="dialog_end",
        on_click=_end,
        args=(challenge.id, challenge.version, passed),
        width="stretch",
    )


def _following(state: ChallengeState) -> PhaseName | None:
    return state.rules.following(state.evaluation.current.phase.name)


def _error() -> None:
    sentence = dialogs.error()
    if sentence:
        st.error(markdown(sentence))


def _next(challenge_id: int, version: int) -> None:
    # The second click of a double click finds the dialog closed.
    if not dialogs.is_open("challenge_next", challenge_id):
        return
    now = data.now()
    try:
        balance = number(str(st.session_state.dialog_balance), "balance")
        begun = next_phase(data.engine(), challenge_id, version, stated_moment("dialog", now), now, balance)
    except ChartroomError as error:
        dialogs.fail(error.message)
    else:
        dialogs.succeed(f"The {begun} phase has begun.")


def _end(challenge_id: int, version: int, passed: bool) -> None:
    if not dialogs.is_open("challenge_end", challenge_id):
        return
    try:
        stop_challenge(data.engine(), challenge_id, version, data.now(), passed=passed)
    except ChartroomError as error:
        dialogs.fail(error.message)
    else:
        dialogs.succeed("The challenge has ended; its history stays.")
