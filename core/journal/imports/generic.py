"""A table of one's own: which column is which is guessed from the headings, or said by the person."""

from __future__ import annotations

from typing import Final

from core.journal.imports.rows import ZERO, Deal, Parsed, RowError
from core.journal.imports.table import Row, plain_name

NAME: Final = "table"
FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "time": ("time", "date time", "datetime", "date", "executed at", "execution time", "exec time", "timestamp"),
    "symbol": ("symbol", "ticker", "instrument", "market", "pair", "contract"),
    "side": ("side", "action", "type", "direction", "buy sell", "b s"),
    "quantity": ("quantity", "qty", "size", "volume", "shares", "lots", "amount"),
    "price": ("price", "fill price", "avg price", "execution price", "rate"),
    "fee": ("fee", "fees", "commission", "commissions", "comm"),
    "id": ("id", "execution id", "exec id", "trade id", "fill id", "ticket"),
    "swap": ("swap", "rollover", "financing"),
    "currency": ("currency",),
}
"""Fields of an execution, each with the headings it goes by."""
NEEDED: Final = ("time", "symbol", "side", "quantity", "price")


def mapping_of(columns: dict[str, int], given: dict[str, str] | None) -> dict[str, str]:
    """Field -> column of the table, as the person says and else as the headings suggest."""
    said = {field: plain_name(heading) for field, heading in (given or {}).items()}
    found = {field: next((name for name in names if name in columns), "") for field, names in FIELDS.items()}
    return {field: name for field, name in (found | said).items() if name in columns}


def matches(columns: dict[str, int], given: dict[str, str] | None) -> bool:
    return set(NEEDED) <= set(mapping_of(columns, given))


def take(parsed: Parsed, row: Row) -> bool:
    """Read one execution. A fee is a cost whatever its sign."""
    columns = mapping_of(row.columns, row.options.mapping)
    quantity = row.number(columns["quantity"])
    if quantity == 0:
        raise RowError("the quantity is 0")
    parsed.deals.append(
        Deal(
            line=row.line.number,
            told=row.text(columns["time"]),
            id=row.text(columns["id"]) if "id" in columns else "",
            symbol=row.need(columns["symbol"]),
            side=row.side(columns["side"]),
            quantity=abs(quantity),
            price=row.positive(columns["price"]),
            at=row.moment(columns["time"]),
            fee=abs(row.amount(columns["fee"])) if "fee" in columns else ZERO,
            swap=-row.amount(columns["swap"]) if "swap" in columns else ZERO,
            currency=row.text(columns["currency"]).upper() if "currency" in columns else "",
        )
    )
    return True
