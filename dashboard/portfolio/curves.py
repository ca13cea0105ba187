"""Value or return of a portfolio, and the drawdown below it. Pure functions but for the first one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from streamlit_lightweight_charts import renderLightweightCharts

from core.charts import theme
from dashboard.charts.candles import HIDDEN_LINE, options
from dashboard.charts.panes import ground, level
from dashboard.components.markup import Markup, tag
from db.store.bars.day_closes import DAY_MS
from db.views.portfolio.curve import Curve
from db.views.portfolio.performance import falls

VALUE, RETURN = "Value", "Return"
_TWO_PLACES = {"type": "price", "precision": 2, "minMove": 0.01}
# The axis of the curves goes on beside the pane below: its own labels say what they are. The component takes this
# precision for steps in one, not for places.
_PERCENT = {"type": "percent", "precision": 100, "minMove": 0.01}
_UPPER, _LOWER = 270, 140
_FALL = "fall"


def curves(curve: Curve, kind: str, benchmark: str | None, key: str) -> None:
    """Draw value or return, and the drawdown below it."""
    renderLightweightCharts(payload(curve, kind, benchmark), key=key)


def legend(curve: Curve, kind: str, currency: str, benchmark: str | None) -> Markup:
    """Which line is what."""
    if kind == VALUE or curve.index is None:
        names = [(f"Value ({currency})", theme.ACCENT), ("Paid in", theme.MUTED)]
    else:
        names = [("Portfolio (%)", theme.ACCENT)]
        if benchmark is not None:
            names.append((f"{benchmark} (%)", theme.SERIES[1]))
    if curve.index is not None:
        names.append(("Drawdown (%), below", theme.DOWN))
    return tag(
        "div", *(tag("span", tag("i", style=f"background:{colour}"), name) for name, colour in names), cls="keys"
    )


def payload(curve: Curve, kind: str, benchmark: str | None) -> list[dict[str, Any]]:
    """One chart, so that a day stands in the same place above and below: the curves, and where there is a return the
    drawdown in a pane of its own.
    """
    times = _times(curve)
    if kind == VALUE or curve.index is None:
        paid = np.cumsum(curve.flows)
        series = [_line(theme.MUTED, times, paid, stepped=True), _area(times, curve.equity)]
    else:
        series = [_area(times, (curve.index - 1) * 100)]
        beside = _benchmark(curve)
        if benchmark is not None and beside is not None:
            series.append(_line(theme.SERIES[1], times, (beside - 1) * 100))
    if curve.index is None:
        return [{"chart": _look(_UPPER, 0.08), "series": series}]
    whole = _UPPER + _LOWER
    return [{"chart": _look(whole, 0.04 + _LOWER / whole), "series": series + _pane(times, falls(curve) * 100)}]


def _pane(times: list[int], fall: np.ndarray[Any, Any]) -> list[dict[str, Any]]:
    """The drawdown: filled from 0 down to the line, with 0 and the deepest fall on the axis."""
    top = _UPPER / (_UPPER + _LOWER)
    ends = (times[0], times[len(times) // 2], times[-1])
    faint, strong = theme.fade(theme.DOWN, 0.06), theme.fade(theme.DOWN, 0.4)
    look = {
        **HIDDEN_LINE, "priceScaleId": _FALL, "priceFormat": _PERCENT, "lastValueVisible": True, "lineWidth": 1,
        "baseValue": {"type": "price", "price": 0.0}, "topLineColor": theme.DOWN, "bottomLineColor": theme.DOWN,
        "topFillColor1": faint, "topFillColor2": faint, "bottomFillColor1": faint, "bottomFillColor2": strong,
    }  # fmt: skip
    area = {"type": "Baseline", "data": _data(times, fall), "options": look}
    told = {0.0, float(np.nanmin(fall))} - {float(fall[-1])}
    drawn = [area, *(level(ends, one, _FALL, _PERCENT) for one in sorted(told))]
    for one in drawn:
        one["priceScale"] = {"scaleMargins": {"top": top + 0.05, "bottom": 0.05}}
    return [*ground("fall_ground", top, 1.0, ends), *drawn]


def _look(height: int, below: float) -> dict[str, Any]:
    """`below`: the share of the height that the curves leave free at the bottom."""
    frame = options(height, "")
    frame["rightPriceScale"] |= {"scaleMargins": {"top": 0.06, "bottom": below}, "entireTextOnly": True}
    frame["timeScale"] |= {"timeVisible": False, "minBarSpacing": 0.1, "fixLeftEdge": True, "fixRightEdge": True}
    return frame


def _benchmark(curve: Curve) -> np.ndarray[Any, Any] | None:
    """The benchmark as a multiple of its first close, on the level of the portfolio of that day."""
    known = np.flatnonzero(np.isfinite(curve.benchmark))
    if not len(known) or curve.index is None:
        return None
    first = int(known[0])
    return np.asarray(curve.benchmark / curve.benchmark[first] * curve.index[first])


def _times(curve: Curve) -> list[int]:
    """The UTC day that ends there, in seconds: charts show days."""
    return [int(end - 1) // DAY_MS * (DAY_MS // 1000) for end in curve.days]


def _area(times: Sequence[int], values: np.ndarray[Any, Any]) -> dict[str, Any]:
    faint, strong = theme.fade(theme.ACCENT, 0.02), theme.fade(theme.ACCENT, 0.28)
    look = {
        "lineColor": theme.ACCENT, "topColor": strong, "bottomColor": faint, "lineWidth": 2, "priceLineVisible": False,
        "priceFormat": _TWO_PLACES,
    }  # fmt: skip
    return {"type": "Area", "data": _data(times, values), "options": look}


def _line(colour: str, times: Sequence[int], values: np.ndarray[Any, Any], *, stepped: bool = False) -> dict[str, Any]:
    look = {
        **HIDDEN_LINE, "color": colour, "lineWidth": 1, "lineType": 1 if stepped else 0, "priceFormat": _TWO_PLACES,
        "lastValueVisible": True,
    }  # fmt: skip
    return {"type": "Line", "data": _data(times, values), "options": look}


def _data(times: Sequence[int], values: np.ndarray[Any, Any]) -> list[dict[str, Any]]:
    pairs = zip(times, values.tolist(), strict=True)
    return [{"time": time} if value != value else {"time": time, "value": value} for time, value in pairs]  # noqa: PLR0124
