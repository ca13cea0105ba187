"""What trades still cost until they are closed, as the room before the click counts it: estimates, and called so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func
from sqlmodel import Session, col, select

from core.broker import Commission
from core.challenge.room import Fees
from core.risk import exact
from db.models import Symbol, Trade, TradeFill
from db.store.orders.costs import costs_for

_NONE = Decimal(0)


@dataclass(frozen=True)
class Commissions:
    """Commission of an order that opens and of the stop that closes, at these values of one unit in money."""

    commission: Commission
    entry: Decimal
    stop: Decimal

    def of(self, quantity: Decimal) -> Decimal:
        """Both together for `quantity` units."""
        return sum((self.commission.total(quantity, quantity * value) for value in (self.entry, self.stop)), _NONE)


def there_and_back(fee: Decimal) -> Fees:
    """The fee that a fill cost and as much again for its exit; a credit is not counted on."""
    return Fees(fixed=2 * max(_NONE, fee))


def commissions(session: Session, symbol: Symbol, entry: float, stop: float | None) -> Commissions:
    """What an order between these prices costs by the paper broker's costs, which stand in for any other broker's."""
    model = costs_for(session, symbol, volumes=False)
    values = [exact(price) * model.unit_value for price in (entry, entry if stop is None else stop)]
    return Commissions(model.commission, *values)


def exit_fees(session: Session, trades: Sequence[Trade]) -> dict[int, Decimal]:
    """What closing each of these open trades may cost, by its id: as much as the entry of what is open did."""
    ids = [trade.id for trade in trades]
    paid = select(col(TradeFill.trade_id), func.sum(col(TradeFill.fee)))
    paid = paid.where(col(TradeFill.trade_id).in_(ids), TradeFill.kind == "entry").group_by(col(TradeFill.trade_id))
    known = {trade_id: fee for trade_id, fee in session.execute(paid)} if ids else {}
    return {
        trade.id or 0: max(_NONE, known.get(trade.id or 0) or _NONE) * trade.open_quantity / trade.quantity
        for trade in trades
    }
