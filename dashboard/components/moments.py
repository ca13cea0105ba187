"""When something happened: now, until the person says that it was earlier. Widgets of a dialog or a form."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import streamlit as st


def moment_fields(prefix: str, now: datetime, label: str = "It happened earlier") -> None:
    """A switch, and day and time when it is on; the widgets' keys begin with `prefix`."""
    # Said in so many words: else the browser would go on with the switch of a dialog before.
    st.session_state.setdefault(f"{prefix}_earlier", False)
    st.toggle(label, key=f"{prefix}_earlier")
    if not st.session_state[f"{prefix}_earlier"]:
        return
    day, clock = st.columns(2)
    day.date_input("Day (UTC)", value=now.date(), max_value=now.date() + timedelta(days=1), key=f"{prefix}_day")
    clock.time_input("Time (UTC)", value=now.time().replace(second=0, microsecond=0), step=60, key=f"{prefix}_time")


def stated_moment(prefix: str, now: datetime) -> datetime:
    """What the fields say."""
    state = st.session_state
    if not state.get(f"{prefix}_earlier") or f"{prefix}_day" not in state:
        return now
    return datetime.combine(state[f"{prefix}_day"], state[f"{prefix}_time"], tzinfo=UTC)
