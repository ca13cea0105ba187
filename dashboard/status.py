"""The line under the navigation: workers, scheduler, age of the data; and the watch that refreshes a page."""

from __future__ import annotations

import streamlit as st

from core.errors import SettingsError
from dashboard import data, dialogs, jobqueue
from dashboard.broker.words import TONES, state
from dashboard.components.formats import age, utc
from dashboard.components.markup import Markup, badge, join, markdown, show, tag
from db.models import FED
from db.store.broker.login import read_login
from db.views import desk
from db.views.broker import link_now

REFRESH_SECONDS = 4
_SHOWN = "shown_stamp"
_FRESH_MS = 5 * 60_000
_SILENT_MS = 15 * 60_000


@st.fragment(run_every=REFRESH_SECONDS)
def status_line() -> None:
    """State of the desk in one line. Runs by itself and reruns the page when something changed and nothing is open."""
    flash = dialogs.take_flash()
    if flash:
        st.toast(markdown(flash))
    show(tag("div", *_broker(), *_workers(), *_sources(), tag("span", "Times are UTC"), cls="status", role="status"))
    # A dialog in use is left alone: the page catches up when it closes.
    if data.stamp() != st.session_state.get(_SHOWN) and dialogs.opened() is None:
        st.rerun()


def begin_page() -> None:
    """Note what this run shows; call once, before anything is read."""
    st.session_state[_SHOWN] = data.stamp()


def page_stamp() -> data.Stamp:
    """The key of this run's cached reads."""
    found: data.Stamp = st.session_state[_SHOWN]
    return found


def _broker() -> list[Markup]:
    """The connection to Interactive Brokers while it is switched on; in red on every page when money is real."""
    login = data.read(read_login)
    if not login.enabled:
        return []
    link = data.read(link_now, data.now_ms())
    words = _item(TONES[link.link] or "down", f"IBKR {login.money} ", tag("b", state(link)))
    live = tag("span", "LIVE", cls="badge live", title="Orders at Interactive Brokers use real money.")
    return [live, words] if login.live else [words]


def _workers() -> list[Markup]:
    try:
        health = jobqueue.health(data.now())
    except SettingsError as error:
        return [_item("warning", error.message)]
    if health.workers == 0:
        return [_item("down", "No worker is running"), _scheduler(health)]
    state = "suspended" if health.suspended else "running"
    noun = "worker" if health.workers == 1 else "workers"
    return [
        _item("warning" if health.suspended else "up", tag("b", health.workers), f" {noun} {state}"),
        _scheduler(health),
    ]


def _scheduler(health: jobqueue.Health) -> Markup:
    if health.tick_age is None:
        return _item("down", "Scheduler has not ticked yet")
    tone = "warning" if health.scheduler_late else "up"
    return _item(tone, "Scheduler ticked ", tag("b", age(health.tick_age)), " ago")


def _sources() -> list[Markup]:
    ages = data.read(desk.source_ages)
    return [_source(one) for one in ages] or [_item("warning", "No symbols yet")]


def _source(one: desk.SourceAge) -> Markup:
    name = one.source.capitalize()
    if one.newest is None:
        return _item("warning", f"{name}: no bars yet", badge(one.source))
    if one.source not in FED:
        # A sample or an imported file does not grow: its age is no fault.
        return _item("", f"{name} data to ", tag("b", f"{utc(one.newest)[:10]}"), badge(one.source))
    behind = data.now_ms() - one.newest
    tone = "up" if behind < _FRESH_MS else "warning"
    return _item(tone, f"{name} data ", tag("b", age(behind / 1000)), " old", _silent(one), badge(one.source))


def _silent(one: desk.SourceAge) -> str:
    """Names the symbol that has fallen behind the others of its source, and how old its newest bar is."""
    if one.newest is None or one.oldest is None or one.newest - one.oldest < _SILENT_MS:
        return ""
    return f" ({one.last} {age((data.now_ms() - one.oldest) / 1000)})"


def _item(tone: str, *parts: object) -> Markup:
    return tag("span", tag("span", cls=f"dot {tone}"), join(parts))
