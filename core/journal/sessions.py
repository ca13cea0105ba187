"""Which trading sessions are open at a moment, by the clocks of their cities."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from core.errors import ParameterError
from core.patterns.sessions import SESSIONS, Session

_SATURDAY = 5
_HOURS: Final = {one.kind.name.removeprefix("SESSION_").lower(): one for one in SESSIONS}
NAMES: Final = tuple(_HOURS)
"""`tokyo`, `london`, `new_york`."""


def open_at(moment: datetime) -> tuple[str, ...]:
    """Names of the sessions that are open at an aware moment: the open is included, the close is not."""
    return tuple(name for name, hours in _HOURS.items() if _within(moment.astimezone(ZoneInfo(hours.zone)), hours))


def check_names(names: Sequence[str]) -> None:
    """Raises ParameterError for a name that is no session."""
    for name in names:
        if name not in _HOURS:
            raise ParameterError(f"'{name}' is no session: use {', '.join(NAMES)}.", name)


def _within(local: datetime, hours: Session) -> bool:
    minute = local.hour * 60 + local.minute
    return local.weekday() < _SATURDAY and hours.opens <= minute < hours.closes
