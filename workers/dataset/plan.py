"""What a build will draw: fixed before the first image and kept beside the images, so that it can go on at any time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine

from core.dataset.recipe import Recipe
from core.dataset.split import NONE, SPLITS, boundaries
from core.dataset.windows import Window, windows
from core.errors import DatasetError, ParameterError
from core.resample import DAY_MS
from core.timeframe import Timeframe
from db.version import code_version
from workers.dataset.files import STATE, write
from workers.dataset.sources import sources

FILE: Final = f"{STATE}/plan.json"


@dataclass(frozen=True)
class Item:
    """One image to draw: `number` is its place in the build."""

    number: int
    symbol: str
    timeframe: Timeframe
    chart_type: str
    start: int
    end: int
    split: str


@dataclass(frozen=True)
class Plan:
    """Everything a build depends on.

    `sources` describe the bars (see `Source.described`), `boundaries` the moments at which validation and test begin.
    `windows` are [symbol, timeframe in minutes, start, end, split], in the order of drawing; `notes` say in sentences
    what a person should know about them. `left_out` counts windows across a boundary by timeframe.
    """

    recipe: dict[str, Any]
    code: str
    sources: list[dict[str, Any]]
    boundaries: list[dict[str, Any]]
    windows: list[list[Any]]
    left_out: dict[str, int]
    notes: list[str]

    @property
    def total(self) -> int:
        return len(self.windows) * len(self.recipe["types"])

    def items(self) -> Iterator[Item]:
        """Every image, in order."""
        types = self.recipe["types"]
        for place, (symbol, minutes, start, end, split) in enumerate(self.windows):
            for offset, chart_type in enumerate(types):
                number = place * len(types) + offset
                yield Item(number, symbol, Timeframe(minutes), chart_type, start, end, split)


def planned(engine: Engine, recipe: Recipe, folder: Path) -> Plan:
    """The plan kept in the folder, else a new one, which is kept there.

    Raises:
        ParameterError: no bars, or a window longer than the history.
        DatasetError: the program is not the one that began, or the folder cannot be written.
    """
    kept = _read(folder / FILE)
    if kept is not None and kept.recipe == recipe.to_json():
        if kept.code != code_version():
            raise DatasetError(
                "The program has changed since this build began, and its images would not fit together: "
                "begin a new one in another folder.",
                kept.code,
            )
        return kept
    plan = make_plan(engine, recipe)
    keep(plan, folder)
    return plan


def kept_plan(folder: Path) -> Plan:
    """The plan that a finished data set was built by, whichever program that was.

    Raises:
        DatasetError: it is gone.
    """
    plan = _read(folder / FILE)
    if plan is None:
        raise DatasetError(f"{folder} has lost what its labels are written from: build it again.", folder)
    return plan


def keep(plan: Plan, folder: Path) -> None:
    """Put a plan where `planned` finds it."""
    write(folder / FILE, json.dumps(asdict(plan)).encode())


def make_plan(engine: Engine, recipe: Recipe) -> Plan:
    """Look at the bars and decide on windows and splits.

    Raises:
        ParameterError: no bars, or a window longer than the history.
    """
    every: list[Window] = []
    described = []
    for source in sources(engine, recipe):
        every += windows(source.symbol, source.bars, recipe.days_back, recipe.window, recipe.stride, recipe.gap)
        described.append(source.described())
    if recipe.kind == "charts":
        placed = [(window, NONE) for window in every]
        return _plan(recipe, described, [], placed, Counter())
    bounds = boundaries(every, recipe.validation, recipe.test)
    by_symbol = {symbol: bound for bound in bounds for symbol in bound.symbols}
    placed = [(window, by_symbol[window.symbol].split_of(window)) for window in every]
    left_out = Counter(Timeframe(window.timeframe).name for window, split in placed if split == NONE)
    kept = [(window, split) for window, split in placed if split != NONE]
    return _plan(recipe, described, [asdict(bound) for bound in bounds], kept, left_out)


def _plan(
    recipe: Recipe,
    described: list[dict[str, Any]],
    bounds: list[dict[str, Any]],
    placed: list[tuple[Window, str]],
    left_out: Counter[str],
) -> Plan:
    rows = [[one.symbol, one.timeframe, one.start, one.end, split] for one, split in placed]
    if not rows:
        raise ParameterError("There is no window to draw: look further back, or use a shorter window.", recipe)
    notes = _notes(recipe, placed, left_out) if recipe.kind == "dataset" else []
    return Plan(recipe.to_json(), code_version(), described, bounds, rows, dict(left_out), notes)


def _notes(recipe: Recipe, placed: list[tuple[Window, str]], left_out: Counter[str]) -> list[str]:
    """A sentence for each timeframe that some split lacks, and for windows left out."""
    shares = dict(zip(SPLITS, (1 - recipe.validation - recipe.test, recipe.validation, recipe.test), strict=True))
    wanted = [split for split, share in shares.items() if share > 0]
    notes = []
    for timeframe in recipe.timeframes:
        ours = [(window, split) for window, split in placed if window.timeframe == timeframe]
        missing = [split for split in wanted if split not in {split for _, split in ours}]
        if missing:
            notes.append(
                f"{timeframe.name} has no image for {' and '.join(missing)}: a window with its gap spans "
                f"{_span(recipe, timeframe, ours)} of {recipe.days_back} days. Look further back, "
                "or use a shorter window or gap."
            )
    count = sum(left_out.values())
    if count:
        noun = "window lies" if count == 1 else "windows lie"
        notes.append(f"{count:,} {noun} across a boundary between the splits and are left out, so that none leaks.")
    return notes


def _span(recipe: Recipe, timeframe: Timeframe, ours: list[tuple[Window, str]]) -> str:
    longest = max((window.reach - window.start for window, _ in ours), default=None)
    days = (longest or (recipe.window + recipe.gap) * timeframe.ms) / DAY_MS
    return f"{days:.1f}"


def _read(path: Path) -> Plan | None:
    try:
        return Plan(**json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
