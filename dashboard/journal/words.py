"""What each figure of the Statistics view is, in one sentence."""

from __future__ import annotations

from typing import Final

MEANINGS: Final = {
    "Net result": "All closed trades added up, after fees and swaps. Percent is of the account's first balance.",
    "Win rate": "Won trades ÷ all closed trades. A trade that made exactly nothing counts among all.",
    "Win rate, decided": "Won trades ÷ (won + lost). Break-even trades are left out.",
    "Profit factor": "Gross profit ÷ gross loss. Nothing to divide by while nothing was lost.",
    "Expectancy": "The mean result of a trade, with Student's interval at 95 %.",
    "Expectancy in R": "The mean R of the trades that had a stop. R is the result ÷ the money lost at the first stop.",
    "Average win": "The mean result of the won trades.",
    "Average loss": "The mean result of the lost trades.",
    "Payoff": "Average win ÷ average loss.",
    "Largest win": "The best single trade.",
    "Largest loss": "The worst single trade.",
    "Longest streaks": "Most wins and most losses in a row, by the time of the close. A break-even trade ends either.",
    "Max drawdown": "The deepest fall of the balance below an earlier high, measured after each closed trade.",
    "Its duration": "From the high before the deepest fall to the first balance as high again, or to the last close.",
    "Recovery factor": "Net result ÷ maximum drawdown.",
    "Sharpe": "Mean daily return ÷ its standard deviation, annualised, without a risk-free rate.",
    "Sortino": "Mean daily return ÷ the deviation of the losing days, annualised.",
    "Calmar": "Annual return ÷ maximum drawdown of the daily returns.",
    "SQN": "Van Tharp's system quality number: square root of n, times mean R ÷ deviation of R, n at most 100.",
    "Kelly": "The share of the capital that would have grown it fastest: W - (1 - W) ÷ payoff.",
    "Winners held": "Mean time from entry to close of the won trades.",
    "Losers held": "Mean time from entry to close of the lost trades.",
    "MAE": "Mean of the worst that prices stood against the entry while the trade was open, in R.",
    "MFE": "Mean of the best that prices stood in the trade's favour while it was open, in R.",
    "MAE of winners": "How far winners went against you first: a stop nearer than this cuts winners.",
    "MFE of losers": "How far losers were in profit first: what a nearer target would have taken.",
    "Exit efficiency": "What the exit kept of the best price the trade saw: (exit - entry) ÷ (best - entry).",
}
