"""How a challenge stands: its clock, its figures, floors on the equity curve, what pass and payout wait for."""

from __future__ import annotations

import json

import streamlit as st

from core.challenge.results import Breach, Condition, PhaseResult, Status
from core.challenge.stored import to_json
from core.risk import money
from dashboard import data
from dashboard.challenge import words as challenge_words
from dashboard.challenge.actions import action_buttons
from dashboard.challenge.chart import challenge_chart
from dashboard.challenge.clear import clear_button
from dashboard.challenge.gauges import gauges
from dashboard.challenge.rules import notes, rules_table
from dashboard.challenge.words import STATE_TONES, TONES, phase_title
from dashboard.components import formats
from dashboard.components.markup import Markup, pill, show, table, tag
from dashboard.components.panels import note, section, tone
from db.store.moments import to_ms
from db.views.accounts import ChallengeState

DAYS = 12
_DAY_HEADS = (("Day", "nowrap"), ("Closed profit", "num"), ("Opened", "num"))
_PHASE_HEADS = (("Phase", ""), ("State", ""), ("Began (UTC)", "nowrap"), ("With", "num"), ("Closed profit", "num"))


def board(state: ChallengeState) -> None:
    """Everything about one challenge."""
    result = state.evaluation.current
    _head(state, result)
    for breach in result.breaches[-3:]:
        _breach(breach, state.rules.reset.zone)
    gauges(state)
    left, right = st.columns([2.15, 1], gap="medium")
    with left:
        section(f"Equity and floors of this phase ({state.rules.currency})")
        challenge_chart(state, key=f"challenge_chart_{state.challenge.id}_{len(state.phases)}")
    with right:
        _waits(result)
        _days(result)
    section(f"Rules of the {result.phase.name.value} phase")
    others = [phase for phase in state.rules.phases if phase.name != result.phase.name]
    rules_table(state.rules, result.phase, *others)
    notes(state.rules)
    if len(state.phases) > 1:
        _phases(state)


def export_button(state: ChallengeState) -> None:
    """The rules as a file that the form reads again."""
    text = json.dumps(to_json(state.rules), indent=1)
    name = "".join(one if one.isalnum() else "-" for one in state.challenge.name.lower())
    st.download_button("Rules as JSON", text, f"{name}.json", "application/json", key="challenge_export")


def _head(state: ChallengeState, result: PhaseResult) -> None:
    ended = state.state == "stopped"
    status = pill("stopped", "muted") if ended else pill(result.status.value, TONES[result.status])
    clock = challenge_words.clock(result, state.rules.reset.zone, data.now_ms())
    if ended or state.state == "passed":
        clock = f"ended {formats.utc(state.phases[-1].ended_at)} UTC"
    began = f"since {formats.utc(result.started_at)} UTC with {money(result.initial)} {state.rules.currency}"
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="challenge_head"
    ):
        title = tag("h2", f"{state.challenge.name}: {phase_title(result).lower()}")
        show(tag("div", title, status, tag("span", clock), tag("span", began, cls="muted"), cls="head"))
        with st.container(horizontal=True, width="content", gap="small"):
            action_buttons(state)
            clear_button(state)
            export_button(state)


def _breach(breach: Breach, zone: str) -> None:
    when = f"{challenge_words.in_zone(breach.at, zone)} ({formats.utc(breach.at, seconds=True)} UTC)"
    ended = "The phase failed here." if breach.consequence.value == "hard" else "The account paused until the reset."
    show(
        tag(
            "div",
            tag("b", breach.sentence), " ", when, ". ", ended,
            cls="breach" if breach.consequence.value == "hard" else "breach warning",
        )
    )  # fmt: skip


def _waits(result: PhaseResult) -> None:
    conditions = list(result.conditions)
    if result.payout is not None:
        known = {one.rule for one in conditions}
        conditions += [one for one in result.payout.waits_for if one.rule not in known]
    title = "What passing waits for" if result.target is not None else "What a payout waits for"
    if result.status is Status.PASSED and result.passed_at is not None:
        title = f"Passed {formats.utc(result.passed_at)} UTC"
    section(title)
    if not conditions:
        note("Nothing: this phase has neither a target nor conditions.")
        return
    show(tag("div", *(_condition(one) for one in conditions), cls="waits"))


def _condition(one: Condition) -> Markup:
    sign = tag("span", "✓" if one.met else "○", cls="up" if one.met else "warning")
    return tag("div", sign, tag("span", tag("b", f"{one.title}: "), one.sentence))


def _days(result: PhaseResult) -> None:
    section(f"Days of the firm's calendar ({len(result.days)})")
    if not result.days:
        note("No trade was opened or closed in this phase yet.")
        return
    rows = [
        (
            f"{one.day:%a %Y-%m-%d}",
            tag("span", formats.money(one.profit, signed=True), cls=tone(one.profit)),
            one.opened,
        )
        for one in result.days[: -DAYS - 1 : -1]
    ]
    show(table(_DAY_HEADS, rows))
    if len(result.days) > DAYS:
        note(f"The last {DAYS} are shown.")


def _phases(state: ChallengeState) -> None:
    section("Phases so far")
    results = {result.started_at: result for result in state.evaluation.phases}
    rows = []
    for phase in state.phases:
        result = results.get(to_ms(phase.started_at))
        made = None if result is None else result.profit
        rows.append(
            (
                phase.name.capitalize(),
                pill(phase.state, STATE_TONES.get(phase.state, "")),
                formats.utc(phase.started_at),
                formats.money(phase.initial_balance, state.rules.currency),
                tag("span", formats.money(made, signed=True), cls=tone(made)),
            )
        )
    show(table(_PHASE_HEADS, rows))
