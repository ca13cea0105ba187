"""The costs of paper trading as the fields of a form, there and back, and in words. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from decimal import ROUND_CEILING, Decimal
from typing import Final

from core.broker import SideCost
from core.orders import Side
from core.risk import exact, plain
from dashboard.challenge.form import number
from dashboard.components import formats
from db.models import Symbol
from db.store.orders.costs import PaperCosts, market_of

MARKET: Final = ("spread_ticks", "spread_bps", "slippage_bps", "volume_share")
COMMISSION: Final = ("per_unit", "basis_points", "minimum", "maximum_percent", "per_order")
FIELDS: Final = (*MARKET, *COMMISSION)
OPTIONAL: Final = {"volume_share": "As much as wanted", "maximum_percent": "No limit"}
"""Fields that may be empty, and what that means."""
CLASSES: Final = {
    "stock": "stocks", "etf": "ETFs", "fx": "currencies", "crypto": "crypto", "future": "futures", "index": "indices",
    "bond": "bonds",
}  # fmt: skip
UNITS: Final = Decimal(100)
_PERCENT: Final = Decimal(100)


def labels(symbol: Symbol) -> dict[str, str]:
    """What each field is called, with its unit."""
    money = symbol.currency
    return {
        "spread_ticks": f"Spread (ticks of {_tick(symbol)})",
        "spread_bps": "More spread (basis points)",
        "slippage_bps": "Slippage (basis points)",
        "volume_share": "Volume share (% of a bar)",
        "per_unit": f"Per unit ({money})",
        "basis_points": "Basis points of value",
        "minimum": f"At least ({money})",
        "maximum_percent": "At most (% of value)",
        "per_order": f"On top ({money})",
    }


def fields_of(costs: PaperCosts) -> dict[str, str]:
    """The text of each field; empty for what has no limit."""
    return {name: text(name, value) for name, value in asdict(costs).items()}


def text(name: str, value: float | None) -> str:
    """What stands in the field `name` for a value."""
    if value is None:
        return ""
    return plain(exact(value) * (_PERCENT if name == "volume_share" else 1))


def costs_of(fields: Mapping[str, str], symbol: Symbol) -> PaperCosts:
    """The costs that the fields say; whether they can be is asked of `db.store.orders.costs.check_costs`.

    Raises:
        ParameterError: a field is no number.
    """
    titles = labels(symbol)

    def limit(name: str) -> float | None:
        return _value(name, fields[name].strip(), titles[name])

    def cost(name: str) -> float:
        return limit(name) or 0.0

    return PaperCosts(
        spread_ticks=cost("spread_ticks"),
        spread_bps=cost("spread_bps"),
        slippage_bps=cost("slippage_bps"),
        volume_share=limit("volume_share"),
        per_unit=cost("per_unit"),
        basis_points=cost("basis_points"),
        minimum=cost("minimum"),
        maximum_percent=limit("maximum_percent"),
        per_order=cost("per_order"),
    )


def words(costs: PaperCosts, symbol: Symbol, *, bounded: bool) -> dict[str, str]:
    """What they are in words, by the title of each part. `bounded`: whether a bar's volume bounds what is filled."""
    spread = [f"{_figure(costs.spread_ticks)} tick{'' if costs.spread_ticks == 1 else 's'} of {_tick(symbol)}"]
    return {
        "Spread": _sum(spread if costs.spread_ticks else [], _basis(costs.spread_bps)) or "none",
        "Slippage": _sum([], _basis(costs.slippage_bps)) or "none",
        "Commission": _commission(costs, symbol.currency),
        "Volume": _volume(costs.volume_share, bounded=bounded),
    }


def worked_units(symbol: Symbol) -> Decimal:
    """A hundred units, or more where the lot is larger."""
    return (UNITS / symbol.lot_step).to_integral_value(ROUND_CEILING) * symbol.lot_step


def worked_line(costs: PaperCosts, symbol: Symbol, price: float) -> str:
    """What these costs come to, by the paper broker's own arithmetic, where the market stands at `price`."""
    units, market = worked_units(symbol), market_of(symbol, costs, volumes=False)
    buy, sell = (market.side_cost(units, price, side) for side in (Side.BUY, Side.SELL))
    close = formats.price(price, symbol.tick_size)
    commission = _sides(buy, sell, "commission", symbol.currency)
    lost = _sides(buy, sell, "market", symbol.currency)
    filled = f"A buy at market fills at {buy.price}, a sale at {sell.price}."
    return (
        f"{formats.quantity(units)} units at the last close, {close}, cost {commission} commission and {lost} "
        f"spread and slippage per side. {filled}"
    )


def _sides(buy: SideCost, sell: SideCost, name: str, currency: str) -> str:
    """The sum of either side; both where a tick makes them differ."""
    one, other = (formats.money(getattr(side, name)) for side in (buy, sell))
    return f"{one} {currency}" if one == other else f"{one} (sale: {other}) {currency}"


def _commission(costs: PaperCosts, currency: str) -> str:
    parts = [f"{_figure(costs.per_unit)} {currency} a unit"] if costs.per_unit else []
    of_value = [f"{one} of the value" for one in _basis(costs.basis_points)]
    told = " + ".join([*parts, *of_value])
    least = f"at least {_figure(costs.minimum)} {currency} an order" if costs.minimum else ""
    # Without a sum of its own the limit has nothing to hold down.
    limited = costs.maximum_percent is not None and (told or least)
    most = f"at most {_figure(costs.maximum_percent or 0)} % of the value" if limited else ""
    top = f"{_figure(costs.per_order)} {currency} an order on top" if costs.per_order else ""
    return ", ".join(one for one in (told, least, most, top) if one) or "none"


def _volume(share: float | None, *, bounded: bool) -> str:
    if share is None:
        return "as much of a bar as wanted"
    told = f"at most {plain(exact(share) * _PERCENT)} % of a bar's volume"
    return told if bounded else f"{told}; new orders get as much as wanted, for its bars count too little volume"


def _sum(*parts: list[str]) -> str:
    return " + ".join(one for part in parts for one in part)


def _basis(points: float) -> list[str]:
    return [f"{_figure(points)} basis point{'' if points == 1 else 's'}"] if points else []


def _figure(value: float) -> str:
    return plain(exact(value))


def _tick(symbol: Symbol) -> str:
    return formats.price(symbol.tick_size, symbol.tick_size)


def _value(name: str, text: str, title: str) -> float | None:
    if not text and name in OPTIONAL:
        return None
    value = number(text or "0", f"field '{title}'")
    return float(value / _PERCENT if name == "volume_share" else value)
