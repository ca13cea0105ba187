"""What trading on paper costs on a symbol: sensible defaults by asset class, changed by hand where they are not."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from math import isfinite
from statistics import median
from typing import Any, Final

from sqlmodel import Session, col, select

from core.broker import Commission, Costs
from core.errors import DeskError
from core.orders import Side
from core.risk import exact, plain
from core.timeframe import Calendar
from db.conflict import insert_for
from db.models import Bar, Setting, Symbol

KEY: Final = "paper_costs"
MAX_BPS: Final = 1_000.0
_ALL: Final = 100
_BPS: Final = ("spread_bps", "slippage_bps", "basis_points")
_WORDS: Final = {
    "spread_ticks": "spread in ticks",
    "spread_bps": "spread in basis points",
    "slippage_bps": "slippage in basis points",
    "per_unit": "commission per unit",
    "basis_points": "commission in basis points",
    "minimum": "least commission",
    "maximum_percent": "greatest commission",
    "per_order": "commission per order",
}
VOLUMES: Final = 200
"""The newest bars, by which it is found what a volume counts."""


@dataclass(frozen=True)
class PaperCosts:
    """What a person may set. `spread_ticks` and `spread_bps` add up; `volume_share` (0 to 1) is the part of a bar's
    volume that one's orders may take, None: as much as wanted. Commissions as in `core.broker.Commission`.
    """

    spread_ticks: float = 1.0
    spread_bps: float = 0.0
    slippage_bps: float = 0.0
    volume_share: float | None = None
    per_unit: float = 0.0
    basis_points: float = 0.0
    minimum: float = 0.0
    maximum_percent: float | None = None
    per_order: float = 0.0


_STOCK: Final = PaperCosts(1, 1.0, 1.0, 0.1, per_unit=0.005, minimum=1.0, maximum_percent=1.0)
_DEFAULTS: Final = {
    "stock": _STOCK,
    "etf": _STOCK,
    "fx": PaperCosts(0, 0.8, 0.2, None, basis_points=0.2, minimum=2.0),
    "crypto": PaperCosts(1, 1.0, 2.0, 0.1, basis_points=10.0),
    "future": PaperCosts(1, 0.0, 0.5, 0.1, per_unit=2.25),
    "index": PaperCosts(1, 1.0, 0.5, None),
    "bond": PaperCosts(1, 2.0, 1.0, None, basis_points=1.0, minimum=1.0),
}
_BY_CALENDAR: Final = {Calendar.US_STOCKS: "stock", Calendar.FX: "fx", Calendar.UTC: "crypto"}


def asset_class(symbol: Symbol) -> str:
    """What the symbol is, guessed from its calendar when nobody has said."""
    return symbol.asset_class or _BY_CALENDAR[Calendar(symbol.calendar)]


def default_costs(symbol: Symbol) -> PaperCosts:
    """What holds for its asset class."""
    return _DEFAULTS.get(asset_class(symbol), PaperCosts())


def own_costs(session: Session, symbol: Symbol) -> PaperCosts | None:
    """What a person set for a symbol; None when those of its asset class hold."""
    setting = session.get(Setting, KEY)
    own = setting.value.get(symbol.name) if setting is not None and isinstance(setting.value, dict) else None
    return None if own is None else replace(default_costs(symbol), **own)


def paper_costs(session: Session, symbol: Symbol) -> PaperCosts:
    """What holds for a symbol: its own, else those of its asset class."""
    return own_costs(session, symbol) or default_costs(symbol)


def costs_for(session: Session, symbol: Symbol, *, volumes: bool) -> Costs:
    """The market of a symbol as the paper broker sees it; `volumes`: whether a bar's volume bounds what it fills."""
    return market_of(symbol, paper_costs(session, symbol), volumes=volumes)


