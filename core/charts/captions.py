"""Every word on a signal's chart: the plan's prices on the axis, title, facts, origin and the mark of a simulation."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from core.bars import Bars
from core.charts import theme
from core.charts.drawing import SignalDrawing
from core.charts.evidence import Frame

_TAG_HEIGHT: Final = 20


def tags(drawing: SignalDrawing, frame: Frame, height: float) -> list[dict[str, Any]]:
    """Prices of the plan on an axis of `height` pixels, pushed apart where they would cover each other."""
    plan = [("Entry", drawing.entry, theme.ENTRY), ("Stop", drawing.stop, theme.STOP)]
    plan.append(("Target", drawing.target, theme.TARGET))
    plan.sort(key=lambda row: row[1])
    pixel = (frame.high - frame.low) / height
    spread = _spread([price for _, price, _ in plan], _TAG_HEIGHT * pixel)
    shared = {"showarrow": False, "yanchor": "middle", "borderpad": 2}
    drawn = []
    for (name, price, colour), y in zip(plan, spread, strict=True):
        reward = f"  {drawing.reward_risk:.1f} R" if name == "Target" else ""
        drawn.append(
            shared
            | {
                "x": 1,
                "xref": "paper",
                "y": y,
                "xanchor": "left",
                "bgcolor": colour,
                "text": f"<b>{drawing.price(price)}</b>",
            }
            | {"font": {"color": theme.BACKGROUND, "size": 12}}
        )
        drawn.append(
            shared
            | {
                "x": frame.right,
                "y": y,
                "xanchor": "right",
                "text": name + reward,
                "font": {"color": colour, "size": 12},
            }
            | {"bgcolor": theme.fade(theme.BACKGROUND, 0.55)}
        )
    return drawn


def _spread(prices: list[float], gap: float) -> list[float]:
    """Rising prices moved apart to at least `gap`, the middle one kept in place."""
    low, middle, high = prices
    return [min(low, middle - gap), middle, max(high, middle + gap)]


def words(bars: Bars, drawing: SignalDrawing, height: int) -> list[dict[str, Any]]:
    """Title, subtitle, source line and, for a simulated market, the mark across the chart."""
    colour = theme.UP if drawing.direction > 0 else theme.DOWN
    kind = drawing.entry_type.replace("_", " ").lower()
    title = (
        f"<b>{drawing.symbol}</b>  <span style='color:{theme.MUTED}'>{bars.timeframe.name}</span>  "
        f"<b><span style='color:{colour}'>{drawing.side}</span></b>  {kind} {drawing.price(drawing.entry)}"
    )
    facts = [drawing.strategy, f"confidence {drawing.confidence:.2f} {drawing.band.replace('_', ' ').lower()}"]
    facts.append(f"reward to risk {drawing.reward_risk:.2f}")
    origin = f"Last bar closed {utc(drawing.as_of)} UTC · {drawing.source} · Chartroom"
    drawn = [
        _word(title, 0, 1, 44, 19, theme.TEXT),
        _word(" · ".join(fact for fact in facts if fact), 0, 1, 20, 12.5, theme.MUTED),
        _word(origin, 0, 0, -44, 11, theme.MUTED),
    ]
    if drawing.simulated:
        drawn.append(_word("<b>SIMULATED</b>", 1, 1, 44, 13, theme.WARNING) | {"xanchor": "right"})
        mark = {"x": 0.42, "y": 0.62, "xref": "paper", "yref": "paper", "showarrow": False, "text": "SIMULATED"}
        drawn.append(mark | {"font": {"size": height // 8, "color": theme.fade(theme.MUTED, 0.08)}})
    return drawn


def _word(text: str, x: float, y: float, shift: int, size: float, colour: str) -> dict[str, Any]:
    return {
        "text": text,
        "x": x,
        "y": y,
        "xref": "paper",
        "yref": "paper",
        "yshift": shift,
        "xanchor": "left",
        "yanchor": "middle",
        "showarrow": False,
        "font": {"size": size, "color": colour},
    }


def utc(moment: int) -> str:
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%d %H:%M")
