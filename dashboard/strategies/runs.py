"""The last scans of a strategy, and the watch that notices new ones."""

from __future__ import annotations

import streamlit as st

from dashboard import data, dialogs
from dashboard.components import empties, formats
from dashboard.components.markup import Markup, show, table, tag
from dashboard.components.panels import section
from dashboard.lineage.address import href
from db.views import strategies
from db.views.strategies import RunLine

LIMIT = 50
REFRESH_SECONDS = 4
_SEEN = "strategies_seen_scan"
_HEADS = (("Slot (UTC)", "nowrap"), ("Symbol", "nowrap"), ("Outcome", ""), ("Took", "num"), ("Signal", "num"))


def begin() -> None:
    """Note which scan this run of the page has seen; before anything is read."""
    st.session_state[_SEEN] = data.read(strategies.newest_scan)


@st.fragment(run_every=REFRESH_SECONDS)
def watch() -> None:
    """Run the page again when a scan was done: one that made no signal moves no revision."""
    if data.read(strategies.newest_scan) != st.session_state.get(_SEEN) and dialogs.opened() is None:
        st.rerun()


def last_runs(strategy_id: int) -> None:
    found = data.read(strategies.runs, strategy_id, LIMIT)
    section(f"Last runs ({len(found)})" if len(found) < LIMIT else f"Last {LIMIT} runs")
    if not found:
        empties.no_runs()
        return
    show(tag("div", table(_HEADS, (_row(run) for run in found), cls="runs"), cls="runs"))


def _row(run: RunLine) -> tuple[object, ...]:
    outcome = tag("span", run.outcome, cls="down" if run.failed else "")
    took = formats.duration((run.finished_at - run.started_at).total_seconds())
    slot = formats.short_utc(run.slot, data.now())
    trace = tag("a", slot, href=href("run", run.id), target="_self", title=f"Lineage of run {run.id}")
    return trace, run.symbol, outcome, took, _signal(run.signal_id)


def _signal(signal_id: int | None) -> Markup:
    if signal_id is None:
        return tag("span", formats.NOTHING, cls="muted")
    return tag("a", str(signal_id), href=f"signals?signal={signal_id}", target="_self")
