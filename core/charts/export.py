"""What a person may ask of an exported chart: the request, its limits, and its stored form."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from core.charts.series import CHART_TYPES
from core.errors import ParameterError
from core.timeframe import Timeframe

SUBJECTS: Final = ("signal", "trade", "chart", "patterns")
FORMATS: Final = ("png", "svg", "pdf", "html")
THEMES: Final = ("dark", "light")

WIDTHS: Final = (320, 3840)
HEIGHTS: Final = (240, 2160)
SCALES: Final = (0.5, 4.0)
BARS: Final = (2, 2000)
SIZES: Final = (1e-12, 1e15)
REVERSALS: Final = (1, 100)
MOST_PIXELS: Final = 40_000_000
"""Of the finished image: what a browser draws without failing, and four times a screen of 3840 by 2160."""
MOST_OVERLAYS: Final = 12
MOST_POSITIONS: Final = 20


@dataclass(frozen=True)
class Overlay:
    """An indicator on the chart: its name in `core.indicators.registry`, parameters, and whether below the price."""

    name: str
    parameters: tuple[tuple[str, float | str], ...] = ()
    pane: bool = False


@dataclass(frozen=True)
class ExportRequest:
    """Everything that an exported chart is drawn from, besides the stored bars.

    The window ends with the last bar complete at `until` (UTC ms; None: the newest when it is asked for) and holds the
    last `bars` of them, or all opened at or after `start` (UTC ms) where that is given. `patterns` are
    families of `core.patterns.families`; `signals` and `trades` are ids whose position tools are drawn.
    `size` and `reversal` are those of `core.charts.series.chart_series`.
    `width` and `height` are pixels before `scale`; a page (`html`) has no scale.
    """

    symbol_id: int
    timeframe: Timeframe
    chart_type: str = "candlestick"
    until: int | None = None
    start: int | None = None
    bars: int = 150
    overlays: tuple[Overlay, ...] = ()
    patterns: tuple[str, ...] = ()
    signals: tuple[int, ...] = ()
    trades: tuple[int, ...] = ()
    format: str = "png"
    theme: str = "dark"
    width: int = 1280
    height: int = 720
    scale: float = 1.5
    size: float | None = None
    reversal: int | None = None
    volume: bool = True

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height of the finished image."""
        factor = 1.0 if self.format == "html" else self.scale
        return round(self.width * factor), round(self.height * factor)

    def stored(self) -> dict[str, Any]:
        """As JSON, complete: `from_stored` gives the same request back."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        plain["timeframe"] = self.timeframe.name
        plain["overlays"] = [
            {"name": one.name, "parameters": dict(one.parameters), "pane": one.pane} for one in self.overlays
        ]
        return plain | {name: list(plain[name]) for name in ("patterns", "signals", "trades")}


def from_stored(stored: Mapping[str, Any]) -> ExportRequest:
    """A request from its JSON, checked.

    Raises:
        ParameterError: a field that is unknown, missing or of the wrong kind, or what `check` refuses.
    """
    known = {field.name for field in fields(ExportRequest)}
    strange = sorted(set(stored) - known)
    if strange:
        raise ParameterError(f"'{strange[0]}' is no part of a chart request: leave it out.", strange[0])
    try:
        values = dict(stored) | {"timeframe": Timeframe.parse(stored["timeframe"])}
        values["overlays"] = tuple(
            Overlay(one["name"], tuple(one.get("parameters", {}).items()), bool(one.get("pane", False)))
            for one in stored.get("overlays", ())
        )
        for name in ("patterns", "signals", "trades"):
            values[name] = tuple(stored.get(name, ()))
        return check(ExportRequest(**values))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ParameterError(f"The chart request cannot be read ({error}): state it anew.", stored) from error


def check(request: ExportRequest) -> ExportRequest:
    """The request, if it is within the stated limits.

    Raises:
        ParameterError: one sentence that names what is wrong and what is allowed.
    """
    _one_of("format", request.format, FORMATS)
    _one_of("theme", request.theme, THEMES)
    _one_of("chart type", request.chart_type, CHART_TYPES)
    _within("width", request.width, WIDTHS, " pixels")
    _within("height", request.height, HEIGHTS, " pixels")
    _within("scale", request.scale, SCALES)
    _within("number of bars", request.bars, BARS)
    wide, high = request.pixels
    if wide * high > MOST_PIXELS:
        raise ParameterError(
            f"{wide} x {high} pixels are more than {MOST_PIXELS // 1_000_000} million: choose a smaller size or scale.",
            (wide, high),
        )
    if request.start is not None and request.until is not None and request.start >= request.until:
        raise ParameterError("The range ends before it begins: choose a later end.", (request.start, request.until))
    if request.size is not None:
        _within("brick or box size", request.size, SIZES)
    if request.reversal is not None:
        _within("reversal", request.reversal, REVERSALS, " boxes")
    _few("indicators", request.overlays, MOST_OVERLAYS)
    _few("signals and trades", (*request.signals, *request.trades), MOST_POSITIONS)
    return replace(request, scale=float(request.scale))


def _one_of(name: str, value: object, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise ParameterError(f"'{value}' is no {name} of an exported chart: use {', '.join(allowed)}.", value)


def _within(name: str, value: float, allowed: tuple[float, float], unit: str = "") -> None:
    low, high = allowed
    whole = isinstance(low, float) or float(value).is_integer()
    if isinstance(value, bool) or not math.isfinite(value) or not low <= value <= high or not whole:
        raise ParameterError(f"A {name} of {value:g} cannot be: choose {low:g} to {high:g}{unit}.", value)


def _few(what: str, given: Sequence[object], most: int) -> None:
    if len(given) > most:
        raise ParameterError(f"{len(given)} {what} are too many for one chart: choose at most {most}.", given)
