"""The figures of a running phase with their bars, on the Accounts page and in one line on Home."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from core.challenge.results import FloorNow, PhaseResult
from core.risk import money, plain
from dashboard import data, navigation
from dashboard.challenge import words as challenge_words
from dashboard.challenge.words import TONES, phase_title, room_share, room_text, room_tone
from dashboard.components import formats
from dashboard.components.markup import Markup, pill, show, tag
from dashboard.components.panels import tone
from db.views.accounts import ChallengeState

_FULL = 100


def bar(share: float, colour: str = "") -> Markup:
    """A bar that is full at 1."""
    width = min(1.0, max(0.0, share)) * _FULL
    return tag("span", tag("span", cls=colour, style=f"width:{width:.1f}%"), cls="bar")


def gauges(state: ChallengeState) -> None:
    """Target, daily and overall room, days, best day, payout: whatever the present phase has."""
    result, currency = state.evaluation.current, state.rules.currency
    cells = [
        _profit(result, currency),
        _floor("Daily room", result, result.daily, currency),
        _floor("Overall room", result, result.overall, currency),
        *_days(result),
        *_best_day(result),
        *_payout(result, currency),
    ]
    show(tag("dl", *cells, cls="gauges"))


def strip(state: ChallengeState | None) -> None:
    """The room of a running challenge in one line; nothing where none runs."""
    if state is None or state.state not in ("running", "failed"):
        return
    result, currency = state.evaluation.current, state.rules.currency
    name = tag("b", f"{state.challenge.name}, {phase_title(result).lower()}")
    cells = [tag("span", name, " ", pill(result.status.value, TONES[result.status]), cls="cell")]
    for title, floor in (("Daily room", result.daily), ("Overall room", result.overall)):
        if floor is not None:
            colour = room_tone(floor)
            value = tag("b", room_text(floor, currency), cls=colour if colour == "down" else "")
            cells.append(tag("span", tag("span", title), value, bar(room_share(floor), colour), cls="cell"))
    if result.target is not None:
        told = f"{money(result.profit)} of {money(result.target)} {currency}"
        done = float(result.target_share or 0)
        cells.append(tag("span", tag("span", "Target"), tag("b", told), bar(done), cls="cell"))
    clock = challenge_words.clock(result, state.rules.reset.zone, data.now_ms())
    cells.append(tag("span", tag("span", clock), cls="cell"))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="room_strip"):
        show(tag("div", *cells, cls="roomstrip"))
        navigation.link("accounts", "Challenge", account=state.challenge.account_id)
    if result.failed is not None:
        show(tag("div", result.failed.sentence, cls="breach"))


def _cell(title: str, value: str, share: float | None, note: str, colour: str = "", ink: str = "") -> Markup:
    drawn = bar(share, colour) if share is not None else ""
    return tag("div", tag("dt", title), tag("dd", value, cls=ink, title=value), drawn, tag("small", note))


def _profit(result: PhaseResult, currency: str) -> Markup:
    value = formats.money(result.profit, currency, signed=True)
    if result.target is None:
        return _cell("Closed profit", value, None, "no target in this phase", ink=tone(result.profit))
    missing = max(Decimal(0), result.target - result.profit)
    note = f"target {money(result.target)}, " + (f"{money(missing)} to go" if missing else "reached")
    return _cell("Profit to target", value, float(result.target_share or 0), note, "up" if not missing else "")


def _floor(title: str, result: PhaseResult, floor: FloorNow | None, currency: str) -> Markup:
    if floor is None:
        return _cell(title, formats.NOTHING, None, "no such rule in this phase")
    if floor.room is None:
        since = formats.utc(result.unknown_since)
        return _cell(title, "unknown", None, f"no price since {since} UTC; floor {money(floor.floor)}", ink="warning")
    used = formats.percent(floor.share_used)
    colour = room_tone(floor)
    note = f"floor {money(floor.floor)}, {used} used"
    ink = "down" if floor.room <= 0 else ""
    return _cell(title, formats.money(floor.room, currency), room_share(floor), note, colour, ink)


def _days(result: PhaseResult) -> list[Markup]:
    phase, found = result.phase, []
    if phase.trading_days is not None:
        need = phase.trading_days.days
        found.append(_counted("Trading days", result.trading_days, need, "days with a trade opened"))
    if phase.profitable_days is not None:
        least = money(phase.profitable_days.amount.of(result.initial))
        found.append(
            _counted("Profitable days", result.profitable_days, phase.profitable_days.days, f"{least} or more a day")
        )
    if phase.time_limit is not None and result.days_left is not None:
        share = result.days_left / phase.time_limit.days
        note = f"of {phase.time_limit.days} calendar days, today included"
        found.append(_cell("Days left", str(result.days_left), share, note, "" if share > float("0.25") else "warning"))
    return found


def _counted(title: str, have: int, need: int, note: str) -> Markup:
    return _cell(title, f"{have} of {need}", have / need, note, "up" if have >= need else "")


def _best_day(result: PhaseResult) -> list[Markup]:
    now = result.consistency
    if now is None:
        return []
    share = "-" if now.share is None else f"{now.share * 100:.1f} %"
    limit = plain(now.limit * 100)
    note = f"limit {limit} %, best day {money(now.best_day)}"
    if not now.met:
        note += f"; needs a total of {money(now.required_total)}"
    filled = 0.0 if now.share is None else float(now.share / now.limit)
    return [_cell("Best day", share, filled, note, "up" if now.met else "warning")]


def _payout(result: PhaseResult, currency: str) -> list[Markup]:
    now = result.payout
    if now is None:
        return []
    low, high = (money(now.amount * share) for share in (now.share_low, now.share_high))
    yours = low if low == high else f"{low} to {high}"
    note = f"yours: {yours}; " + ("ready" if now.ready else "; ".join(one.title.lower() for one in now.waits_for))
    if not now.ready and not now.waits_for:
        note = f"yours: {yours}; nothing to pay out yet"
    return [_cell("Payout", formats.money(now.amount, currency), None, note, ink="up" if now.ready else "")]