def market_of(symbol: Symbol, costs: PaperCosts, *, volumes: bool) -> Costs:
    """The same with these costs, whether they hold or are only thought of."""
    return Costs(
        spread=costs.spread_ticks * symbol.tick_size,
        spread_bps=costs.spread_bps,
        slippage_bps=costs.slippage_bps,
        tick=exact(symbol.tick_size),
        lot_step=symbol.lot_step,
        volume_share=costs.volume_share if volumes else None,
        unit_value=symbol.point_value,
        commission=Commission(
            per_unit=exact(costs.per_unit),
            basis_points=exact(costs.basis_points),
            minimum=exact(costs.minimum),
            maximum_percent=None if costs.maximum_percent is None else exact(costs.maximum_percent),
            per_order=exact(costs.per_order),
        ),
    )


def counts_volume(session: Session, symbol: Symbol) -> bool:
    """Whether the share of a usual bar's volume is at least a lot. Else the bars count something else than what is
    traded, or nothing, and by them no order would ever be filled.
    """
    share = paper_costs(session, symbol).volume_share
    query = select(Bar.volume).where(Bar.symbol_id == symbol.id, Bar.timeframe == symbol.base_timeframe)
    found = session.exec(query.order_by(col(Bar.time).desc()).limit(VOLUMES)).all()
    return share is not None and bool(found) and median(found) * share >= symbol.lot_step


def lock_costs(session: Session, now: datetime) -> Setting:
    """The row with everybody's costs, read anew and held until the end of the transaction."""
    first = insert_for(session, Setting).values(key=KEY, value={}, updated_at=now)
    session.execute(first.on_conflict_do_nothing(index_elements=["key"]))
    return session.get_one(Setting, KEY, with_for_update=True, populate_existing=True)


def put_costs(session: Session, symbol: Symbol, costs: PaperCosts | None, now: datetime) -> None:
    """Keep costs of its own for a symbol; None: those of its asset class again.

    Raises:
        DeskError: a figure that cannot be.
    """
    if costs is not None:
        check_costs(costs)
    setting = lock_costs(session, now)
    kept: dict[str, Any] = dict(setting.value or {})
    kept.pop(symbol.name, None)
    setting.value = kept if costs is None else kept | {symbol.name: asdict(costs)}
    setting.updated_at = now
    session.add(setting)


def check_costs(costs: PaperCosts) -> None:
    """Raises DeskError for a figure that is negative, no number, or out of all proportion."""
    for name, value in asdict(costs).items():
        words = _WORDS.get(name, name.replace("_", " "))
        if value is not None and not 0 <= value < float(Decimal(10) ** 6):
            raise DeskError(f"The {words} cannot be {_plain(value)}: enter 0 or more, and less than 1,000,000.", name)
        if value is not None and name in _BPS and value > MAX_BPS:
            raise DeskError(f"The {words} cannot be {_plain(value)}: enter at most {MAX_BPS:,g}.", name)
    if costs.volume_share is not None and not 0 < costs.volume_share <= 1:
        raise DeskError(f"The volume share cannot be {_plain(costs.volume_share * 100)} %: enter more than 0 and at "
                        "most 100, or nothing for as much as wanted.", "volume_share")  # fmt: skip
    if costs.maximum_percent is not None and costs.maximum_percent > _ALL:
        raise DeskError(f"The greatest commission cannot be {_plain(costs.maximum_percent)} % of the value: enter at "
                        "most 100, or nothing for no limit.", "maximum_percent")  # fmt: skip


def check_price(symbol: Symbol, costs: PaperCosts, price: float) -> None:
    """Raises DeskError for costs with which a sale would pay nothing where the market stands at `price`."""
    if market_of(symbol, costs, volumes=False).market_fill(price, Side.SELL) <= 0:
        told = f"With these costs a sale of {symbol.name} at its last close, {plain(exact(price))}, would pay nothing"
        raise DeskError(f"{told}: enter a smaller spread.", "spread_ticks")


def _plain(value: float) -> str:
    return plain(exact(value)) if isfinite(value) else str(value)
