"""Which trades a question is about."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.analyst.question_scope import Focus
from core.local_time import to_local
from core.patterns.sessions import SESSIONS
from core.stats.groups import WEEKDAYS, Key

_DAY_MS, _MINUTE_MS = 86_400_000, 60_000
_SATURDAY = 5


def in_period(frame: pd.DataFrame, focus: Focus) -> pd.DataFrame:
    period, closed = focus.period, frame["closed_at"]
    if period.since is not None:
        frame = frame[closed >= pd.Timestamp(period.since)]
    if period.until is not None:
        frame = frame[frame["closed_at"] < pd.Timestamp(period.until)]
    if period.last is not None:
        frame = frame.sort_values("closed_at", kind="stable").tail(period.last)
    return frame


def chosen(frame: pd.DataFrame, focus: Focus, zone: str) -> NDArray[np.bool_]:
    """Which trades the question names; all where it names none."""
    keep = np.ones(len(frame), dtype=np.bool_)
    for key, groups in focus.named.items():
        keep &= _of_group(frame, key, groups, zone)
    return keep


def _of_group(frame: pd.DataFrame, key: str, groups: Sequence[str | int], zone: str) -> NDArray[np.bool_]:
    if key == Key.WEEKDAY:
        return np.isin(_weekday(to_local(_opened(frame), zone)), [int(one) for one in groups])
    if key == Key.SESSION:
        inside = [_in_session(_opened(frame), str(one)) for one in groups]
        return np.asarray(np.logical_or.reduce(inside), dtype=np.bool_)
    if key == Key.TAG:
        wanted = set(groups)
        return np.array([bool(wanted & set(tags)) for tags in frame["tags"]], dtype=np.bool_)
    column = "direction" if key == Key.SIDE else key
    return np.asarray(frame[column].isin(list(groups)), dtype=np.bool_)


def _opened(frame: pd.DataFrame) -> NDArray[np.int64]:
    when = pd.DatetimeIndex(frame["opened_at"]).as_unit("ms")
    return np.asarray(when.asi8, dtype=np.int64)


def _weekday(local: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray((local // _DAY_MS + 3) % 7, dtype=np.int64)  # 1970-01-01 was a Thursday


def _in_session(opened: NDArray[np.int64], name: str) -> NDArray[np.bool_]:
    session = next(one for one in SESSIONS if _session_name(one.kind.name) == name)
    local = to_local(opened, session.zone)
    minute = local % _DAY_MS // _MINUTE_MS
    return np.asarray((minute >= session.opens) & (minute < session.closes) & (_weekday(local) < 5), dtype=np.bool_)  # noqa: PLR2004


def _session_name(kind: str) -> str:
    return kind.removeprefix("SESSION_").replace("_", " ").title()


def label_of(focus: Focus) -> str:
    """The named groups in words: `Monday, EURUSD, long`."""
    said = []
    for key, groups in focus.named.items():
        for group in groups:
            if key == Key.WEEKDAY:
                said.append(WEEKDAYS[int(group)])
            elif key == Key.SIDE:
                said.append("long" if int(group) > 0 else "short")
            else:
                said.append(str(group))
    return ", ".join(said) + " trades" if said else "all closed trades"
