"""What trading costs: spread, slippage, commission, and how much of a bar's volume one may take."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Final

from core.orders import Side
from core.risk import exact

BASIS: Final = 10_000
CENT: Final = Decimal("0.01")
# Prices are computed in float64: what differs by less than this is the same price.
DIGITS: Final = 9


@dataclass(frozen=True)
class Commission:
    """Money for one order: `per_unit` for each unit plus `basis_points` of its value, at least `minimum` an order and
    at most `maximum_percent` of its value (None: no limit), plus `per_order`; rounded to cents.

    Shares at Interactive Brokers, fixed: per_unit 0.005, minimum 1, maximum_percent 1.
    """

    per_unit: Decimal = Decimal(0)
    basis_points: Decimal = Decimal(0)
    minimum: Decimal = Decimal(0)
    maximum_percent: Decimal | None = None
    per_order: Decimal = Decimal(0)

    def total(self, quantity: Decimal, value: Decimal) -> Decimal:
        """Commission of an order that has traded `quantity` worth `value`; 0 before it has traded."""
        if not quantity:
            return Decimal(0)
        asked = max(self.minimum, quantity * self.per_unit + value * self.basis_points / BASIS)
        if self.maximum_percent is not None:
            asked = min(asked, value * self.maximum_percent / 100)
        return (asked + self.per_order).quantize(CENT, ROUND_HALF_EVEN)


@dataclass(frozen=True)
class SideCost:
    """What one side of a trade costs: the price at which it fills, and in money what spread, slippage and the rounding
    to a tick take, and the commission.
    """

    price: Decimal
    market: Decimal
    commission: Decimal


@dataclass(frozen=True)
class Costs:
    """The market as the paper broker sees it. Bars are middle prices.

    `spread` (a price) and `spread_bps` (of the price) add up to the distance between bid and ask; buys trade at the
    ask, sells at the bid. `slippage_bps` worsens what trades without a limit. Prices are multiples of `tick`, rounded
    against the order. `volume_share` is the part of a bar's volume that all orders together may take, in whole lots of
    `lot_step` (None: as much as wanted, for bars without a volume). `unit_value` turns price times quantity into money.
    """

    spread: float = 0.0
    spread_bps: float = 0.0
    slippage_bps: float = 0.0
    tick: Decimal = CENT
    lot_step: Decimal = Decimal(1)
    volume_share: float | None = None
    unit_value: Decimal = Decimal(1)
    commission: Commission = field(default_factory=Commission)

    def quote(self, middle: float, side: Side) -> float:
        """What one pays (ask) or gets (bid) when the middle is there."""
        return round(middle + side * (self.spread / 2 + middle * self.spread_bps / (2 * BASIS)), DIGITS)

    def slipped(self, price: float, side: Side) -> float:
        """`price` after slippage against the order."""
        return price + side * price * self.slippage_bps / BASIS

    def on_tick(self, price: float, side: Side) -> Decimal:
        """The nearest price on a tick that is not better for the order."""
        rounding = ROUND_CEILING if side is Side.BUY else ROUND_FLOOR
        ticks = (exact(round(price, DIGITS)) / self.tick).to_integral_value(rounding)
        return (ticks * self.tick).quantize(self.tick)

    def market_fill(self, middle: float, side: Side) -> Decimal:
        """What an order without a limit fills at when the middle is there."""
        return self.on_tick(self.slipped(self.quote(middle, side), side), side)

    def side_cost(self, quantity: Decimal, middle: float, side: Side) -> SideCost:
        """What such an order of `quantity` units costs, filled at once and whole."""
        price = self.market_fill(middle, side)
        lost = (price - exact(middle)) * int(side) * quantity * self.unit_value
        return SideCost(price, lost, self.commission.total(quantity, quantity * price * self.unit_value))

    def capacity(self, volume: float) -> Decimal | None:
        """Units that one bar may give; None without a limit."""
        if self.volume_share is None:
            return None
        lots = (exact(volume) * exact(self.volume_share) / self.lot_step).to_integral_value(ROUND_FLOOR)
        return (lots * self.lot_step).quantize(self.lot_step)
