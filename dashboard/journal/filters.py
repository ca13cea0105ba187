"""The journal's filters: which trades every figure of the page is about, and the filters that were given a name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard import data
from dashboard.components import dialog_parts
from dashboard.components.markup import markdown
from db.actions.edit_trades import BEST
from db.actions.playbooks import NAME_LENGTH, drop_filter, save_filter
from db.models import Account
from db.views import journal, signals, trades
from db.views.journal import TradeFilter

PAGE = "journal"
_SIDES = {"Both sides": None, "Long": 1, "Short": -1}
_RESULTS = {"win": "Won", "loss": "Lost", "even": "Break-even"}
_SEVERAL = ("symbols", "strategies", "setups", "tags", "results", "ratings", "playbooks")
_KEYS = tuple(f"journal_{name}" for name in (*_SEVERAL, "side", "dates", "order", "unit", "group"))
_ERROR, _AWAY = "journal_filter_error", "journal_away"


def keep_choices(*, drawn: bool) -> None:
    """Let the choices of the list outlive runs that do not draw them, as while one trade is shown.

    They are set by hand in such a run, so that they stay, and in the first one that draws them again, so that the
    browser is told. Not in others: what is set by hand is sent to the browser over what is being typed there.
    """
    if drawn and not st.session_state.get(_AWAY):
        return
    st.session_state[_AWAY] = not drawn
    for key in _KEYS:
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]


def trade_filter(key: data.Stamp, account: Account) -> TradeFilter:
    """Draw the row of filters; what they say about trades of this account."""
    account_id = account.id
    with st.container(key="journal_filters"):
        _several("Symbols", "symbols", data.cached(key, signals.symbol_names))
        side = st.selectbox("Side", list(_SIDES), label_visibility="collapsed", key="journal_side")
        _several("Setups", "setups", {name: name for name in data.cached(key, journal.setups, account_id)})
        _several("Tags", "tags", data.cached(key, journal.tag_names))
        _several("Strategies", "strategies", data.cached(key, signals.strategy_names))
        _several("Results", "results", _RESULTS)
        _several("Ratings", "ratings", {stars: "★" * stars for stars in range(BEST, 0, -1)})
        _several("Playbooks", "playbooks", {one.id: one.name for one in data.cached(key, trades.playbooks)})
        _dates(account)
        _saved(key)
    since, until = _span(account)
    return TradeFilter(
        account_id,
        direction=_SIDES[side],
        since=since,
        until=until,
        symbols=_chosen("symbols"),
        strategies=_chosen("strategies"),
        setups=_chosen("setups"),
        tags=_chosen("tags"),
        results=_chosen("results"),
        ratings=_chosen("ratings"),
        playbooks=_chosen("playbooks"),
    )


def _several(label: str, name: str, choices: dict[Any, str]) -> None:
    key = f"journal_{name}"
    # What is chosen stays, though it may be gone from the choices: else a saved filter would lose a part silently.
    gone = [one for one in st.session_state.get(key, ()) if one not in choices]
    st.multiselect(
        label,
        [*choices, *gone],
        format_func=lambda one: choices.get(one, f"{one} (gone)"),
        placeholder=label,
        label_visibility="collapsed",
        key=key,
    )


def _chosen(name: str) -> tuple[Any, ...]:
    return tuple(st.session_state.get(f"journal_{name}", ()))


def _dates(account: Account) -> None:
    st.session_state.setdefault("journal_dates", ())
    st.date_input(
        "Closed from and to",
        min_value=date(1990, 1, 1),
        max_value=data.now().date() + timedelta(days=1),
        format="YYYY-MM-DD",
        label_visibility="collapsed",
        key="journal_dates",
        help=f"Days of the account's time zone, {account.time_zone}, both included.",
    )


def _span(account: Account) -> tuple[datetime | None, datetime | None]:
    """The days as moments: from the first one's midnight to the midnight after the last."""
    found = st.session_state.get("journal_dates") or ()
    days = tuple(found) if isinstance(found, tuple | list) else (found,)
    if not days:
        return None, None
    zone = ZoneInfo(account.time_zone)
    first, last = (datetime.combine(day, time(), tzinfo=zone).astimezone(UTC) for day in (days[0], days[-1] + _DAY))
    return first, last if len(days) > 1 else None


_DAY = timedelta(days=1)


def _saved(key: data.Stamp) -> None:
    """Apply, save and forget named filters; take all away."""
    known = data.cached(key, trades.saved_filters, PAGE)
    with st.popover("Saved filters", key="journal_saved", width="stretch"):
        for place, (name, definition) in enumerate(known.items()):
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                st.button(markdown(name), key=f"filter_use_{place}", on_click=_apply, args=(definition,))
                st.button("Delete", key=f"filter_drop_{place}", on_click=_do, args=(_drop, name))
        st.text_input(
            "Name", key="journal_filter_name", max_chars=NAME_LENGTH, placeholder="Name", label_visibility="collapsed"
        )
        st.button("Save what is set", key="filter_save", on_click=_do, args=(_save,), width="stretch")
        st.button("Take all away", key="filter_clear", on_click=_apply, args=({},), width="stretch")
        dialog_parts.show_kept(_ERROR)


def definition() -> dict[str, Any]:
    """What is set, as it is saved."""
    found: dict[str, Any] = {name: list(_chosen(name)) for name in _SEVERAL if _chosen(name)}
    if st.session_state.get("journal_side", "Both sides") != "Both sides":
        found["side"] = st.session_state["journal_side"]
    days = st.session_state.get("journal_dates") or ()
    if days:
        found["dates"] = [day.isoformat() for day in days]
    return found


def _apply(wanted: dict[str, Any]) -> None:
    for name in _SEVERAL:
        st.session_state[f"journal_{name}"] = list(wanted.get(name, ()))
    st.session_state["journal_side"] = wanted.get("side", "Both sides")
    st.session_state["journal_dates"] = tuple(date.fromisoformat(day) for day in wanted.get("dates", ()))


def _save() -> None:
    save_filter(data.engine(), PAGE, str(st.session_state.journal_filter_name), definition(), data.now())


def _drop(name: str) -> None:
    drop_filter(data.engine(), PAGE, name)


def _do(act: Callable[..., None], *arguments: str) -> None:
    with dialog_parts.attempt(_ERROR):
        act(*arguments)
