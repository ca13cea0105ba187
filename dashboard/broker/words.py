"""How the page says what the tables hold about a broker. Pure functions."""

from __future__ import annotations

from typing import Final

from core.broker.differences import Resolution
from core.broker.link import DifferenceKind, Link
from dashboard.components import formats
from db.views.broker import LinkView

K, R = DifferenceKind, Resolution
TONES: Final = {Link.CONNECTED: "up", Link.STALE: "warning", Link.OFF: ""}
KINDS: Final = {
    K.FOREIGN_ORDER: "Order not from here",
    K.FOREIGN_EXECUTION: "Trade not from here",
    K.ORDER_LOST: "Order unknown",
    K.ORDER_ALIVE: "Order still works there",
    K.TERMS: "Other terms",
    K.CONTRADICTION: "Contradiction",
    K.POSITION: "Position",
    K.CASH: "Cash",
}
_BOOKED: Final = {
    K.FOREIGN_EXECUTION: "Book the trade here",
    K.POSITION: "Book a trade that makes up the difference",
    K.CASH: "Book a cash adjustment",
}
_CHOICES: Final = {
    R.KNOWN: "It is known: leave both sides as they are",
    R.BOOKED: "Take over what the broker says",
    R.TERMS_TAKEN: "Take over the broker's terms",
    R.TERMS_SENT: "Ask the broker for the desk's terms again",
    R.CANCELLED: "It was cancelled",
    R.FILLED: "It was filled",
    R.REJECTED: "It was rejected",
    R.EXPIRED: "It expired",
    R.WORKING: "It works at the broker",
}


def state(link: LinkView) -> str:
    """`stale since 2026-11-20 14:05`."""
    if link.link is Link.STALE and link.since is not None:
        return f"stale since {formats.utc(link.since)}"
    return link.link.value


def choice(kind: DifferenceKind, resolution: Resolution) -> str:
    """What a decision does, as a person would say it."""
    return _BOOKED.get(kind, "") if resolution is R.BOOKED and kind in _BOOKED else _CHOICES[resolution]
