"""Terms of an order as a row and as JSON keep them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core.orders import OrderType, Side, Terms, TimeInForce
from db.models import BrokerOrder


def terms_of(row: BrokerOrder) -> Terms:
    """What the order asks for."""
    return Terms(
        Side(row.side), row.quantity, OrderType(row.type), row.limit_price, row.stop_price, row.trail,
        row.trail_percent, TimeInForce(row.tif), row.until, row.oca,
    )  # fmt: skip


def put_terms(row: BrokerOrder, terms: Terms) -> None:
    """Let the row ask for `terms`."""
    row.side, row.type, row.quantity = int(terms.side), terms.type.value, terms.quantity
    row.limit_price, row.stop_price = terms.limit, terms.stop
    row.trail, row.trail_percent = terms.trail, terms.trail_percent
    row.tif, row.until, row.oca = terms.tif.value, terms.until, terms.oca


def to_json(terms: Terms) -> dict[str, Any]:
    """Terms as JSON types: sums and enumerations as text."""
    return {
        "side": int(terms.side),
        "quantity": str(terms.quantity),
        "type": terms.type.value,
        "limit": terms.limit,
        "stop": terms.stop,
        "trail": terms.trail,
        "trail_percent": terms.trail_percent,
        "tif": terms.tif.value,
        "until": terms.until,
        "oca": terms.oca,
    }


def from_json(stored: dict[str, Any]) -> Terms:
    """What `to_json` wrote."""
    return Terms(
        Side(stored["side"]), Decimal(stored["quantity"]), OrderType(stored["type"]), stored["limit"], stored["stop"],
        stored["trail"], stored["trail_percent"], TimeInForce(stored["tif"]), stored["until"], stored["oca"],
    )  # fmt: skip
