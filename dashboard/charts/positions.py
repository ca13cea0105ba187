"""Signals and trades on a chart as position tools: boxes for each, all levels by name for one. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from core.charts import theme
from dashboard.charts.candles import Axis, Series
from dashboard.charts.overlays import Position, Target, plan_boxes, position_tool
from db.views.charts import PlanLine

MOST: Final = 5
"""More position tools than this cover the candles: the newest are kept."""

Focus = tuple[str, int]
"""`signal` or `trade`, and its id: the one to point out."""


def without_taken(plans: Sequence[PlanLine], focus: Focus | None) -> list[PlanLine]:
    """All but the signals that were taken: these show as their trade, unless they are the one in focus."""
    taken = {one.signal_id for one in plans if one.kind == "trade"}
    return [one for one in plans if one.kind == "trade" or one.id not in taken or (one.kind, one.id) == focus]


def to_draw(plans: Sequence[PlanLine], focus: Focus | None) -> list[PlanLine]:
    """The one in focus and the newest others, no more than a chart can carry."""
    newest = sorted(plans, key=lambda one: ((one.kind, one.id) != focus, -one.start, -one.id))
    return newest[:MOST]


def in_front(plans: Sequence[PlanLine], focus: Focus | None, moment: int) -> PlanLine | None:
    """The plan whose levels are named: the one in focus, else the newest that still runs at `moment` (UTC ms)."""
    for one in plans:
        if (one.kind, one.id) == focus:
            return one
    return next((one for one in plans if one.end is None or one.end > moment), None)


def weight(plans: Sequence[PlanLine], front: PlanLine | None) -> int:
    """Boxes and lines that these plans take."""
    levels = 0 if front is None else 2 + max(1, len(front.targets))
    return 2 * len(plans) + levels


def position_series(axis: Axis, plans: Sequence[PlanLine], front: PlanLine | None) -> tuple[list[Series], list[Any]]:
    """Series and markers of these plans; `front` is drawn with its levels."""
    series: list[Series] = []
    markers: list[dict[str, Any]] = []
    for one in plans:
        series += position_tool(axis, _position(one)) if one == front else _boxes(axis, one)
        markers.append(_arrow(axis, one.start, one.direction, _name(one)))
        if one.kind == "trade" and one.end is not None:
            markers.append(_arrow(axis, one.end, -one.direction, "closed"))
    return series, _gathered(markers)


def _gathered(markers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One arrow a bar and side, with all their names: several signals often stand on one bar."""
    found: dict[tuple[int, str], dict[str, Any]] = {}
    for one in markers:
        place = (one["time"], one["position"])
        text = f"{found[place]['text']} {one['text']}" if place in found else one["text"]
        found[place] = one | {"text": text}
    return list(found.values())


def _name(one: PlanLine) -> str:
    """`#12` is signal 12: several often stand close together."""
    return f"trade {one.id}" if one.kind == "trade" else f"#{one.id}"


def _boxes(axis: Axis, one: PlanLine) -> list[Series]:
    span = axis.span(one.start, axis.times[-1] * 1000 if one.end is None else one.end)
    return plan_boxes(span, one.entry, one.stop, one.target, (0.12, 0.10))


def _position(one: PlanLine) -> Position:
    return Position(one.direction, one.entry, one.stop, one.target, _targets(one), one.start, one.end)


def _targets(one: PlanLine) -> list[Target]:
    risk = None if one.stop is None else abs(one.entry - one.stop) or 1.0
    stated: Sequence[dict[str, Any]] = one.targets
    if not stated and one.target is not None:
        stated = ({"name": "target", "price": one.target},)
    prices = [(str(each.get("name", "target")), float(each["price"])) for each in stated]
    return [Target(name, price, None if risk is None else abs(price - one.entry) / risk) for name, price in prices]


def _arrow(axis: Axis, moment: int, direction: int, text: str) -> dict[str, Any]:
    up = direction > 0
    return {
        "time": axis.snap(moment),
        "position": "belowBar" if up else "aboveBar",
        "color": theme.UP if up else theme.DOWN,
        "shape": "arrowUp" if up else "arrowDown",
        "size": 1,
        "text": text,
    }
