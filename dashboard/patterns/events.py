"""The events of the Patterns page as a table: what is shown, drawn, listed and judged. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from core.bars import Bars
from core.patterns.events import EventLog, Kind, Status
from core.patterns.naming import family_of, title
from core.patterns.strength import strength
from dashboard.components.frames import records
from db.store.reviews import EventKey, Verdict

FRESH = "fresh"
COLUMNS = ("kind", "direction", "start", "end", "price_low", "price_high", "level", "known_at", "score")


def events_in(log: EventLog, bars: Bars) -> pd.DataFrame:
    """Events that became known on these bars, newest first.

    Columns: those of the event, `kind` by its name in lower case; `token` (names the event), `title`, `family`,
    `strength` (its band), `status` (the newest one, `fresh` without any) and `over` (UTC ms of the last status, 0).
    """
    since = int(bars.close_time[0]) if len(bars) else 0
    rows = np.flatnonzero(log.events["known_at"] >= since)
    if not len(bars):
        rows = rows[:0]
    frame = pd.DataFrame({name: log.events[name][rows] for name in COLUMNS})
    kinds = [Kind(int(kind)) for kind in frame["kind"]]
    frame["kind"] = [kind.name.lower() for kind in kinds]
    frame["title"] = [title(kind) for kind in kinds]
    frame["family"] = [family_of(kind) for kind in kinds]
    frame["strength"] = [str(strength(score)) for score in frame["score"]]
    frame["status"], frame["over"] = _last_status(log, rows)
    names = zip(frame["kind"], frame["direction"], frame["start"], frame["end"], strict=True)
    frame["token"] = [f"{kind}:{direction}:{start}:{end}" for kind, direction, start, end in names]
    newest = np.lexsort((-frame["score"].to_numpy(), -frame["known_at"].to_numpy()))
    return frame.iloc[newest].reset_index(drop=True)


def with_verdicts(frame: pd.DataFrame, said: dict[EventKey, Verdict], symbol_id: int, timeframe: int) -> pd.DataFrame:
    """The same with a column `verdict`: what a person says about the event, in words; empty where nobody did."""
    words = [verdict_words(said.get(event_key(row, symbol_id, timeframe))) for row in records(frame)] or pd.Series(
        dtype=object
    )
    return frame.assign(verdict=words)


def event_key(row: Mapping[str, Any], symbol_id: int, timeframe: int) -> EventKey:
    """What makes the event of a row unique."""
    numbers = (int(row[name]) for name in ("direction", "start", "end"))
    return EventKey(symbol_id, timeframe, str(row["kind"]), *numbers)


def verdict_words(said: Verdict | None) -> str:
    if said is None:
        return ""
    if said.label:
        return f"is {title(Kind[said.label.upper()])}"
    return {"valid": "valid", "invalid": "not valid"}[said.verdict]


def _last_status(log: EventLog, rows: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Name and time of the newest status of each of these events."""
    newest = np.full(len(log.events), -1, dtype=np.int64)
    # Rows are sorted by time: of several assignments to one event the last one stays.
    newest[log.statuses["event"]] = np.arange(len(log.statuses))
    at = newest[rows]
    found = log.statuses[np.maximum(at, 0)] if len(log.statuses) else np.zeros(len(rows), log.statuses.dtype)
    names = [
        Status(int(row["status"])).name.lower() if place >= 0 else FRESH for place, row in zip(at, found, strict=True)
    ]
    return names, np.where(at >= 0, found["known_at"], 0)
