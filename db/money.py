"""Exact money and quantities on both data bases."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from sqlalchemy import BigInteger, Numeric
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

SCALE = 8
_UNIT = Decimal(10) ** -SCALE
_LIMIT = Decimal(2**63) * _UNIT


def storable(value: Decimal) -> bool:
    """Whether a money column holds this amount as something other than zero."""
    return value.is_finite() and _UNIT <= abs(value) < _LIMIT


class Money(TypeDecorator[Decimal]):
    """Decimal with eight places: NUMERIC(20, 8) on PostgreSQL, a scaled 64-bit integer on SQLite.

    SQLite would otherwise keep a Decimal as a REAL and lose cents without a word. Sums and comparisons stay exact in
    SQL on both; a sum on SQLite comes back through the same type when the expression keeps it.
    """

    impl = Numeric(20, SCALE)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(Numeric(20, SCALE))

    def process_bind_param(self, value: Decimal | int | str | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        exact = Decimal(value).quantize(_UNIT, rounding=ROUND_HALF_EVEN)
        if not exact.is_finite() or abs(exact) >= _LIMIT:
            raise ValueError(f"{value} does not fit a money column")
        return int(exact.scaleb(SCALE)) if dialect.name == "sqlite" else exact

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        return Decimal(int(value)).scaleb(-SCALE) if dialect.name == "sqlite" else Decimal(value)
