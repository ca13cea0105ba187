"""The columns of the tables of figures, each with how it is computed."""

from __future__ import annotations

from typing import Final

from core.analyst.citing import RATIO
from core.analyst.numbers import COUNT, PERCENT, R
from core.analyst.question_figures import DATE, HOURS, Column

GROUPED: Final = (
    Column("Trades", COUNT, "closed trades"),
    Column("Win rate", PERCENT, "trades with a P&L above 0, of all closed ones"),
    Column("Net", "money", "sum of the P&L after costs"),
    Column("Average R", R, "mean of P&L / risk at the first stop, over trades with a stop"),
)
SUMMARY: Final = (
    *GROUPED,
    Column("Wins", COUNT, "trades with a P&L above 0"),
    Column("Losses", COUNT, "trades with a P&L below 0"),
    Column("Expectancy", "money", "mean P&L of a trade"),
    Column("Profit factor", RATIO, "gross profit / gross loss"),
    Column("Average win", "money", "mean P&L of the winning trades"),
    Column("Average loss", "money", "mean loss of the losing trades, a positive number"),
    Column("Net R", R, "sum of the R multiples"),
)
COURSE: Final = (
    Column("Longest winning run", COUNT, "most wins in a row by the time of their close"),
    Column("Longest losing run", COUNT, "most losses in a row by the time of their close"),
    Column("Largest win", "money", "best P&L of a trade"),
    Column("Largest loss", "money", "worst P&L of a trade"),
    Column("Maximum drawdown", "money", "deepest fall of the balance over closed trades, a positive number"),
    Column("Drawdown share", PERCENT, "that fall as a share of the balance it fell from"),
    Column("Drawdown began", DATE, "day of the highest balance before it"),
    Column("Drawdown bottom", DATE, "day of its lowest balance"),
    Column("Mean time in a win", HOURS, "mean time from entry to close of the winning trades"),
    Column("Mean time in a loss", HOURS, "the same for the losing trades"),
    Column("First close", DATE, "day of the first close"),
    Column("Last close", DATE, "day of the last close"),
)
SINGLE: Final = (
    Column("Closed", DATE, "day of the close"),
    Column("P&L", "money", "after costs"),
    Column("R", R, "P&L / risk at the first stop"),
)
SIGNALS: Final = (
    Column("Signals", COUNT, "signals decided in this way"),
    Column("Followed to the end", COUNT, "those whose outcome is known, had they been taken as suggested"),
    Column("Hit rate", PERCENT, "reached the target, of those"),
    Column("Average R of the outcome", R, "mean result, had they been taken as suggested"),
    Column("Winning R", R, "sum of the winning results"),
    Column("Losing R", R, "sum of the losing results, a positive number"),
)
