"""The figures of a journal. Home and Journal both show these, from one function: they cannot disagree."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from core.risk import profit
from dashboard.components import formats
from dashboard.components.panels import Figure, tone
from dashboard.journal.data import Results
from db.models import Account
from db.views.desk import LastPrice


def symbols_of(opened: pd.DataFrame) -> tuple[int, ...]:
    """Ids of the symbols of these trades."""
    return tuple(sorted({int(one) for one in opened["symbol_id"]}))


def floating(trade: pd.Series, last: LastPrice | None) -> tuple[Decimal | None, float | None]:
    """P&L and R of what is open of a trade at the last stored close; None without one."""
    if last is None:
        return None, None
    entry = float(trade["entry_price"])
    pnl = profit(
        int(trade["direction"]), entry, last.for_trade(trade["opened_at"]), trade["open_quantity"], trade["per_point"]
    )
    return pnl, None if formats.absent(trade["risk"]) else float(pnl / trade["risk"])


def floating_total(opened: pd.DataFrame, prices: dict[int, LastPrice]) -> Decimal | None:
    """Floating P&L of all open trades; None when one of them has no price."""
    marks = [floating(trade, prices.get(int(trade["symbol_id"])))[0] for _, trade in opened.iterrows()]
    return (
        None if any(mark is None for mark in marks) else sum((mark for mark in marks if mark is not None), Decimal(0))
    )


def not_counted(results: Results, currency: str) -> str:
    """What open trades have realised, which the net result leaves out until they close; empty where there is none."""
    made = results.realised_open
    return (
        f"{formats.money(made, currency, signed=True)} realised by open trades counts when they close" if made else ""
    )


def figures(
    account: Account, balance: Decimal, results: Results, opened: pd.DataFrame, prices: dict[int, LastPrice]
) -> list[Figure]:
    """Balance, floating P&L, open trades, win rate, average R, profit factor and net result.

    All but the balance, which is the account's, are those of `results` and `opened`: the same filter, or none.
    """
    stats = results.stats
    mark = floating_total(opened, prices)
    interval = (
        f"95 %: {formats.percent(stats.win_rate_low)} to {formats.percent(stats.win_rate_high)}"
        if stats.closed
        else "no closed trades"
    )
    counts = f"{stats.wins:,} won, {stats.losses:,} lost, {stats.break_even:,} even"
    return [
        Figure("Balance", formats.money(balance, account.currency), account.name),
        Figure("Open trades", str(len(opened)), f"floating {formats.money(mark, account.currency, signed=True)}"),
        Figure("Win rate", formats.percent(stats.win_rate), interval),
        Figure("Average R", formats.multiple(stats.average_r), f"{stats.closed:,} closed", tone(stats.average_r)),
        Figure("Profit factor", formats.ratio(stats.profit_factor), "gross profit ÷ gross loss"),
        Figure(
            "Net result",
            formats.money(stats.net, account.currency, signed=True),
            "; ".join(filter(None, (counts, not_counted(results, account.currency)))),
            tone(stats.net),
        ),
    ]
