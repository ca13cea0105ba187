"""What the gateway's numbers mean. What is not listed here is never taken for an answer."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

CLIENT_IN_USE: Final = 326
CONNECTION_LOST: Final = 1100
RESTORED: Final = frozenset({1101, 1102})


class Meaning(StrEnum):
    """What a message about an order says of it, if a fresh query finds nothing better."""

    REMARK = "remark"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    REQUEST_REFUSED = "request_refused"
    UNKNOWN = "unknown"


_REMARKS = frozenset({105, 165, 399, 404, 434, 492, 2109, 10_167})
_REJECTIONS = frozenset(
    {110, 135, 200, 201, 203, 321, 382, 383, 387, 388, 403, 412, 422, 460, 461, 481, 10_020, 10_052}
)
_REFUSALS = frozenset({104, 161, 329, 10_147, 10_148})
OF_CHANGES: Final = frozenset({104, 329})
"""Refusals of a change; the others are of a cancel."""
_WARNINGS = range(2_100, 2_200)


def meaning(code: int) -> Meaning:
    """What an error code on an order means."""
    if code == 202:  # noqa: PLR2004
        return Meaning.CANCELLED
    if code in _WARNINGS or code in _REMARKS:
        return Meaning.REMARK
    if code in _REJECTIONS:
        return Meaning.REJECTED
    return Meaning.REQUEST_REFUSED if code in _REFUSALS else Meaning.UNKNOWN
