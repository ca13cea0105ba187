"""What a portfolio did and what it risks. Numbers in, numbers out; too few of them give None, never a guess."""

from __future__ import annotations

from core.portfolio.concentration import Concentration, concentration
from core.portfolio.daily import DailyFlows, last_known, level_at, worth_of
from core.portfolio.drawdown import Drawdown, drawdown, drawdown_curve
from core.portfolio.performance import Comparison, compare, growth, money_weighted, simple_returns, time_weighted
from core.portfolio.risk import (
    MINIMUM,
    Tail,
    beta,
    close_correlations,
    common_returns,
    correlations,
    historical_tail,
    parametric_tail,
    volatility,
)

__all__ = [
    "MINIMUM",
    "Comparison",
    "Concentration",
    "DailyFlows",
    "Drawdown",
    "Tail",
    "beta",
    "close_correlations",
    "common_returns",
    "compare",
    "concentration",
    "correlations",
    "drawdown",
    "drawdown_curve",
    "growth",
    "historical_tail",
    "last_known",
    "level_at",
    "money_weighted",
    "parametric_tail",
    "simple_returns",
    "time_weighted",
    "volatility",
    "worth_of",
]
