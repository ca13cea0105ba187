"""Positions and money, replayed from immutable records.

Amounts come in and go out as Decimal and are computed as whole numbers of 1e-8 (`core.ledger.units`), so that no
arithmetic context can round them in silence.
"""

from __future__ import annotations

from core.ledger.book import Book, Market, Payment, Trade, replay, replay_trades
from core.ledger.exchange import Quote, pair_of, rates_from
from core.ledger.position import Closing, Lot, Method, Position
from core.ledger.records import Charge, Dividend, Exchange, Fill, Funding, Record, Split, in_order
from core.ledger.valuation import Holding, Rates, Valuation, net_funding, value

__all__ = [
    "Book",
    "Charge",
    "Closing",
    "Dividend",
    "Exchange",
    "Fill",
    "Funding",
    "Holding",
    "Lot",
    "Market",
    "Method",
    "Payment",
    "Position",
    "Quote",
    "Rates",
    "Record",
    "Split",
    "Trade",
    "Valuation",
    "in_order",
    "net_funding",
    "pair_of",
    "rates_from",
    "replay",
    "replay_trades",
    "value",
]
