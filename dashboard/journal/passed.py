"""What you passed on: accepted signals against rejected and ignored ones, all followed to their end as suggested."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.stats.outcomes import Passed, PassedOn, passed_on
from dashboard import data
from dashboard.components import formats
from dashboard.components.markup import show, table, tag
from dashboard.components.panels import Figure, note, section, strip, tone
from dashboard.journal import empties as journal_empties
from dashboard.signals.decision import REASONS
from db.views import outcomes
from db.views.journal import TradeFilter

SHOWN = 30
_HEADS = (
    ("Signals", "nowrap"), ("Count", "num"), ("Ended", "num"), ("Target first", "num"), ("Mean R", "num"),
    ("R won", "num"), ("R lost", "num"), ("Net R", "num"),
)  # fmt: skip


def passed_view(key: data.Stamp, wanted: TradeFilter) -> None:
    """Draw it for the symbols, strategies, side and dates of the filter."""
    found = data.cached(key, outcomes.decisions, wanted)
    if found.empty:
        journal_empties.no_decisions()
        return
    result = passed_on(found.assign(reason=pd.Series([_reason(one) for one in found["reason"]], index=found.index)))
    note(
        "Every signal counts as if it had been taken as suggested, whatever you did. Symbol, side, strategy and dates "
        "of the filters apply, the dates to when the signal was seen."
    )
    _strip(result)
    section("By decision")
    show(table(_HEADS, [_row(name.capitalize(), one) for name, one in result.decisions.items()], cls="groups"))
    section("What was passed on, by reason")
    rows = [_row(name, one) for name, one in list(result.by_reason.items())[:SHOWN]]
    show(table((("Reason", ""), *_HEADS[1:]), rows, cls="groups"))
    if len(result.by_reason) > SHOWN:
        st.caption(f"The {SHOWN} most frequent of {len(result.by_reason)} reasons.")


def _strip(result: PassedOn) -> None:
    passed = result.r_saved - result.r_missed
    low, high = result.advantage_low, result.advantage_high
    interval = "too few to say" if low is None else f"95 %: {formats.multiple(low)} to {formats.multiple(high)}"
    strip(
        (
            Figure("R missed", formats.multiple(result.r_missed, signed=False), "won by what you passed on"),
            Figure("R saved", formats.multiple(result.r_saved, signed=False), "lost by what you passed on"),
            Figure("Passing on was worth", formats.multiple(passed), "saved less missed", tone(passed)),
            Figure("Your choice, per signal", formats.multiple(result.advantage), interval, tone(result.advantage)),
        )
    )


def _row(name: str, one: Passed) -> tuple[object, ...]:
    stats = one.outcome
    low, high = formats.percent(stats.hit_rate_low), formats.percent(stats.hit_rate_high)
    mean = (formats.multiple(stats.expectancy_low), formats.multiple(stats.expectancy_high))
    return (
        name,
        f"{one.signals:,}",
        f"{stats.ended:,}",
        tag("span", formats.percent(stats.hit_rate), tag("small", f" {low} to {high}" if stats.ended else "")),
        tag(
            "span",
            formats.multiple(stats.expectancy),
            tag("small", "" if formats.NOTHING in mean else f" {mean[0]} to {mean[1]}"),
        ),
        formats.multiple(one.won_r, signed=False),
        formats.multiple(one.lost_r, signed=False),
        tag("span", formats.multiple(one.net_r), cls=tone(one.net_r)),
    )


def _reason(text: object) -> str | None:
    """The reason that was chosen, without the words that were added to it."""
    if formats.absent(text):
        return None
    return next((one for one in REASONS if str(text).startswith(f"{one}: ")), str(text))
