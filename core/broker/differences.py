"""What a person may decide about a difference between the desk and a broker."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from core.broker.link import DifferenceKind


class Resolution(StrEnum):
    """The decision; the word is stored, so it never changes its meaning."""

    KNOWN = "known"
    """Both sides stay as they are; the same difference is not listed again."""
    BOOKED = "booked"
    """The desk's books take in what the broker says."""
    TERMS_TAKEN = "terms_taken"
    """The order here takes the broker's terms."""
    TERMS_SENT = "terms_sent"
    """The broker is asked for the desk's terms again."""
    CANCELLED = "cancelled"
    """The order was cancelled, as the next four say how else it ended or stands."""
    FILLED = "filled"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WORKING = "working"


R = Resolution
CHOICES: Final[dict[DifferenceKind, tuple[Resolution, ...]]] = {
    DifferenceKind.FOREIGN_ORDER: (R.KNOWN,),
    DifferenceKind.FOREIGN_EXECUTION: (R.BOOKED, R.KNOWN),
    DifferenceKind.ORDER_LOST: (R.CANCELLED, R.FILLED, R.REJECTED, R.EXPIRED, R.WORKING),
    DifferenceKind.ORDER_ALIVE: (R.KNOWN,),
    DifferenceKind.TERMS: (R.TERMS_TAKEN, R.TERMS_SENT, R.KNOWN),
    DifferenceKind.CONTRADICTION: (R.KNOWN,),
    DifferenceKind.POSITION: (R.BOOKED, R.KNOWN),
    DifferenceKind.CASH: (R.BOOKED, R.KNOWN),
}
"""The sensible decisions for each kind, the usual one first."""
