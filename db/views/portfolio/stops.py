"""An open trade as the position it is part of is judged by: its value, its stop, and what that would leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from core.risk import exact, profit
from db.models import CorporateAction, Trade
from db.store.moments import to_ms
from db.store.portfolio.records import factor


@dataclass(frozen=True)
class OpenTrade:
    """In today's units, by the splits since it was opened; amounts in the symbol's currency, by the trade's own value.

    `at_stop` is what the whole rest would make between entry and stop (negative: a loss), `to_stop` what would be lost
    between the last price and the stop; `distance` is that way as a share of the price. `r_at_risk` is what the stop
    still loses in units of the first risk, 0 where it is beyond the entry. None where there is no stop or no price.
    """

    trade_id: int
    direction: int
    quantity: Decimal
    entry: float
    stop: float | None
    strategy: str | None
    value: Decimal | None
    at_stop: Decimal | None
    to_stop: Decimal | None
    distance: float | None
    r_at_risk: float | None


def open_trade(
    trade: Trade,
    strategy: str | None,
    price: float | None,
    actions: Sequence[CorporateAction],
    now_ms: int,
) -> OpenTrade:
    """`price` is the last one known."""
    grown = factor(actions, trade.symbol_id, to_ms(trade.opened_at), now_ms)
    quantity = _decimal(Fraction(trade.open_quantity) * grown)
    entry = float(trade.entry_price / grown)
    stop = None if trade.stop is None else float(trade.stop / grown)
    gain = None if stop is None else profit(trade.direction, entry, stop, quantity, trade.point_value)
    lost = None if gain is None else max(Decimal(0), -gain) * trade.fx_rate
    back = None
    if stop is not None and price is not None:
        back = -profit(trade.direction, price, stop, quantity, trade.point_value)
    return OpenTrade(
        trade_id=trade.id or 0,
        direction=trade.direction,
        quantity=quantity,
        entry=entry,
        stop=stop,
        strategy=strategy,
        value=None if price is None else trade.direction * quantity * exact(price) * trade.point_value,
        at_stop=gain,
        to_stop=back,
        distance=None if price is None or stop is None else trade.direction * (price - stop) / price,
        r_at_risk=None if lost is None or not trade.risk else float(lost / trade.risk),
    )


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
