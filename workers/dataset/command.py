"""`python -m workers dataset` and `python -m workers charts`."""

# ruff: noqa: PLC0415  (what is heavy is imported when the command runs)

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypedDict

import typer

from core.errors import ChartroomError, ParameterError
from core.settings import Settings
from core.timeframe import Timeframe

if TYPE_CHECKING:
    from core.dataset.recipe import Recipe
    from workers.dataset.builder import Outcome

INTERRUPTED = 130

Symbols = Annotated[str, typer.Option(help="Names, separated by commas; every symbol that has such bars by default.")]
Timeframes = Annotated[str, typer.Option(help="1m, 5m, 15m, 30m, 1h, 4h, 1d, 1w; separated by commas.")]
Types = Annotated[str, typer.Option(help="candlestick, line, heikin_ashi, renko, point_figure; separated by commas.")]
DaysBack = Annotated[int, typer.Option(help="Windows end at most so many days before the symbol's newest bar.")]
Length = Annotated[int, typer.Option("--window", help="Bars on an image.")]
Size = Annotated[str, typer.Option(help="Pixels, width x height.")]
Annotate = Annotated[bool, typer.Option("--annotate", help="Draw patterns, entry and levels into the images.")]
Families = Annotated[str | None, typer.Option(help="Pattern families that are labelled; separated by commas.")]
# Text, not a path: an empty one would become the folder one happens to be in.
Out = Annotated[str | None, typer.Option(help="Folder; one of its own in the desk's data by default.")]


class _Rest(TypedDict, total=False):
    """What a `Recipe` says besides what is drawn, as its fields name it."""

    days_back: int
    window: int
    stride: int
    score: float
    gap: int
    validation: float
    test: float
    format: str
    annotate: bool
    kind: str


def dataset(
    timeframes: Timeframes,
    symbols: Symbols = "",
    types: Types = "candlestick",
    days_back: DaysBack = 30,
    window: Length = 200,
    stride: Annotated[int, typer.Option(help="Bars from one window to the next.")] = 20,
    format: Annotated[str, typer.Option(help="yolo, coco or parquet.")] = "yolo",
    out: Out = None,
    size: Size = "800x600",
    families: Families = None,
    min_score: Annotated[float, typer.Option(help="Least score of a label, 0 to 1.")] = 0.5,
    gap: Annotated[int, typer.Option(help="Bars after a window that no other split may show.")] = 50,
    validation: Annotated[float, typer.Option(help="Share of the windows for validation.")] = 0.15,
    test: Annotated[float, typer.Option(help="Share of the windows for tests.")] = 0.15,
    annotate: Annotate = False,
) -> None:
    """Build a labelled set of chart images, split by time into training, validation and test.

    Ctrl-C stops it; the same command goes on where it stopped. Exit code 1: it cannot be built; 2: the command cannot.
    """
    rest: _Rest = {"days_back": days_back, "window": window, "stride": stride, "gap": gap}
    rest |= {"score": min_score, "validation": validation, "test": test, "format": format, "annotate": annotate}
    _build(out, symbols, timeframes, types, size, families, rest)


def charts(
    timeframes: Timeframes,
    symbols: Symbols = "",
    types: Types = "candlestick",
    days_back: DaysBack = 7,
    window: Length = 200,
    out: Out = None,
    size: Size = "800x600",
    families: Families = None,
    annotate: Annotate = False,
) -> None:
    """Draw the newest bars of symbols as images, one window behind the other, without a split.

    Ctrl-C stops it; the same command goes on where it stopped. Exit code 1: it cannot be drawn; 2: the command cannot.
    """
    rest: _Rest = {"days_back": days_back, "window": window, "stride": max(window, 1)}
    rest |= {"kind": "charts", "annotate": annotate, "score": 0.5}
    _build(out, symbols, timeframes, types, size, families, rest)


def _build(
    out: str | None, symbols: str, timeframes: str, types: str, size: str, families: str | None, rest: _Rest
) -> None:
    try:
        place = _folder(out)
        recipe = _recipe(symbols, timeframes, types, size, families, rest)
        outcome, folder = _run(recipe, place)
    except ParameterError as error:
        raise _stop(error.message, 2) from error
    except ChartroomError as error:
        raise _stop(error.message, 1) from error
    _print(outcome, folder)


def _recipe(symbols: str, timeframes: str, types: str, size: str, families: str | None, rest: _Rest) -> Recipe:
    from core.dataset.recipe import FAMILIES, Recipe

    frames = tuple(Timeframe.parse(word) for word in _words(timeframes))
    width, height = _size(size)
    names = tuple(_words(symbols)) if symbols else _everything(frames)
    wanted = tuple(_words(families)) if families is not None else FAMILIES
    return Recipe(names, frames, tuple(_words(types)), width=width, height=height, families=wanted, **rest)


def _run(recipe: Recipe, out: Path | None) -> tuple[Outcome, Path]:
    from db.engine import default_engine
    from db.migrate import upgrade
    from workers.dataset.begin import find_or_ask
    from workers.dataset.builder import End, build_all, open_work
    from workers.dataset.progress import asked_to_stop, shown_progress

    engine = default_engine()
    upgrade(engine)
    build_id = find_or_ask(engine, recipe, out, Settings.from_mapping(os.environ).datasets)
    work = open_work(engine, build_id)
    with shown_progress() as progress, asked_to_stop() as stop:
        outcome = build_all(engine, work, progress, lambda made: stop())
    if outcome.end is End.STOPPED:
        raise _stop(f"Stopped. The same command goes on in {work.folder}.", INTERRUPTED)
    return outcome, work.folder


def _everything(timeframes: tuple[Timeframe, ...]) -> tuple[str, ...]:
    from db.engine import default_engine, reader
    from db.migrate import upgrade
    from db.store.bars.series import last_close
    from db.views.patterns import symbols_with_bars

    upgrade(default_engine())
    with reader() as session:
        names = [
            symbol.name
            for symbol in symbols_with_bars(session)
            if all(last_close(session, symbol.id or 0, timeframe) is not None for timeframe in timeframes)
        ]
    if not names:
        raise ParameterError("No symbol has bars of all these timeframes: import some, or name other timeframes.")
    return tuple(names)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _folder(out: str | None) -> Path | None:
    """The folder that `--out` names, without links and dots; None when it is not given."""
    if out is None:
        return None
    if not out.strip():
        raise ParameterError("--out names no folder: write one behind it, or leave it out.", out)
    try:
        return Path(out).expanduser().resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise ParameterError(f"'{out}' is no folder: name another one.", out) from error


def _size(text: str) -> tuple[int, int]:
    parts = text.lower().split("x")
    if len(parts) != 2 or not all(part.strip().isdecimal() for part in parts):  # noqa: PLR2004
        raise ParameterError(f"'{text}' is no size: write it like 800x600.", text)
    return int(parts[0]), int(parts[1])


def _print(outcome: Outcome, folder: Path) -> None:
    if not outcome.complete:
        raise _stop("The build was cancelled on the Dataset page; the same command goes on with it.", 1)
    noun = "image" if outcome.made == 1 else "images"
    print(f"{outcome.made:,} {noun} drawn, complete in {folder}")
    for note in outcome.plan.notes:
        print(f"  {note}")


def _stop(sentence: str, code: int) -> typer.Exit:
    print(sentence, file=sys.stderr)
    return typer.Exit(code)
