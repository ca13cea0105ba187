"""The equity of a phase with its floors and its target, in equal steps of time. Pure functions but for the last one."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from streamlit_lightweight_charts import renderLightweightCharts

from core.challenge.amounts import Consequence
from core.challenge.results import PhaseResult
from core.charts import theme
from core.timeframe import Timeframe
from dashboard.charts.candles import HIDDEN_LINE, options
from db.views.accounts import ChallengeState

STEPS = 1200
_PRICES = {"type": "price", "precision": 2, "minMove": 0.01}
_SHOWN = {"crosshairMarkerVisible": False, "priceFormat": _PRICES}
_FLOORS = {"daily_loss": ("Daily floor", theme.WARNING), "overall_loss": ("Overall floor", theme.DOWN)}


def challenge_chart(state: ChallengeState, key: str, height: int = 330) -> None:
    """Draw the present phase."""
    renderLightweightCharts(challenge_payload(state.evaluation.current, height), key=key)


def challenge_payload(result: PhaseResult, height: int) -> list[dict[str, Any]]:
    """Balance, equity, floors, target and breaches of a phase, up to the next reset.

    Nothing in it depends on the clock but the reset, so that a rerun keeps the person's zoom.
    """
    times = _grid(result)
    breaches = {_step(times, breach.at): breach for breach in reversed(result.breaches)}
    known = [point.at for point in result.equity_points]
    last = max([known[-1], result.passed_at or 0, *(breach.at for breach in result.breaches)])
    equity: list[dict[str, Any]] = []
    balance: list[dict[str, Any]] = []
    for at, end in zip(times, [*times[1:], times[-1] + 1], strict=True):
        if at > last:
            break
        point = result.equity_points[max(0, bisect_right(known, end - 1) - 1)]
        figure = breaches[at].figure if at in breaches else point.equity
        equity.append({"time": at // 1000} if figure is None else {"time": at // 1000, "value": float(figure)})
        balance.append({"time": at // 1000, "value": float(point.balance)})
    series = [
        _line("Balance", theme.MUTED, balance, width=1, style=1),
        *_floors(result, times),
        *_target(result, times),
    ]
    series.append(_line("Equity", theme.ACCENT, equity, width=2) | {"markers": _markers(result, times, last)})
    look = options(height, "")
    look["rightPriceScale"]["scaleMargins"] = {"top": 0.08, "bottom": 0.08}
    look["timeScale"] |= {"minBarSpacing": 0.1, "fixLeftEdge": True}
    return [{"chart": look, "series": series}]


def _grid(result: PhaseResult) -> list[int]:
    """Equal steps (UTC ms) from the start of the phase to the next reset, the finest that are few enough."""
    start, end = result.started_at, max(result.next_reset, result.started_at + 1)
    step = next((one.ms for one in Timeframe if (end - start) // one.ms <= STEPS), Timeframe.W1.ms)
    first = start // step * step
    return list(range(first, end + step, step))


def _step(times: list[int], at: int) -> int:
    return times[max(0, bisect_right(times, at) - 1)]


def _floors(result: PhaseResult, times: list[int]) -> list[dict[str, Any]]:
    found = []
    for rule, points in result.floors.items():
        title, colour = _FLOORS[rule]
        known = [point.at for point in points]
        drawn = []
        for at, end in zip(times, [*times[1:], times[-1] + 1], strict=True):
            place = max(0, bisect_right(known, end - 1) - 1)
            drawn.append({"time": at // 1000, "value": float(points[place].floor)})
        found.append(_line(title, colour, drawn, width=2, stepped=True))
    return found


def _target(result: PhaseResult, times: list[int]) -> list[dict[str, Any]]:
    if result.target is None:
        return []
    level = float(result.initial + result.target)
    drawn = [{"time": at // 1000, "value": level} for at in (times[0], times[-1])]
    return [_line("Target", theme.UP, drawn, width=1, style=2)]


def _line(
    title: str, colour: str, points: list[dict[str, Any]], *, width: int, style: int = 0, stepped: bool = False
) -> dict[str, Any]:
    look = {**HIDDEN_LINE, **_SHOWN, "title": title, "color": colour, "lineWidth": width, "lineStyle": style}
    look |= {"lineType": 1 if stepped else 0, "lastValueVisible": True}
    return {"type": "Line", "data": points, "options": look}


def _markers(result: PhaseResult, times: list[int], last: int) -> list[dict[str, Any]]:
    found = []
    for breach in result.breaches:
        hard = breach.consequence is Consequence.HARD
        colour = theme.DOWN if hard else theme.WARNING
        text = "Breach" if hard else "Pause"
        mark = {"position": "belowBar", "shape": "arrowUp", "color": colour, "text": text}
        found.append({"time": _step(times, min(breach.at, last)) // 1000, **mark})
    if result.passed_at is not None:
        mark = {"position": "aboveBar", "shape": "circle", "color": theme.UP, "text": "Passed"}
        found.append({"time": _step(times, min(result.passed_at, last)) // 1000, **mark})
    return sorted(found, key=lambda one: one["time"])
