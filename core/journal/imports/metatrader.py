"""Histories of MetaTrader 4 and 5: the HTML and XLSX reports of the terminal, and the same tables as CSV.

MetaTrader 4 lists orders: Ticket, Open Time, Type, Size, Item, Price, S / L, T / P, Close Time, Price, Commission,
Taxes, Swap, Profit; open ones have no close. MetaTrader 5 lists positions: Time, Position, Symbol, Type, Volume, Price,
S / L, T / P, Time, Price, Commission, Swap, Profit; and deals, of which the balance operations are read here. Costs are
negative in both. Times are those of the broker's server. The stop is the one in force at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from core.journal.imports.grid import Line
from core.journal.imports.rows import CashRow, Deal, Options, Parsed, RowError
from core.journal.imports.table import Row, columns_of, read_rows
from core.journal.imports.values import number

NAME = "metatrader"
_MT4 = {"ticket", "open time", "type", "item"}
_MT5 = {"time", "position", "symbol", "type", "volume", "time 2", "price 2"}
_MT5_OPEN = {"time", "position", "symbol", "type", "volume", "market price"}
_DEALS = {"time", "deal", "direction", "balance"}
_ORDERS = {"open time", "order", "state"}
_SIDES = {"buy", "sell"}
_PENDING = {"buy limit", "sell limit", "buy stop", "sell stop", "buy stop limit", "sell stop limit"}


def is_header(columns: dict[str, int]) -> bool:
    return set(columns) >= _MT4 or set(columns) >= _MT5


def read(lines: Sequence[Line], options: Options) -> Parsed:
    """Every table of the report that holds positions or balance operations."""
    parsed = Parsed(NAME)
    header: Line | None = None
    for line in lines:
        names = set(columns_of(line))
        if any(known <= names for known in (_MT4, _MT5, _MT5_OPEN, _DEALS, _ORDERS)):
            header = None if names >= _ORDERS else line
        elif header is None or len([cell for cell in line.cells if cell]) == 1 or _is_sum(line):
            parsed.ignored += 1
        else:
            read_rows(parsed, header, [line], options, lambda row: _take(parsed, row))
    return parsed


def _is_sum(line: Line) -> bool:
    """A line of totals, or of the summary below the tables: its first cell names no ticket and no time."""
    first = line.cells[0]
    return not first or first.endswith(":") or first.startswith("Closed P/L")


def _take(parsed: Parsed, row: Row) -> bool:
    kind = row.text("type").lower()
    if kind in {"balance", "credit"}:
        return _balance(parsed, row)
    if kind in _PENDING or kind.startswith("cancelled") or "deal" in row.columns:
        return False
    if kind not in _SIDES:
        raise RowError(f"the type '{row.text('type')}' is neither buy nor sell")
    parsed.deals += _position(row)
    return True


def _position(row: Row) -> list[Deal]:
    position = row.need("position", "ticket")
    symbol, quantity = row.need("symbol", "item"), row.positive("volume", "size")
    way = row.side("type")
    opened = Deal(
        line=row.line.number,
        id=f"{position}:in",
        symbol=symbol,
        side=way,
        quantity=quantity,
        price=row.positive("price"),
        at=row.moment("open time", "time"),
        position=position,
        stop=row.level("s l", "sl"),
        target=row.level("t p", "tp"),
    )
    ended = row.text("close time", "time 2")
    if not ended or ended.startswith("1970"):
        return [opened]
    closed = Deal(
        line=row.line.number,
        id=f"{position}:out",
        symbol=symbol,
        side=-way,
        quantity=quantity,
        price=row.positive("price 2", "close price"),
        at=row.moment("close time", "time 2"),
        fee=-(row.amount("commission") + row.amount("taxes") + row.amount("fee")),
        swap=-row.amount("swap"),
        stated=row.number("profit"),
        position=position,
    )
    if closed.at < opened.at:
        raise RowError("it was closed before it was opened")
    return [opened, closed]


def _balance(parsed: Parsed, row: Row) -> bool:
    if "ticket" in row.columns:
        # The text takes the place of the columns between, and the amount is the last one.
        amount = row.number("profit") if row.text("profit") else _last_number(row)
        text, name = row.text("size") or row.text("item"), row.need("ticket")
    else:
        amount, text, name = row.number("profit"), row.text("comment"), row.need("deal")
    if amount == 0:
        return False
    kind = "deposit" if amount > 0 else "withdrawal"
    at = row.moment("open time", "time")
    parsed.cash.append(CashRow(row.line.number, f"{name}:balance", kind, amount, at, text or kind))
    return True


def _last_number(row: Row) -> Decimal:
    found = [cell for cell in row.line.cells if cell]
    return number(found[-1], "amount")
