"""What a scan computed, part by part, as it is hashed: by the scan that stores it and by the replay that checks it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from core.lineage import content_hash
from core.patterns.events import EventLog
from core.scan import ScanResult
from core.strategies.base import View
from core.timeframe import Timeframe

Part = tuple[str, Timeframe | None]
"""Kind of the step, and the timeframe it is about, where it is about one."""


def hashes(result: ScanResult, bars: dict[Timeframe, str] | None = None) -> Iterator[tuple[Part, str]]:
    """The content hash of every part, in the order in which a scan makes them; `bars` are those known already."""
    for timeframe, view in result.views.items():
        yield ("bars", timeframe), (bars or {}).get(timeframe) or content_hash(view.bars)
        yield ("events", timeframe), content_hash(event_arrays(view.log))
        yield ("indicators", timeframe), content_hash(_columns(view))
    made = result.verdict.suggestion
    yield ("votes", None), content_hash(None if made is None else made.votes)
    yield ("signal", None), content_hash(made)


def event_arrays(log: EventLog) -> dict[str, Any]:
    """The log's content for hashing: its two arrays."""
    return {"events": np.ascontiguousarray(log.events), "statuses": np.ascontiguousarray(log.statuses)}


def _columns(view: View) -> dict[str, Any]:
    """The indicators as their names and one table: many short arrays take several times as long to hash."""
    columns = list(view.indicators.values())
    return {"names": list(view.indicators), "values": np.stack(columns) if columns else np.empty((0, 0))}
