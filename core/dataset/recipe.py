"""What decides the content of a set of chart images: checked once, stored with it, and compared when it goes on."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from core.charts.series import CHART_TYPES
from core.errors import ParameterError
from core.lineage import content_hash
from core.patterns.families import ALL
from core.stats.patterns import HORIZON
from core.timeframe import Timeframe

KINDS: Final = ("dataset", "charts")
"""A labelled data set, or plain images of the newest windows."""


FORMATS: Final = ("yolo", "coco", "parquet")
FAMILIES: Final = ("smart_money", "levels", "shapes")
"""The families that are labelled by default."""

LEAST_SIDE, MOST_SIDE = 200, 4096
LEAST_WINDOW, MOST_WINDOW = 10, 2_000
MOST_DAYS = 36_525
MOST_STRIDE = 100_000


@dataclass(frozen=True)
class Recipe:
    """Which windows of which bars are drawn how, and labelled with what.

    A window is `window` bars; consecutive ones are `stride` bars apart, counted back from the newest bar, as long as
    they end within `days_back` days of it. `until` (UTC ms) is the moment from which "newest" counts. `gap` bars after
    a window belong to it as well when the images are split: what a label or an outcome could have looked at.
    `validation` and `test` are shares of 0..1, the rest is for training; `charts` are not split. `score` is the least
    score of a label. `annotate` draws labels into the images.
    """

    symbols: tuple[str, ...]
    timeframes: tuple[Timeframe, ...]
    types: tuple[str, ...] = ("candlestick",)
    days_back: int = 30
    window: int = 200
    stride: int = 20
    width: int = 800
    height: int = 600
    families: tuple[str, ...] = FAMILIES
    score: float = 0.5
    gap: int = HORIZON
    validation: float = 0.15
    test: float = 0.15
    format: str = "yolo"
    annotate: bool = False
    kind: str = "dataset"
    until: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ParameterError(f"'{self.kind}' is no kind of image set: use {' or '.join(KINDS)}.", self.kind)
        _some("symbol", self.symbols)
        _some("timeframe", self.timeframes)
        _known("chart type", self.types, CHART_TYPES)
        _known("pattern family", self.families, ALL)
        _known("format", (self.format,), FORMATS)
        _within("The window", self.window, LEAST_WINDOW, MOST_WINDOW, "bars")
        _within("The stride", self.stride, 1, MOST_STRIDE, "bars")
        _within("The gap", self.gap, 0, MOST_STRIDE, "bars")
        _within("The time looked back", self.days_back, 1, MOST_DAYS, "days")
        _within("The width", self.width, LEAST_SIDE, MOST_SIDE, "pixels")
        _within("The height", self.height, LEAST_SIDE, MOST_SIDE, "pixels")
        _share("The least score", self.score)
        _share("The share for validation", self.validation)
        _share("The share for tests", self.test)
        if self.validation + self.test >= 1:
            raise ParameterError("Validation and test leave nothing to train with: let them add up to less than 1.")

    def identity(self) -> str:
        """Hash of everything but the moment: the same order, given later."""
        return content_hash({name: value for name, value in asdict(self).items() if name != "until"})

    def to_json(self) -> dict[str, Any]:
        """JSON values; timeframes by name."""
        plain = asdict(self) | {"timeframes": [one.name for one in self.timeframes]}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Recipe:
        """Back from `to_json`."""
        known = {field.name: stored[field.name] for field in fields(cls) if field.name in stored}
        lists = {name: tuple(value) for name, value in known.items() if isinstance(value, list)}
        return cls(**known | lists | {"timeframes": tuple(Timeframe[name] for name in stored["timeframes"])})


def _some(what: str, values: tuple[object, ...]) -> None:
    if not values:
        raise ParameterError(f"Name at least one {what}.")
    if len(set(values)) < len(values):
        raise ParameterError(f"A {what} is named twice: name each once.", values)


def _known(what: str, values: tuple[str, ...], allowed: tuple[str, ...]) -> None:
    _some(what, values)
    for value in values:
        if value not in allowed:
            raise ParameterError(f"'{value}' is no {what}: use {', '.join(allowed)}.", value)


def _within(what: str, value: int, low: int, high: int, unit: str) -> None:
    if not low <= value <= high:
        raise ParameterError(f"{what} of {value} {unit} cannot be: use {low:,} to {high:,}.", value)


def _share(what: str, value: float) -> None:
    if not (math.isfinite(value) and 0 <= value <= 1):
        raise ParameterError(f"{what} of {value} cannot be: use a number from 0 to 1.", value)
