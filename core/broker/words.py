"""What a broker's side says, as it is stored for a person to judge, and back again when the person accepts it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from core.orders import OrderType, Side, Terms
from core.risk import plain

_TIME: Final = "%Y-%m-%d %H:%M:%S"
_DEAL: Final = re.compile(r"(buy|sell) (\S+) (.+) at (\S+), (\S+ \S+) UTC")
_ORDER: Final = re.compile(r"(BUY|SELL) (\S+) (MKT|LMT|STP|STP LMT)((?: [-\d.]+)*)")
_LEVELS: Final = {"MKT": (), "LMT": ("limit",), "STP": ("stop",), "STP LMT": ("limit", "stop")}
_TYPES: Final = {
    "MKT": OrderType.MARKET,
    "LMT": OrderType.LIMIT,
    "STP": OrderType.STOP,
    "STP LMT": OrderType.STOP_LIMIT,
}


@dataclass(frozen=True)
class StatedDeal:
    """A trade at the broker. `time` is UTC ms, to the second; `instrument` is the broker's name of what was traded."""

    side: Side
    quantity: Decimal
    instrument: str
    price: Decimal
    time: int


def deal_words(deal: StatedDeal) -> str:
    """`buy 10 AAPL.STK.USD at 100.5, 2026-11-20 14:30:00 UTC`."""
    moment = datetime.fromtimestamp(deal.time // 1000, UTC)
    what = f"{plain(deal.quantity)} {deal.instrument} at {plain(deal.price)}"
    return f"{deal.side.name.lower()} {what}, {moment:{_TIME}} UTC"


def read_deal(words: str) -> StatedDeal | None:
    """The trade that `deal_words` wrote; None for anything else."""
    found = _DEAL.fullmatch(words)
    if found is None:
        return None
    side, quantity, instrument, price, moment = found.groups()
    time = int(datetime.strptime(moment, _TIME).replace(tzinfo=UTC).timestamp()) * 1000
    return StatedDeal(Side[side.upper()], Decimal(quantity), instrument, Decimal(price), time)


def order_words(action: str, quantity: Decimal, kind: str, levels: Sequence[Decimal]) -> str:
    """An order in the gateway's terms: `BUY 10 LMT 99.5`."""
    return " ".join([action, plain(quantity), kind, *(plain(level) for level in levels)])


def read_terms(words: str, ours: Terms) -> Terms | None:
    """Our terms with the quantity and the prices that `order_words` wrote; None when side or type are others, or when
    it is an order whose prices move by themselves.
    """
    found = _ORDER.fullmatch(words)
    if found is None or Side[found[1]] is not ours.side or _TYPES[found[3]] is not ours.type:
        return None
    names, levels = _LEVELS[found[3]], found[4].split()
    if len(names) != len(levels):
        return None
    changed: dict[str, float] = dict(zip(names, map(float, levels), strict=True))
    return replace(ours, quantity=Decimal(found[2]), limit=changed.get("limit"), stop=changed.get("stop"))
