"""Moments as the tables keep them (aware) and as the rules count them (UTC ms)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def to_ms(moment: datetime) -> int:
    """UTC ms of an aware moment."""
    return (moment - _EPOCH) // _MS


def from_ms(moment: int) -> datetime:
    """The aware moment (UTC) of UTC ms."""
    return _EPOCH + moment * _MS
