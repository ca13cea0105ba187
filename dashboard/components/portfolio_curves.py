"""Value, return and drawdown of a portfolio as charts, one above the other. Pure functions but for the last one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from streamlit_lightweight_charts import renderLightweightCharts

from core.charts import theme
from dashboard.components.candles import HIDDEN_LINE, options
from db.views.portfolio_curve import DAY_MS, Curve
from db.views.portfolio_performance import falls

VALUE, RETURN = "Value", "Return"
_MONEY = {"type": "price", "precision": 2, "minMove": 0.01}
_PERCENT = {"type": "price", "precision": 2, "minMove": 0.01}
_UPPER, _LOWER = 250, 120


def curves(curve: Curve, kind: str, currency: str, benchmark: str | None, key: str) -> None:
    """Draw value or return above, the drawdown below."""
    renderLightweightCharts(payload(curve, kind, currency, benchmark), key=key)


def payload(curve: Curve, kind: str, currency: str, benchmark: str | None) -> list[dict[str, Any]]:
    """Two charts over the same days."""
    times = _times(curve)
    if kind == VALUE or curve.index is None:
        paid = np.cumsum(curve.flows)
        upper = [
            _area(f"Value ({currency})", times, curve.equity),
            _line("Paid in", theme.MUTED, times, paid, _MONEY, stepped=True),
        ]
    else:
        upper = [_area("Portfolio (%)", times, (curve.index - 1) * 100)]
        beside = _benchmark(curve)
        if benchmark is not None and beside is not None:
            upper.append(_line(f"{benchmark} (%)", theme.SERIES[1], times, (beside - 1) * 100, _PERCENT))
    charts = [{"chart": _look(_UPPER, last=curve.index is None), "series": upper}]
    if curve.index is not None:
        lower = [_area("Drawdown (%)", times, falls(curve) * 100, theme.DOWN, under=True)]
        charts.append({"chart": _look(_LOWER, last=True), "series": lower})
    return charts


def _benchmark(curve: Curve) -> np.ndarray[Any, Any] | None:
    """The benchmark as a multiple of its first close, on the level of the portfolio of that day."""
    known = np.flatnonzero(np.isfinite(curve.benchmark))
    if not len(known) or curve.index is None:
        return None
    first = int(known[0])
    return np.asarray(curve.benchmark / curve.benchmark[first] * curve.index[first])


def _times(curve: Curve) -> list[int]:
    """The UTC day that ends there, in seconds: charts show days."""
    return ((curve.days - 1) // DAY_MS * (DAY_MS // 1000)).tolist()


def _area(
    title: str, times: Sequence[int], values: np.ndarray[Any, Any], colour: str = theme.ACCENT, *, under: bool = False
) -> dict[str, Any]:
    faint, strong = theme.fade(colour, 0.02), theme.fade(colour, 0.28)
    look = {
        "title": title, "lineColor": colour, "topColor": faint if under else strong,
        "bottomColor": strong if under else faint, "lineWidth": 2, "priceLineVisible": False, "priceFormat": _MONEY,
        "invertFilledArea": under,
    }  # fmt: skip
    return {"type": "Area", "data": _data(times, values), "options": look}


def _line(
    title: str,
    colour: str,
    times: Sequence[int],
    values: np.ndarray[Any, Any],
    form: dict[str, Any],
    *,
    stepped: bool = False,
) -> dict[str, Any]:
    look = {**HIDDEN_LINE, "title": title, "color": colour, "lineWidth": 1, "lineType": 1 if stepped else 0}
    look |= {"priceFormat": form, "lastValueVisible": True}
    return {"type": "Line", "data": _data(times, values), "options": look}


def _data(times: Sequence[int], values: np.ndarray[Any, Any]) -> list[dict[str, Any]]:
    pairs = zip(times, values.tolist(), strict=True)
    return [{"time": time} if value != value else {"time": time, "value": value} for time, value in pairs]  # noqa: PLR0124


def _look(height: int, *, last: bool) -> dict[str, Any]:
    frame = options(height, "")
    frame["rightPriceScale"] |= {
        "scaleMargins": {"top": 0.08, "bottom": 0.08},
        "entireTextOnly": True,
        "minimumWidth": 76,
    }
    frame["timeScale"] |= {
        "timeVisible": False,
        "minBarSpacing": 0.1,
        "fixLeftEdge": True,
        "fixRightEdge": True,
        "visible": last,
    }
    return frame
