"""What a portfolio did and what it risks. Numbers in, numbers out; too few of them give None, never a guess."""

from __future__ import annotations

from core.portfolio.concentration import Concentration, concentration
from core.portfolio.drawdown import Drawdown, drawdown, drawdown_curve
from core.portfolio.performance import Comparison, compare, money_weighted, simple_returns, time_weighted
from core.portfolio.risk import (
    MINIMUM,
    Tail,
    beta,
    correlations,
    historical_tail,
    parametric_tail,
    volatility,
)

__all__ = [
    "MINIMUM",
    "Comparison",
    "Concentration",
    "Drawdown",
    "Tail",
    "beta",
    "compare",
    "concentration",
    "correlations",
    "drawdown",
    "drawdown_curve",
    "historical_tail",
    "money_weighted",
    "parametric_tail",
    "simple_returns",
    "time_weighted",
    "volatility",
]
