"""Exports of cTrader, TradingView's paper trading and Tradovate: one table each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.journal.imports.rows import Deal, Parsed, RowError
from core.journal.imports.table import Row


@dataclass(frozen=True)
class Layout:
    """A table that is known by its columns; `take` reads one of its lines."""

    name: str
    columns: frozenset[str]
    take: Callable[[Parsed, Row], bool]

    def matches(self, columns: dict[str, int]) -> bool:
        return all(any(known == name or known.startswith(f"{name} ") for known in columns) for name in self.columns)


def _ctrader(parsed: Parsed, row: Row) -> bool:
    """History of cTrader: a line a closing deal, with the position's entry. Times have their zone in the heading,
    quantities a unit (`0.10 Lots`); commission and swap are negative for a cost, the net result is after both.
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
    name = row.text("id", "closing deal id", "deal id", "position id") or f"{symbol} {ended.isoformat()} {quantity}"
    line = row.line.number
    parsed.deals += [
        Deal(line, f"{name}:in", symbol, way, quantity, row.positive("entry price"), began, position=name),
        Deal(
            line, f"{name}:out", symbol, -way, quantity, row.positive("closing price"), ended, fee, swap, stated,
            position=name,
        ),
    ]  # fmt: skip
    return True


def _tradingview(parsed: Parsed, row: Row) -> bool:
    """Order history of TradingView's paper trading: filled orders count, by the time they were filled."""
    if row.text("status").lower() not in {"filled", "partially filled"}:
        return False
    parsed.deals.append(
        Deal(
            line=row.line.number,
            id=row.text("order id"),
            symbol=row.need("symbol").rpartition(":")[2],
            side=row.side("side"),
            quantity=row.positive("qty", "quantity", "filled qty"),
            price=row.positive("fill price", "avg fill price"),
            at=row.moment("closing time", "update time", "placing time"),
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
            at=row.moment("timestamp", "_timestamp"),
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
    Layout("tradovate-fills", frozenset({"b s", "contract", "price", "timestamp", "quantity"}), _fills),
    Layout("tradingview-paper", frozenset({"symbol", "side", "status", "fill price"}), _tradingview),
    Layout("tradingview-paper", frozenset({"symbol", "side", "status", "avg fill price"}), _tradingview),
)
