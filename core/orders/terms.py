"""What an order asks for."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum, StrEnum


class Side(IntEnum):
    """The sign of the quantity that a fill adds to the position."""

    BUY = 1
    SELL = -1

    @property
    def opposite(self) -> Side:
        """The side that closes what this one opens."""
        return Side(-self)


class OrderType(StrEnum):
    """How an order waits for its price. A stop becomes a market order, a stop-limit a limit order, when it is touched.

    A trailing stop follows the price at a fixed distance and never goes back.
    """

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    TRAILING_STOP = "trailing_stop"

    @property
    def has_limit(self) -> bool:
        """Whether it never trades at a worse price than its limit."""
        return self in (OrderType.LIMIT, OrderType.STOP_LIMIT)

    @property
    def has_stop(self) -> bool:
        """Whether it needs a stop price."""
        return self in (OrderType.STOP, OrderType.STOP_LIMIT)


class TimeInForce(StrEnum):
    """How long an order works: this session, until cancelled, until a date, or at once (IOC: in part, FOK: whole)."""

    DAY = "DAY"
    GTC = "GTC"
    GTD = "GTD"
    IOC = "IOC"
    FOK = "FOK"

    @property
    def at_once(self) -> bool:
        """Whether what does not trade at the first price is cancelled."""
        return self in (TimeInForce.IOC, TimeInForce.FOK)


@dataclass(frozen=True)
class Terms:
    """One order as a broker is given it.

    `quantity` is positive, in units of the symbol. `limit` and `stop` are prices. A trailing stop has exactly one of
    `trail` (a price distance) and `trail_percent`; its `stop`, if given, is where it starts, else it starts that far
    from the first price it sees. `until` (UTC ms) ends a DAY or GTD order. Orders of one `oca` group cancel each other:
    what one fills, the others lose.
    """

    side: Side
    quantity: Decimal
    type: OrderType = OrderType.MARKET
    limit: float | None = None
    stop: float | None = None
    trail: float | None = None
    trail_percent: float | None = None
    tif: TimeInForce = TimeInForce.GTC
    until: int | None = None
    oca: str = ""
