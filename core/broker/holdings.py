"""What is open of the trades in an instrument, and how an order's fills change it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from core.orders import Side

_NONE = Decimal(0)


class Effect(StrEnum):
    """What an order's fills do. `opens`: a position of its own. `nets`: they take off what is open the other way, the
    oldest first, and open what is left. `reduces`: they take off, and never open.
    """

    OPENS = "opens"
    NETS = "nets"
    REDUCES = "reduces"


@dataclass(frozen=True)
class Holding:
    """What is open of a trade: `quantity` units on `side`, opened at `opened` (UTC ms).

    `name` is the id of the order that opened it, or any other name where none did.
    """

    name: str
    side: Side
    quantity: Decimal
    opened: int


class Holdings:
    """Holdings of one instrument while they change, the oldest first."""

    def __init__(self, holdings: Iterable[Holding]) -> None:
        self._held = {one.name: one for one in sorted(holdings, key=_opened)}

    def __iter__(self) -> Iterator[Holding]:
        return iter(self._held.values())

    def of(self, name: str) -> Decimal:
        """Quantity held under a name."""
        return self._held[name].quantity if name in self._held else _NONE

    def against(self, side: Side) -> Decimal:
        """Quantity that orders of this side can take off."""
        return sum((one.quantity for one in self._held.values() if one.side is not side), _NONE)

    def take_off(self, side: Side, name: str | None, quantity: Decimal) -> Decimal:
        """Let a fill of this side close what is held under `name` (None: anything the other way, the oldest first);
        returns what is left of it.
        """
        for one in list(self._held.values()):
            if one.side is side or name not in (None, one.name):
                continue
            part = min(quantity, one.quantity)
            quantity -= part
            self._put(replace(one, quantity=one.quantity - part))
        return quantity

    def add(self, name: str, side: Side, quantity: Decimal, time: int) -> None:
        """Let a fill at `time` open a holding, or add to it."""
        known = self._held.get(name)
        if known is not None and known.side is side:
            self._put(replace(known, quantity=known.quantity + quantity))
        elif quantity:
            self._held = {one.name: one for one in sorted([*self, Holding(name, side, quantity, time)], key=_opened)}

    def _put(self, one: Holding) -> None:
        if one.quantity > 0:
            self._held[one.name] = one
        else:
            del self._held[one.name]


def _opened(one: Holding) -> int:
    return one.opened
