"""What an account is made of: records that never change. A correction is a new revision with the same id."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.errors import LedgerError


@dataclass(frozen=True)
class Fill:
    """A trade of an instrument: `quantity` is positive for bought, negative for sold, at `price` each.

    `unit_value` is the money that one unit is worth per price of 1 (1 for shares). `fee` (positive: paid) is in the
    instrument's currency; a fee that comes later or in another currency is a `Charge`.
    """

    id: str
    time: int
    instrument: str
    currency: str
    quantity: Decimal
    price: Decimal
    unit_value: Decimal = Decimal(1)
    fee: Decimal = Decimal(0)
    revision: int = 0


@dataclass(frozen=True)
class Charge:
    """Money paid (positive) or received (negative) beside the trades: commission, swap, interest, data."""

    id: str
    time: int
    currency: str
    amount: Decimal
    instrument: str | None = None
    kind: str = "fee"
    revision: int = 0


@dataclass(frozen=True)
class Dividend:
    """`per_unit` money for every unit held at `time`; a short position pays it."""

    id: str
    time: int
    instrument: str
    currency: str
    per_unit: Decimal
    revision: int = 0


@dataclass(frozen=True)
class Split:
    """`new` units for every `old` ones (2 for 1; 1 for 10 is a reverse split). What the position cost stays."""

    id: str
    time: int
    instrument: str
    new: int
    old: int
    revision: int = 0


@dataclass(frozen=True)
class Funding:
    """Money paid in (positive) or taken out (negative) by the owner."""

    id: str
    time: int
    currency: str
    amount: Decimal
    revision: int = 0


@dataclass(frozen=True)
class Exchange:
    """Money of one currency for money of another; both negative where it is the other way round."""

    id: str
    time: int
    sold_currency: str
    sold: Decimal
    bought_currency: str
    bought: Decimal
    revision: int = 0


Record = Fill | Charge | Dividend | Split | Funding | Exchange


def in_order(records: Iterable[Record]) -> list[Record]:
    """The records that count, by (time, id): each id once, in its highest revision, however often it arrived.

    Raises:
        LedgerError: one id and revision came with two contents; `subject` is both.
    """
    newest: dict[str, Record] = {}
    for one in records:
        known = newest.setdefault(one.id, one)
        if one.revision == known.revision and one != known:
            raise LedgerError(
                f"Record {one.id} came with two contents: the source has to say which holds.", (known, one)
            )
        if one.revision > known.revision:
            newest[one.id] = one
    return sorted(newest.values(), key=lambda one: (one.time, one.id))
