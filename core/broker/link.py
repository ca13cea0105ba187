"""Words for how a broker's side stands; they are stored, so they never change their meaning."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

SILENT_MS: Final = 15_000
"""The owner of a connection says at least so often that it lives."""


class Link(StrEnum):
    """How the connection stands."""

    OFF = "off"
    CONNECTED = "connected"
    STALE = "stale"


class DifferenceKind(StrEnum):
    """What does not agree."""

    FOREIGN_ORDER = "foreign_order"
    FOREIGN_EXECUTION = "foreign_execution"
    ORDER_LOST = "order_lost"
    ORDER_ALIVE = "order_alive"
    TERMS = "terms"
    CONTRADICTION = "contradiction"
    POSITION = "position"
    CASH = "cash"
