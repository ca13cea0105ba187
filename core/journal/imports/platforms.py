"""Exports of cTrader, TradingView's paper trading and Tradovate: one table each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.journal.imports.columns import filled, refuse_several
from core.journal.imports.rows import Deal, Parsed, RowError
from core.journal.imports.table import Row
from core.risk import plain

Take = Callable[[Parsed, Row], bool]
"""Reads a line, and says whether it held anything."""


@dataclass(frozen=True)
class Layout:
    """A table that is known by its columns; `line` reads one of its lines, `account` is the column of the account."""

    name: str
    columns: frozenset[str]
    line: Take
    account: str = ""

    @property
    def take(self) -> Take:
        """What reads the lines of one file, one after the other."""
        seen: dict[str, None] = {}

        def take(parsed: Parsed, row: Row) -> bool:
            found = self.line(parsed, row)
            name = row.text(self.account) if found and self.account else ""
            if name:
                seen[name] = None
                refuse_several(seen)
            return found

        return take

    def matches(self, columns: dict[str, int]) -> bool:
        return all(any(known == name or known.startswith(f"{name} ") for known in columns) for name in self.columns)


def _ctrader(parsed: Parsed, row: Row) -> bool:
    """History of cTrader: a line a closing deal, with the position's entry. Times have their zone in the heading,
    quantities a unit (`0.10 Lots`); commission and swap are negative for a cost, the net result is after both.

    A position that is closed in parts has several lines with one number (`ID` is the position's, as PID123): each
    brings its part of the entry, and a deal is known by the position, its time and its quantity.
    """
    way, symbol = row.side("opening direction"), row.need("symbol")
    quantity = row.positive("closing quantity", "closing volume", "volume", "quantity")
    fee, swap = -row.amount("commission", "commissions"), -row.amount("swap")
    gross = row.text("gross")
    stated = row.number("gross") if gross else row.number("net") + fee + swap
    ended = row.moment("closing time")
    # Some views leave the opening out; the trade is then as long as its last instant.
    began = row.moment("opening time") if row.text("opening time") else ended
    if ended < began:
        raise RowError("it was closed before it was opened")
    part = f"{ended.isoformat()} {plain(quantity)}"
    number = row.text(filled(row, "position id", "id"))
    name = row.text(filled(row, "closing deal id", "deal id")) or f"{number or symbol} {part}"
    position, line = number or name, row.line.number
    parsed.deals += [
        Deal(line, f"{name}:in", symbol, way, quantity, row.positive("entry price"), began, position=position),
        Deal(
            line, f"{name}:out", symbol, -way, quantity, row.positive("closing price"), ended, fee, swap, stated,
            position=position,
        ),
    ]  # fmt: skip
    return True


def _tradingview(parsed: Parsed, row: Row) -> bool:
    """Order history of TradingView's paper trading: what was filled counts, by the time it was filled. An order that
    was cancelled may have been filled in part before.
    """
    status, part = row.text("status").lower(), row.amount("filled qty")
    if status not in {"filled", "partially filled"} and not part:
        return False
    if status != "filled" and not part:
        raise RowError("it was filled in part, and the file does not say how much: show the column Filled Qty")
    parsed.deals.append(
        Deal(
            line=row.line.number,
            id=row.text("order id"),
            symbol=row.need("symbol").rpartition(":")[2],
            side=row.side("side"),
            quantity=row.positive(filled(row, "filled qty", "qty", "quantity")),
            price=row.positive(filled(row, "fill price", "avg fill price")),
            at=row.moment(filled(row, "closing time", "update time", "placing time")),
            fee=row.amount("commission"),
        )
    )
    return True


def _fills(parsed: Parsed, row: Row) -> bool:
    """Fills of Tradovate."""
    parsed.deals.append(
        Deal(
            line=row.line.number,
            id=row.need("fill id", "id", "_id"),
            symbol=row.need("contract"),
            side=row.side("b s"),
            quantity=row.positive("quantity", "_qty"),
            price=row.positive("price", "_price"),
            # The hidden column has its zone, what is shown has the trader's and does not say which.
            at=row.moment(filled(row, "_timestamp", "timestamp")),
            fee=row.amount("commission"),
        )
    )
    return True


def _performance(parsed: Parsed, row: Row) -> bool:
    """Performance of Tradovate: pairs of fills; the one that came first is the entry."""
    name = f"{row.need('buyfillid')}-{row.need('sellfillid')}"
    quantity, symbol, line = row.positive("qty"), row.need("symbol"), row.line.number
    bought = (1, row.positive("buyprice"), row.moment("boughttimestamp"))
    sold = (-1, row.positive("sellprice"), row.moment("soldtimestamp"))
    first, last = (bought, sold) if bought[2] <= sold[2] else (sold, bought)
    parsed.deals += [
        Deal(line, f"{name}:in", symbol, first[0], quantity, first[1], first[2], position=name),
        Deal(line, f"{name}:out", symbol, last[0], quantity, last[1], last[2], stated=row.number("pnl"), position=name),
    ]
    return True


LAYOUTS = (
    Layout("ctrader", frozenset({"opening direction", "closing time", "entry price", "closing price"}), _ctrader),
    Layout(
        "tradovate-performance", frozenset({"buyfillid", "sellfillid", "buyprice", "sellprice", "pnl"}), _performance
    ),
    Layout("tradovate-fills", frozenset({"b s", "contract", "price", "timestamp", "quantity"}), _fills, "account"),
    Layout("tradingview-paper", frozenset({"symbol", "side", "status", "fill price"}), _tradingview),
    Layout("tradingview-paper", frozenset({"symbol", "side", "status", "avg fill price"}), _tradingview),
)
