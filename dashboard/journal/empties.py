"""What the Journal says while there is nothing."""

from __future__ import annotations

from dashboard.components.panels import empty


def no_open_trades(whole: bool) -> None:
    if whole:
        empty(
            "No open trades.",
            "Accept a signal on the Signals page, or press New trade for one of your own: it is followed here until "
            "you close it.",
        )
    else:
        empty("No open trade matches these filters.", "Take one away to see more.")


def no_closed_trades(whole: bool) -> None:
    if whole:
        empty(
            "No closed trades.",
            "Close an open trade above, or bring in your broker's file under Import: results are kept here for good.",
        )
    else:
        empty("No closed trade matches these filters.", "Take one away to see more.")


def no_statistics(whole: bool) -> None:
    empty(
        "No trade is closed yet." if whole else "No closed trade matches these filters.",
        "Statistics begin with the first one." if whole else "Take one away to see more.",
    )


def unknown_trade(trade_id: int) -> None:
    empty(f"There is no trade {trade_id}.", "The address names one that does not exist. Choose one from the list.")


def no_decisions() -> None:
    empty(
        "No signal has been decided on yet.",
        "Accepted, rejected and expired signals are all followed to their end; what you passed on is counted here.",
    )


def no_import() -> None:
    empty(
        "No file chosen.",
        "Interactive Brokers Flex (CSV, XML), MetaTrader 4 and 5 (HTML, CSV, XLSX), cTrader, TradingView paper, "
        "Tradovate, or a table of your own. You see line by line what it would change before anything is written; the "
        "same file again adds nothing.",
    )
