"""Executions to trades: by the broker's position where it names one, else by netting each symbol from flat to flat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from core.journal.imports.rows import ZERO, Deal
from core.risk import exact

_UNIT = Decimal("0.00000001")


@dataclass
class Holding:
    """A trade as far as it is known: `known` names one that the journal has (with what is open of it), `deals` are the
    executions that are added to it. `direction` is +1 or -1. `point_value` counts where the file states no
    multiplier.
    """

    symbol: str
    position: str
    direction: int
    size: Decimal = ZERO
    average: Fraction = Fraction(0)
    known: int | None = None
    point_value: Decimal | None = None
    deals: list[Deal] = field(default_factory=list)

    @property
    def over(self) -> bool:
        return self.size == 0

    def add(self, deal: Deal) -> None:
        """Take an execution in. An exit whose money depends on a rate is stated here."""
        if deal.side == self.direction:
            worth = self.average * Fraction(self.size) + Fraction(deal.price) * Fraction(deal.quantity)
            self.size += deal.quantity
            self.average = worth / Fraction(self.size)
        else:
            if deal.stated is None and deal.rate not in {None, Decimal(1)}:
                deal = replace(deal, stated=self._gross(deal))
            self.size -= deal.quantity
        self.deals.append(deal)

    def _gross(self, deal: Deal) -> Decimal:
        move = self.direction * (Fraction(deal.price) - self.average) * Fraction(deal.quantity)
        money = move * Fraction(deal.multiplier or self.point_value or 1) * Fraction(deal.rate or 1)
        return Decimal(round(money / Fraction(_UNIT))) * _UNIT


def into_trades(
    deals: Iterable[Deal], open_trades: Sequence[Holding], values: Mapping[str, Decimal] | None = None
) -> tuple[list[Holding], list[tuple[Deal, str]]]:
    """Every holding that gained an execution, in the order of its first one, and the executions that fit nowhere.

    `open_trades` are those that the journal has: executions go on with them. An execution that closes more than is open
    is cut in two: the rest opens a trade the other way. `values` are the point values of symbols (in lower case), as
    far as they are known.
    """
    open_by = {holding_key(one.symbol, one.position): one for one in open_trades}
    touched: list[Holding] = []
    misfits: list[tuple[Deal, str]] = []
    # At one instant the given order counts, but what opens a named position comes before what closes it.
    for deal in sorted(deals, key=lambda one: (one.at, one.position != "" and one.id.endswith(":out"))):
        for part in _parts(deal, open_by.get(holding_key(deal.symbol, deal.position))):
            key = holding_key(part.symbol, part.position)
            holding = open_by.get(key)
            if holding is None:
                if part.position and part.id.endswith(":out"):
                    misfits.append((part, "it closes a position whose opening is missing"))
                    continue
                value = (values or {}).get(part.symbol.lower())
                holding = open_by[key] = Holding(part.symbol, part.position, part.side, point_value=value)
            if not holding.deals:
                touched.append(holding)
            holding.add(part)
            if holding.over:
                del open_by[key]
    return touched, misfits


def implied_value(holdings: Iterable[Holding]) -> Decimal | None:
    """The money a unit gains per point, as the results that the broker states imply it (median); None without any."""
    found = []
    for holding in holdings:
        entries = [deal for deal in holding.deals if deal.side == holding.direction]
        for deal in holding.deals:
            move = sum((entry.price for entry in entries), ZERO) / len(entries) if entries else ZERO
            distance = (deal.price - move) * holding.direction * deal.quantity
            if deal.side != holding.direction and deal.stated and distance and deal.stated / distance > 0:
                found.append(deal.stated / distance)
    if not found:
        return None
    middle = sorted(found)[len(found) // 2]
    # A broker rounds results to cents: four figures are what such a quotient is good for.
    return Decimal(f"{middle:.4g}").quantize(_UNIT)


def known_holding(
    symbol: str, position: str, direction: int, size: Decimal, average: float, trade_id: int, point_value: Decimal
) -> Holding:
    """A trade of the journal that is still open."""
    return Holding(symbol, position, direction, size, Fraction(exact(average)), trade_id, point_value)


def holding_key(symbol: str, position: str) -> tuple[str, str]:
    """What executions net by: the position that the broker names, else the symbol."""
    return ("", position) if position else (symbol.lower(), "")


def _parts(deal: Deal, holding: Holding | None) -> list[Deal]:
    """The execution, or the part that closes and the part that opens the other way."""
    if holding is None or deal.position or deal.side == holding.direction or deal.quantity <= holding.size:
        return [deal]
    share = holding.size / deal.quantity
    fee, swap = ((value * share).quantize(_UNIT) for value in (deal.fee, deal.swap))
    first = replace(deal, quantity=holding.size, fee=fee, swap=swap)
    rest = replace(
        deal, quantity=deal.quantity - holding.size, fee=deal.fee - fee, swap=deal.swap - swap, stated=None,
        id=f"{deal.id}:rest",
    )  # fmt: skip
    return [first, rest]
