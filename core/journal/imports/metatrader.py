"""Histories of MetaTrader 4 and 5: the HTML and XLSX reports of the terminal, and the same tables as CSV.

MetaTrader 4 lists orders: Ticket, Open Time, Type, Size, Item, Price, S / L, T / P, Close Time, Price, Commission,
Taxes, Swap, Profit; open ones have no close. MetaTrader 5 lists positions: Time, Position, Symbol, Type, Volume, Price,
S / L, T / P, Time, Price, Commission, Swap, Profit; then orders, of which one has the number of the position it opened
and the stop that was set with it; then deals, of which those are read here that are no part of a position: deposits,
and costs that are charged apart. Costs are negative in all. Times are those of the broker's server.

The stop of a position is the one in force at the end, often trailed: of a closed one it says nothing about what was at
risk, so that only the stop of the opening order is taken. An open one still has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
_POSITIONS = (_MT4, _MT5, _MT5_OPEN)
_SIDES = {"buy", "sell"}
_PENDING = {"buy limit", "sell limit", "buy stop", "sell stop", "buy stop limit", "sell stop limit"}
_CHARGES = {
    "charge", "correction", "bonus", "commission", "daily commission", "monthly commission", "agent commission",
    "daily agent commission", "monthly agent commission", "interest", "interest rate", "dividend", "franked dividend",
    "tax",
}  # fmt: skip
_KINDS = _SIDES | _PENDING | _CHARGES | {"balance", "credit"}


def is_header(columns: dict[str, int]) -> bool:
    return any(set(columns) >= known for known in (_MT4, _MT5, _DEALS))


def read(lines: Sequence[Line], options: Options) -> Parsed:
    """Every table of the report that holds positions or balance operations."""
    parsed, tables = Parsed(NAME), list(_tables(lines))
    headers = [set(columns_of(header)) for header, found in tables if header is not None and found is None]
    report = _Report(parsed, any(names >= known for names in headers for known in _POSITIONS))
    # The orders come after the positions they opened. One that cannot be read leaves its position without a stop.
    for header, line in tables:
        if header is not None and line is not None and _is_order(header):
            read_rows(Parsed(NAME), header, [line], options, report.order)
    for header, line in tables:
        if line is None:
            continue
        if header is None or _is_order(header):
            parsed.ignored += 1
        else:
            read_rows(parsed, header, [line], options, report.take)
    return parsed


def _tables(lines: Sequence[Line]) -> Iterator[tuple[Line | None, Line | None]]:
    """Each line under the header of its table; a header itself without a line, what is no row without a header."""
    header: Line | None = None
    for line in lines:
        names = set(columns_of(line))
        if any(known <= names for known in (*_POSITIONS, _DEALS, _ORDERS)):
            header = line
            yield header, None
        else:
            yield None if _is_title(line) else header, line


def _is_order(header: Line) -> bool:
    return set(columns_of(header)) >= _ORDERS


def _is_title(line: Line) -> bool:
    """A heading between the tables, or a line of the summary below them."""
    first = line.cells[0]
    return first.endswith(":") or first.startswith("Closed P/L") or len([cell for cell in line.cells if cell]) == 1


class _Report:
    """Takes lines in; some are only understood with others of the report."""

    def __init__(self, parsed: Parsed, has_positions: bool) -> None:
        self.parsed = parsed
        self.has_positions = has_positions
        self._stops: dict[str, Decimal | None] = {}
        self._parts: dict[str, list[tuple[Line, bool]]] = {}

    def order(self, row: Row) -> bool:
        """Note the stop that an order was filled with."""
        if row.text("state").lower() == "filled":
            self._stops[row.need("order")] = row.level("s l", "sl")
        return True

    def take(self, row: Row) -> bool:
        """Read a line of positions or deals; whether it held anything (see `read_rows`)."""
        kind, symbol = row.text("type").lower(), row.text("symbol", "item")
        if not row.line.cells[0] and not symbol and kind not in _KINDS:
            # A line of totals. One that only lacks its ticket or its time is a row, and is told.
            return False
        if kind == "balance":
            return self._balance(row)
        if kind == "credit":
            raise RowError("credit that the broker lends is not in the balance, so it is not booked")
        if "deal" in row.columns:
            return self._deal(row, kind)
        if kind in _PENDING or kind.startswith("cancelled"):
            return False
        if kind not in _SIDES:
            raise RowError(f"the type '{row.text('type')}' is neither buy nor sell")
        self.parsed.deals += self._position(row)
        return True

    def _position(self, row: Row) -> list[Deal]:
        position = row.need("position", "ticket")
        symbol, quantity = row.need("symbol", "item"), row.positive("volume", "size")
        way, ended = row.side("type"), row.text("close time", "time 2")
        is_open = not ended or ended.startswith("1970")
        name = self._named(position, row.line, is_open)
        opened = Deal(
            line=row.line.number,
            id=f"{name}:in",
            symbol=symbol,
            side=way,
            quantity=quantity,
            price=row.positive("price"),
            at=row.moment("open time", "time"),
            position=position,
            stop=row.level("s l", "sl") if is_open else self._stops.get(position),
            target=row.level("t p", "tp"),
        )
        if is_open:
            return [opened]
        closed = Deal(
            line=row.line.number,
            id=f"{name}:out",
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

    def _named(self, position: str, line: Line, is_open: bool) -> str:
        """The position, with a number for each further part of it that the report lists by itself."""
        parts = self._parts.setdefault(position, [])
        same = [place for place, (known, _) in enumerate(parts) if known.cells == line.cells]
        # A part that was open in a report above is closed in one below.
        closes = bool(parts) and parts[-1][1] and not is_open
        if not same and not closes:
            parts.append((line, is_open))
        elif closes:
            parts[-1] = (line, False)
        place = same[0] if same else len(parts) - 1
        return f"{position}#{place + 1}" if place else position

    def _deal(self, row: Row, kind: str) -> bool:
        """A deal: one of a position is in its line already, and what is no trade changes the balance."""
        if kind in _SIDES:
            if not self.has_positions:
                raise RowError("a deal without its position: export the report with its table of positions")
            return False
        amount = sum((row.amount(name) for name in ("profit", "commission", "fee", "swap")), Decimal(0))
        if amount == 0:
            return False
        if kind not in _CHARGES:
            raise RowError(f"the type '{row.text('type')}' is not known: book its {amount} by hand if it is yours")
        self._book(row, f"{row.need('deal')}:charge", "fee" if amount < 0 else "adjustment", amount, kind)
        return True

    def _balance(self, row: Row) -> bool:
        if "ticket" in row.columns:
            # The text takes the place of the columns between, and the amount is the last one.
            amount = row.number("profit") if row.text("profit") else _last_number(row)
            text, name = row.text("size") or row.text("item"), row.need("ticket")
        else:
            amount, text, name = row.number("profit"), row.text("comment"), row.need("deal")
        if amount == 0:
            return False
        self._book(row, f"{name}:balance", "deposit" if amount > 0 else "withdrawal", amount, text)
        return True

    def _book(self, row: Row, name: str, kind: str, amount: Decimal, text: str) -> None:
        at = row.moment("open time", "time")
        said = row.text("comment") or text or kind
        self.parsed.cash.append(CashRow(row.line.number, name, kind, amount, at, said))


def _last_number(row: Row) -> Decimal:
    found = [cell for cell in row.line.cells if cell]
    return number(found[-1], "amount")
