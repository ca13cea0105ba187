"""Every word on an exported chart: prices of the plan on the axis, title, facts, legend, origin, the simulated mark."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import Any, Final

import numpy as np

from core.charts import theme
from core.charts.evidence import visible
from core.charts.palette import Palette
from core.charts.panels import Panels
from core.charts.scene import Scene
from core.charts.series import ChartSeries
from core.charts.transforms import REVERSAL
from core.patterns.naming import FAMILY_TITLES

_TAG_HEIGHT: Final = 20
_TYPES: Final = {"line": "Line", "heikin_ashi": "Heikin Ashi", "renko": "Renko", "point_figure": "Point & Figure"}
_NOUNS: Final = {"renko": "brick", "point_figure": "column"}


def tags(scene: Scene, panels: Panels, palette: Palette) -> list[dict[str, Any]]:
    """Prices of the plans on the axis, named and pushed apart where they would cover each other."""
    plan = _plan(scene, palette)
    if not plan:
        return []
    spread = _spread([price for _, price, _ in plan], _TAG_HEIGHT * panels.text * panels.up)
    return [
        {
            "x": 1,
            "xref": "paper",
            "y": y,
            "xanchor": "left",
            "yanchor": "middle",
            "showarrow": False,
            "borderpad": 2,
            "bgcolor": colour,
            "text": f"{name} <b>{scene.price(price)}</b>",
            "font": {"color": palette.tag_text, "size": panels.size(12)},
        }
        for (name, price, colour), y in zip(plan, spread, strict=True)
    ]


def price_ticks(scene: Scene, panels: Panels) -> list[float]:
    """Round prices for the axis, without those that a tag would cover."""
    step = _round_step((panels.high - panels.low) * 46 / panels.price_height)
    first = np.ceil(panels.low / step) * step
    found = np.arange(first, panels.high, step)
    gap = _TAG_HEIGHT * panels.text * panels.up
    plan = _plan(scene, None)
    taken = _spread([price for _, price, _ in plan], gap) if plan else []
    return [float(price) for price in found if all(abs(price - other) > gap * 0.95 for other in taken)]


def words(scene: Scene, series: ChartSeries, panels: Panels, palette: Palette) -> list[dict[str, Any]]:
    """Title, subtitle, source line and, for a simulated market, the mark across the chart."""
    colour = palette.up if scene.side > 0 else palette.down
    kind = f"  {_TYPES[scene.chart_type]}" if scene.chart_type in _TYPES else ""
    side = {1: "Long", -1: "Short"}.get(scene.side, "")
    title = (
        f"<b>{escape(scene.symbol)}</b>  <span style='color:{palette.muted}'>{scene.bars.timeframe.name}{kind}</span>  "
        f"<b><span style='color:{colour}'>{side}</span></b>  {escape(scene.headline)}"
    )
    top = 72 * panels.text
    origin = f"Last bar closed {utc(scene.bars.as_of)} UTC · {escape(scene.source)} · Chartroom"
    facts = " · ".join(
        escape(fact) for fact in (*_elements(scene, series), *scene.facts, _patterns(scene, panels)) if fact
    )
    drawn = [
        _word(title, 0, 1, top * 0.61, panels.size(19), palette.text),
        _word(_fitting(facts, panels), 0, 1, top * 0.28, panels.size(12.5), palette.muted),
        _word(origin, 0, 0, 12 - panels.margin["b"], panels.size(11), palette.muted),
    ]
    if scene.simulated:
        mark = _word("<b>SIMULATED</b>", 1, 1, top * 0.28, panels.size(12.5), palette.warning)
        drawn.append(mark | {"xanchor": "right"})
        middle = sum(panels.price) / 2
        behind = {"x": 0.42, "y": middle, "xref": "paper", "yref": "paper", "showarrow": False, "text": "SIMULATED"}
        size = min(panels.height // 8, panels.width // 11)
        drawn.append(behind | {"font": {"size": size, "color": theme.fade(palette.muted, 0.08)}})
    return drawn


def legend(scene: Scene, panels: Panels, palette: Palette) -> list[dict[str, Any]]:
    """The names of the indicators in their colours, at the top left of the panel each stands in."""
    drawn = []
    for pane in dict.fromkeys(curve.pane for curve in scene.curves):
        names = [
            f"<span style='color:{colour}'>{escape(curve.name)}</span>"
            for curve, colour in coloured(scene, palette)
            if curve.pane == pane
        ]
        top = panels.panes[pane][1] if pane else panels.price[1]
        drawn.append(_word("   ".join(names), 0, top, -9 * panels.text, panels.size(11), palette.muted))
    return [one | {"xshift": 4, "bgcolor": theme.fade(palette.background, 0.6)} for one in drawn]


def coloured(scene: Scene, palette: Palette) -> list[tuple[Any, str]]:
    """Each curve with its colour."""
    return [(curve, palette.series[at % len(palette.series)]) for at, curve in enumerate(scene.curves)]


def utc(moment: int) -> str:
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%d %H:%M")


def _elements(scene: Scene, series: ChartSeries) -> list[str]:
    """`24 bricks of 0.5`: how many, how large, and what turns a column."""
    noun = _NOUNS.get(series.type)
    if noun is None or series.size is None:
        return []
    said = f"{len(series):,} {noun if len(series) == 1 else noun + 's'} of {series.size:g}"
    if series.type == "point_figure":
        said += f", reversal {REVERSAL if scene.reversal is None else scene.reversal}"
    return [said]


def _patterns(scene: Scene, panels: Panels) -> str:
    """`100 of 342 pattern events: smart money, levels`, of those that are drawn."""
    if scene.patterns is None:
        return ""
    drawn = [event for event in visible(scene.events, panels) if "family" in event]
    noun = "event" if scene.patterns == 1 else "events"
    count = f"{len(drawn)}" if len(drawn) == scene.patterns else f"{len(drawn)} of {scene.patterns}"
    families = {event["family"] for event in drawn}
    named = ", ".join(title.lower() for family, title in FAMILY_TITLES.items() if family in families)
    return f"{count} pattern {noun}{': ' if named else ''}{named}"


def _plan(scene: Scene, palette: Palette | None) -> list[tuple[str, float, str]]:
    """Entry, stop and target of the tagged tools, from the lowest price up."""
    plan = sorted((row for tool in scene.tools if tool.tagged for row in tool.plan), key=lambda row: row[1])
    return [(name.capitalize(), price, getattr(palette, name) if palette else "") for name, price in plan]


def _spread(prices: list[float], gap: float) -> list[float]:
    """Rising prices moved apart to at least `gap`, the middle one kept in place."""
    middle = len(prices) // 2
    moved = list(prices)
    for at in range(middle + 1, len(moved)):
        moved[at] = max(moved[at], moved[at - 1] + gap)
    for at in range(middle - 1, -1, -1):
        moved[at] = min(moved[at], moved[at + 1] - gap)
    return moved


def _round_step(least: float) -> float:
    """The smallest of 1, 2, 2.5 and 5 times a power of ten that is at least this."""
    power = 10.0 ** np.floor(np.log10(least))
    return float(next(power * one for one in (1, 2, 2.5, 5, 10) if power * one >= least * 0.999))


def _fitting(facts: str, panels: Panels) -> str:
    """As many facts as the chart is wide."""
    room = panels.width - panels.margin["l"] - panels.margin["r"] - panels.letters("SIMULATED  ", 12.5)
    while panels.letters(facts, 12.5) > room and " · " in facts:
        facts = facts.rpartition(" · ")[0]
    return facts


def _word(text: str, x: float, y: float, shift: float, size: float, colour: str) -> dict[str, Any]:
    return {
        "text": text,
        "x": x,
        "y": y,
        "xref": "paper",
        "yref": "paper",
        "yshift": round(shift, 1),
        "xanchor": "left",
        "yanchor": "middle",
        "showarrow": False,
        "font": {"size": size, "color": colour},
    }
