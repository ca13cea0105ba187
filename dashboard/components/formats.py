"""How figures are written on every page: tick decimals, signed money and R, UTC times. Pure functions."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TypeGuard

from core.timeframe import Timeframe

NOTHING = "-"
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


@lru_cache(maxsize=256)
def decimals(tick_size: float) -> int:
    """Decimals that a tick of 0.00001 or 0.25 needs (5 and 2)."""
    exponent = Decimal(str(tick_size)).normalize().as_tuple().exponent
    return max(0, -int(exponent))


def absent(value: object) -> bool:
    """None or NaN: how a data base and a frame write that there is nothing."""
    return value is None or value != value  # noqa: PLR0124  (only NaN differs from itself)


def present(value: Decimal | float | None) -> TypeGuard[Decimal | float]:
    """A number: neither None nor NaN."""
    return not absent(value)


def price(value: float | None, tick_size: float) -> str:
    return NOTHING if absent(value) else f"{value:.{decimals(tick_size)}f}"


def money(value: Decimal | float | None, currency: str = "", *, signed: bool = False) -> str:
    if not present(value):
        return NOTHING
    # `z`: what rounds to zero has no minus.
    said = f"{value:z,.2f}"
    sign = "+" if signed and value > 0 and said != "0.00" else ""
    return f"{sign}{said} {currency}".rstrip()


def multiple(value: float | None, *, signed: bool = True) -> str:
    """An R multiple: `+1.50 R`."""
    if absent(value):
        return NOTHING
    return f"{value:+z.2f} R" if signed else f"{value:z.2f} R"


def ratio(value: float | None) -> str:
    if absent(value):
        return NOTHING
    return "∞" if value == float("inf") else f"{value:.2f}"


def percent(value: float | Decimal | None, places: int = 0) -> str:
    """A share of 0..1 as a percentage."""
    return f"{float(value) * 100:z.{places}f} %" if present(value) else NOTHING


def quantity(value: Decimal) -> str:
    """Without trailing zeros: `0.03`, `12,500`."""
    return f"{value.normalize():,f}"


def utc(moment: int | datetime | None, *, seconds: bool = False) -> str:
    """`2026-03-02 14:05` from epoch ms or an aware datetime; the heading or caption beside it says UTC."""
    if moment is None:
        return NOTHING
    known = datetime.fromtimestamp(moment / 1000, UTC) if isinstance(moment, int) else moment.astimezone(UTC)
    return f"{known:%Y-%m-%d %H:%M:%S}" if seconds else f"{known:%Y-%m-%d %H:%M}"


def short_utc(moment: int, now: datetime) -> str:
    """`03-02 14:05` from epoch ms, or `2013-03-02` when it is of another year."""
    known = utc(moment)
    return known[5:] if known.startswith(f"{now:%Y}") else known[:10]


def age(seconds: float) -> str:
    """How long ago, in the one unit that matters."""
    passed = max(0, int(seconds))
    for unit, length in (("d", _DAY), ("h", _HOUR), ("min", _MINUTE)):
        if passed >= length:
            return f"{passed // length} {unit}"
    return f"{passed} s"


def duration(seconds: float) -> str:
    """How long a step took."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"


def side(direction: int) -> str:
    return "Long" if direction > 0 else "Short"


def timeframe(minutes: int) -> str:
    return Timeframe(minutes).name


def words(name: str) -> str:
    """`fair_value_gap` as people say it."""
    return name.replace("_", " ")
