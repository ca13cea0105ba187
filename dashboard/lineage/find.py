"""Find a chain: by number, symbol, text, kind or day, or what failed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

import streamlit as st

from core.lineage_kinds import KINDS
from dashboard import data
from dashboard.components import empties, formats
from dashboard.components.markup import Markup, pill, show, tag
from dashboard.components.panels import section
from dashboard.lineage.address import href
from db.views.lineage import search as lineage_search
from db.views.lineage.search import RECENT, TITLES, Found, Wanted

LISTED = 100


def find_bar() -> Wanted:
    """The fields, and what they ask for; `?failed=1` in the address begins with what failed."""
    if "lineage_failed" not in st.session_state:
        st.session_state["lineage_failed"] = st.query_params.get("failed") == "1"
    with st.container(key="lineage_find"):
        text = st.text_input(
            "Find",
            placeholder="Number, symbol or text: 12, trade 3, EURUSD, timeout",
            max_chars=80,
            label_visibility="collapsed",
            key="lineage_text",
        )
        kind = st.selectbox(
            "Kind of step",
            list(KINDS),
            index=None,
            format_func=KINDS.__getitem__,
            placeholder="Any kind",
            label_visibility="collapsed",
            key="lineage_kind",
        )
        day = st.date_input(
            "Day (UTC)", value=None, max_value=data.now().date(), label_visibility="collapsed", key="lineage_day"
        )
        failed = st.toggle("Failed only", key="lineage_failed")
    since, until = _day(day)
    return Wanted(text, kind, since, until, failed)


def results(wanted: Wanted) -> None:
    """What was found, the rows of that very number first."""
    found = data.read(lineage_search.search, wanted, LISTED)
    section(f"{len(found)} found" if len(found) < LISTED else f"The newest {LISTED} found")
    if not found:
        empties.nothing_found(RECENT)
        return
    found_table(found)


def found_table(found: Iterable[Found]) -> None:
    """Hits as a table, each with its permanent address; what failed is red and says why."""
    heads = (("Time (UTC)", "nowrap"), ("Number", "nowrap"), ("What", ""), ("State", ""))
    head = tag("tr", *(tag("th", title, cls=cls) for title, cls in heads))
    body = tag("tbody", *(_row(one) for one in found))
    show(tag("div", tag("table", tag("thead", head), body, cls="desk found"), cls="scroll"))


def _row(one: Found) -> Markup:
    failed, step = one.status == "failed", one.entity == "step"
    title = TITLES.get(one.kind, one.kind.capitalize())
    link = tag("a", f"{'Step' if step else title} {one.id}", href=href(one.entity, one.id), target="_self")
    kind = tag("span", title, cls="muted small") if step and title not in one.name else ""
    state = tag("span", one.error or "failed", cls="down plain") if failed else one.status and pill(one.status, "")
    cells = (
        tag("td", formats.utc(one.moment, seconds=True), cls="nowrap"),
        tag("td", link, cls="nowrap"),
        tag("td", one.name, " ", kind),
        tag("td", state or ""),
    )
    return tag("tr", *cells, cls="failed" if failed else "")


def _day(day: date | None) -> tuple[datetime | None, datetime | None]:
    if day is None:
        return None, None
    begin = datetime.combine(day, time(), tzinfo=UTC)
    return begin, begin + timedelta(days=1)
