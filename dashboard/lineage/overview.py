"""What the Lineage page shows before anything is chosen: what failed, the nightly replays, the newest chains."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from dashboard import data
from dashboard.components import empties, formats
from dashboard.components.markup import Markup, join, pill, show, table, tag
from dashboard.components.panels import note, section
from dashboard.lineage.address import href
from dashboard.lineage.find import found_table
from db.models import Replay
from db.store.lineage.export import export_states
from db.views import replays
from db.views.lineage import search as lineage_search
from db.views.lineage import subjects as lineage
from db.views.lineage.search import Found
from db.views.lineage.subjects import Subject

_FAILED, _NEWEST, _NIGHTS = 8, 12, 14


def overview(key: data.Stamp) -> None:
    """Draw it; a sentence of its own when there is nothing at all."""
    failed = data.cached(key, lineage_search.failures, _FAILED)
    newest = [found for entity in ("signal", "trade", "order_ticket") for found in _newest(key, entity)]
    if not newest and not failed:
        empties.no_lineage()
        return
    left, right = st.columns([1.25, 1], gap="medium")
    with left:
        section("Newest")
        found_table(sorted(newest, key=lambda one: one.moment, reverse=True)[:_NEWEST])
    with right:
        section("Failed steps and runs")
        if failed:
            found_table(failed)
        else:
            note("No step and no run has failed.")
        _nights()
        _export()


def _newest(key: data.Stamp, entity: str) -> Iterable[Found]:
    for one in data.cached(key, lineage.newest_subjects, entity, _NEWEST):
        yield Found(entity, one.id, entity, _words(one), one.status, one.moment)


def _words(one: Subject) -> str:
    side = formats.side(one.direction).lower() if one.direction else ""
    return " ".join(part for part in (one.symbol, side, one.title) if part)


def _nights() -> None:
    section("Nightly replays")
    found = data.read(replays.nights, data.now(), _NIGHTS)
    if not found:
        note("None yet: every night a sample of the signals is computed again from the stored inputs.")
        return
    heads = (("Night (UTC)", "nowrap"), ("Replayed", "num"), ("Identical", "num"), ("Differing", ""))
    rows = ((f"{one.day}", one.replayed, one.identical, _differing(one.differing)) for one in found)
    show(table(heads, rows, cls="lineage"))


def _differing(found: Iterable[Replay]) -> Markup:
    parts: list[object] = []
    for one in found:
        link = tag("a", f"signal {one.signal_id}", href=href("signal", one.signal_id), target="_self")
        parts += [", " if parts else "", link, f" at {one.step}" if one.step else " not replayed"]
    return join(parts) if parts else pill("none", "up")


def _export() -> None:
    """How the OpenLineage export stands, once it was ever switched on."""
    for target, state in data.read(export_states).items():
        section(f"OpenLineage export to the {'endpoint' if target == 'url' else 'file'}")
        last = f", the last {formats.utc(state.sent_at)} UTC" if state.sent_at else ""
        refused = f" {state.rejected:,} were refused by the endpoint." if state.rejected else ""
        note(f"{state.sent:,} runs sent{last}.{refused}")
        if state.error:
            since = f"Failing since {formats.utc(state.failing_since)} UTC. " if state.failing_since else ""
            show(tag("div", f"{since}{state.error}", cls="down plain"))
