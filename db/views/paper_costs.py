"""What trading on paper costs on a symbol now, and by which close to reckon it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from db.models import Symbol
from db.store.orders.costs import PaperCosts, asset_class, counts_volume, default_costs, own_costs
from db.store.orders.market import Last, last_bar
from db.store.symbols import get_symbol


@dataclass(frozen=True)
class CostsNow:
    """`own` is what a person set (None: nothing), `default` what holds for the asset class. `bounded` says whether a
    bar's volume bounds what a new order gets of it; `last` is None without a bar.
    """

    symbol: Symbol
    asset_class: str
    own: PaperCosts | None
    default: PaperCosts
    bounded: bool
    last: Last | None

    @property
    def costs(self) -> PaperCosts:
        """What holds."""
        return self.own or self.default


def costs_now(session: Session, symbol_id: int) -> CostsNow:
    """The costs of a symbol.

    Raises:
        NotFoundError: there is no such symbol.
    """
    symbol = get_symbol(session, symbol_id)
    return CostsNow(
        symbol,
        asset_class(symbol),
        own_costs(session, symbol),
        default_costs(symbol),
        counts_volume(session, symbol),
        last_bar(session, symbol),
    )
