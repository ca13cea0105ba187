"""The moment at which the charts are looked at: now, or any moment in the past with nothing in it that came later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import streamlit as st

from core.timeframe import MINUTE_MS, Timeframe
from dashboard import data
from dashboard.charts.state import Opened, change, current, held
from dashboard.components.formats import utc
from dashboard.components.markup import Markup, pill, tag
from db.views import charts

# The widget's own times are naive; here they are UTC.
_FIRST, _LAST = datetime(1900, 1, 1), datetime(2200, 1, 1)
_HOUR = 60


def moment_control(shown: Opened) -> None:
    """Back and forward by a bar or half a span, a date to go to, and the way back to now; the same for all charts."""
    view = shown.view
    if shown.moment is None:
        return
    lead = _lead(shown)
    page = max(1, view.bars // 2)
    live = view.as_of is None
    _step("«", "charts_far_back", f"{page} bars back", lead, shown.moment, -page)
    _step("‹", "charts_back", "One bar back", lead, shown.moment, -1)  # noqa: RUF001
    key = held("moment", _naive(shown.moment))
    st.datetime_input(
        "As of (UTC)",
        min_value=_FIRST,
        max_value=_LAST,
        format="YYYY-MM-DD",
        step=timedelta(minutes=min(int(lead), _HOUR)),
        required=True,
        label_visibility="collapsed",
        width=196,
        key=key,
        on_change=_go,
        args=(key, shown.newest),
    )
    _step("›", "charts_forward", "One bar forward", lead, shown.moment, 1, disabled=live)  # noqa: RUF001
    _step("»", "charts_far_forward", f"{page} bars forward", lead, shown.moment, page, disabled=live)
    st.button("Now", key="charts_now", disabled=live, on_click=change, kwargs=_NOW)


_NOW = {"as_of": None, "signal": None, "trade": None}


def moment_words(shown: Opened) -> Markup:
    """Which moment it is, and what that means."""
    assert shown.moment is not None
    if shown.view.as_of is None:
        return tag("span", f"all that is stored, to {utc(shown.moment)} UTC")
    said = " what could be known then: no bar, pattern, signal or close of later"
    return tag("span", pill(f"As of {utc(shown.moment)} UTC", "warning"), said)


def _step(label: str, key: str, told: str, lead: Timeframe, moment: int, count: int, *, disabled: bool = False) -> None:
    st.button(label, key=key, help=told, disabled=disabled, on_click=_move, args=(lead, moment, count))


def _move(lead: Timeframe, moment: int, count: int) -> None:
    """To the close of the bar `count` places on."""
    view = charts.close_after if count > 0 else charts.close_before
    found = data.read(view, current().symbol or 0, lead, moment, abs(count))
    if found is not None:
        change(as_of=found)


def _go(key: str, newest: int | None) -> None:
    picked = st.session_state[key]
    if picked is None or newest is None:
        return
    moment = int(picked.replace(tzinfo=UTC).timestamp()) * 1000
    change(as_of=None if moment >= newest // MINUTE_MS * MINUTE_MS else moment)


def _lead(shown: Opened) -> Timeframe:
    """The timeframe by which the steps go: the first chart's, if it has bars."""
    lead = shown.view.timeframes[0]
    return lead if lead in shown.stored else shown.stored[0]


def _naive(moment: int) -> datetime:
    return datetime.fromtimestamp(moment / 1000, UTC).replace(tzinfo=None, second=0, microsecond=0)
