"""The list of signals: a table whose selection is a signal's id, whatever is inserted above it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd
import streamlit as st

from core.charts import theme
from core.signals.fusion import Outcome
from dashboard import data
from dashboard.components.formats import percent, short_utc, side, timeframe
from dashboard.components.markup import SOURCES
from dashboard.components.row_table import row_table

_PINNED = "signal_shown"
HELD = "held back"
_TONES = {"side": {"Long": theme.UP, "Short": theme.DOWN}, "status": {HELD: theme.WARNING}}
_COLUMNS = {
    "symbol": st.column_config.TextColumn("Symbol", width=104),
    "side": st.column_config.TextColumn("Side", width=46),
    "timeframe": st.column_config.TextColumn("TF", width=40),
    "reward_risk": st.column_config.NumberColumn("R", format="%.1f", width=38),
    "confidence": st.column_config.TextColumn("Conf.", width=48, alignment="right"),
    "status": st.column_config.TextColumn("Status", width=70),
    "as_of": st.column_config.TextColumn("As of (UTC)", width=92),
}


def choose(signal_id: int) -> None:
    """Show this signal, and put it into the address; for callbacks."""
    st.session_state[_PINNED] = signal_id
    st.query_params["signal"] = str(signal_id)


def shown(asked: int | None, listed: pd.DataFrame) -> int | None:
    """The signal to show; None without any.

    It is the one in the address, else the one shown before, else the newest that waits for a decision, else the newest.
    What is shown stays: a newer signal does not push it away.
    """
    chosen = asked or st.session_state.get(_PINNED)
    if chosen is None and len(listed):
        waiting = listed[listed["status"] == "new"]
        chosen = int((waiting if len(waiting) else listed)["id"].iloc[0])
    st.session_state[_PINNED] = chosen
    return chosen


def signal_table(
    listed: pd.DataFrame, chosen: int | None, height: int, fused: Mapping[int, str] = MappingProxyType({})
) -> None:
    """Draw the table, the chosen signal's row marked; a click anywhere in a row, or an arrow key, chooses another.

    `fused` says what fusion came to for the signals with an opinion: one that is held back is marked.
    """
    ids = [int(one) for one in listed["id"]]
    frame = table_frame(listed, fused)
    row_table("signals", frame, _COLUMNS, ids, chosen, choose, height=height, tones=_TONES)


def neighbour_buttons(listed: pd.DataFrame, chosen: int) -> None:
    """To the next newer and the next older signal of the list, without reaching for the table."""
    ids = [int(one) for one in listed["id"]] if len(listed) else []
    newer = next((one for one in reversed(ids) if one > chosen), None)
    older = next((one for one in ids if one < chosen), None)
    for label, target in (("Newer", newer), ("Older", older)):
        st.button(label, key=f"go_{label.lower()}", on_click=choose, args=(target,), disabled=target is None)


def extent(listed: pd.DataFrame, limit: int) -> None:
    """Say when the table is not everything."""
    if len(listed) >= limit:
        st.caption(f"The newest {limit} that match. Narrow the filters to reach older ones.")


def table_frame(listed: pd.DataFrame, fused: Mapping[int, str] = MappingProxyType({})) -> pd.DataFrame:
    """The table's columns from `db.views.signals.signal_list`'s; a new signal that is held back says so."""
    held = [
        status == "new" and fused.get(int(signal_id)) == Outcome.HELD_BACK
        for signal_id, status in zip(listed["id"], listed["status"], strict=True)
    ]
    names = [
        f"{name} ({SOURCES[source].lower()})" if source == "sample" else name
        for name, source in zip(listed["symbol"], listed["source"], strict=True)
    ]
    return pd.DataFrame(
        {
            "symbol": names,
            "side": [side(direction) for direction in listed["direction"]],
            "timeframe": [timeframe(minutes) for minutes in listed["timeframe"]],
            "reward_risk": listed["reward_risk"].astype(float),
            "confidence": [percent(value) for value in listed["confidence"]],
            "status": [HELD if back else status for back, status in zip(held, listed["status"], strict=True)],
            "as_of": [short_utc(int(moment), data.now()) for moment in listed["as_of"]],
        }
    )
