"""Open trades in a table for a quick look; the Journal is where they are closed."""

from __future__ import annotations

import pandas as pd

from dashboard import navigation
from dashboard.components import empties, formats
from dashboard.components.markup import Markup, badge, show, table, tag
from dashboard.components.panels import note, tone
from dashboard.journal import figures as journal_figures
from db.views.desk import LastPrice

SHOWN = 8
_HEADS = (
    ("Symbol", "nowrap"),
    ("Side", ""),
    ("Quantity", "num"),
    ("Entry", "num"),
    ("Last", "num"),
    ("Floating P&L", "num"),
    ("R", "num"),
)


def open_summary(opened: pd.DataFrame, prices: dict[int, LastPrice]) -> None:
    """The newest open trades with their mark at the last stored close."""
    if opened.empty:
        empties.no_open_trades_at_home()
        return
    show(
        table(_HEADS, [_row(trade, prices.get(int(trade["symbol_id"]))) for _, trade in opened.head(SHOWN).iterrows()])
    )
    stamps = [price.as_of for price in prices.values()]
    if stamps:
        note(f"Marked at the last stored closes, as of {formats.utc(max(stamps))} UTC.")
    navigation.link("journal", "All trades in the journal")


def _row(trade: pd.Series, last: LastPrice | None) -> tuple[object, ...]:
    tick = float(trade["tick_size"])
    pnl, multiple = journal_figures.floating(trade, last)
    return (
        tag("span", trade["symbol"], badge(trade["source"])),
        _toned(formats.side(trade["direction"]), trade["direction"]),
        formats.quantity(trade["open_quantity"]),
        formats.price(trade["entry_price"], tick),
        formats.price(last.price if last else None, tick),
        _toned(formats.money(pnl, str(trade["account_currency"]), signed=True), pnl),
        _toned(formats.multiple(multiple), multiple),
    )


def _toned(text: str, value: object) -> Markup:
    return tag("span", text, cls=tone(value))
