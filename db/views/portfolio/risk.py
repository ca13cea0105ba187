"""What a portfolio may lose: from the days it has behind it, or from what its present holdings did before."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sqlmodel import Session

from core.bars import Floats
from core.portfolio import (
    MINIMUM,
    Tail,
    beta,
    close_correlations,
    common_returns,
    historical_tail,
    parametric_tail,
    volatility,
)
from db.models import Symbol
from db.store.bars.day_closes import DAY_MS, day_closes, day_ends
from db.views.portfolio.curve import YEAR_OF_DAYS, YEAR_OF_MARKETS, Curve
from db.views.portfolio.positions import Summary

TRADED, PRESENT = "As it was traded", "Present holdings"
_EVERY_DAY = 1.2


@dataclass(frozen=True)
class Risk:
    """Of `count` daily returns from `start` to `end` (UTC ms, day ends; None without any). Shares of the value.

    Each measure is None with too few days; `short` names holdings without enough bars.
    """

    historical: Tail | None
    parametric: Tail | None
    volatility: float | None
    beta: float | None
    count: int
    start: int | None
    end: int | None
    periods: int
    short: tuple[str, ...] = ()


def traded_risk(curve: Curve, days: int, level: float) -> Risk:
    """From the last `days` daily returns of the portfolio as it was traded, payments taken out."""
    returns, beside = curve.returns[-days:], curve.benchmark_returns[-days:]
    ends = curve.days[1:][-days:] if len(returns) else curve.days[:0]
    return _risk(returns, beside if len(returns) else returns, ends.tolist(), curve.periods, level)


def present_risk(session: Session, summary: Summary, days: int, level: float) -> Risk:
    """From what today's holdings, in today's sizes, would have made on the last `days` days on which all of them and
    the benchmark have closes; exchange rates stay as they are.
    """
    weights = _weights(summary)
    if not weights:
        return Risk(None, None, None, None, 0, None, None, YEAR_OF_MARKETS)
    benchmark = benchmark_of(session, summary)
    names = [symbol.name for symbol, _ in weights]
    table = close_table(session, [symbol for symbol, _ in weights], benchmark)
    own = _made(table[names], weights, days)
    both = _made(table, weights, days)
    return replace(
        _risk(np.asarray(own, np.float64), np.full(len(own), np.nan), own.index.tolist(), _periods(own), level),
        beta=None
        if benchmark is None
        else beta(np.asarray(both, np.float64), np.asarray(_returns(table, days)[benchmark.name], np.float64)),
        short=tuple(str(name) for name, count in table[names].count().items() if count <= MINIMUM),
    )


def correlation_table(session: Session, summary: Summary, days: int) -> pd.DataFrame:
    """Correlations of the daily returns of what is held, and of the benchmark, by name."""
    return close_correlations(close_table(session, _symbols(summary), benchmark_of(session, summary)), days)


def benchmark_of(session: Session, summary: Summary) -> Symbol | None:
    chosen = summary.portfolio.benchmark_id
    return None if chosen is None else session.get(Symbol, chosen)


def close_table(session: Session, symbols: list[Symbol], benchmark: Symbol | None) -> pd.DataFrame:
    """Closes by the UTC day's end (ms) of its market, NaN where a market rested; a column a name."""
    columns = {}
    for symbol in [*symbols, *([] if benchmark is None else [benchmark])]:
        one = day_closes(session, symbol)
        column = pd.Series(one.close, index=day_ends(one.known_at)).groupby(level=0).last()
        columns[symbol.name] = column.loc[one.ends.tolist()]
    return pd.DataFrame(columns).sort_index()


def _returns(table: pd.DataFrame, days: int) -> pd.DataFrame:
    # One more close than returns.
    return common_returns(table.dropna().tail(days + 1))


def _made(table: pd.DataFrame, weights: list[tuple[Symbol, float]], days: int) -> pd.Series[float]:
    """What these weights made on the days that all columns share."""
    returns = _returns(table, days)
    total = pd.Series(0.0, returns.index)
    for symbol, weight in weights:
        total = total + returns[symbol.name] * weight
    return total


def _symbols(summary: Summary) -> list[Symbol]:
    return list({line.symbol.id: line.symbol for line in summary.lines}.values())


def _weights(summary: Summary) -> list[tuple[Symbol, float]]:
    """Signed value of each symbol as a share of the portfolio; nothing while a value is missing."""
    equity = summary.valuation.equity
    if equity is None or equity <= 0:
        return []
    sums: dict[int, float] = {}
    for line in summary.lines:
        sums[line.symbol.id or 0] = sums.get(line.symbol.id or 0, 0.0) + float((line.value or 0) / equity)
    return [(symbol, sums[symbol.id or 0]) for symbol in _symbols(summary)]


def _risk(returns: Floats, benchmark: Floats, ends: list[int], periods: int, level: float) -> Risk:
    return Risk(
        historical=historical_tail(returns, level),
        parametric=parametric_tail(returns, level),
        volatility=volatility(returns, periods),
        beta=beta(returns, benchmark),
        count=len(returns),
        start=ends[0] if ends else None,
        end=ends[-1] if ends else None,
        periods=periods,
    )


def _periods(returns: pd.Series[float]) -> int:
    """Days in a year on which all of these markets are open, by how closely they follow each other."""
    gaps = np.diff(np.array(returns.index.tolist(), np.float64)) / DAY_MS
    return YEAR_OF_DAYS if len(gaps) and gaps.mean() < _EVERY_DAY else YEAR_OF_MARKETS
