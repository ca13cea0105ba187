"""Which build an order from the command line goes on with, or that it is a new one, and where."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from core.dataset.recipe import Recipe
from core.errors import DatasetError, ParameterError
from db.actions.dataset import ask_build, check_sources
from db.engine import reader
from db.store.datasets import build_in, unfinished
from workers.dataset.files import STATE, make_folder
from workers.dataset.plan import keep, kept_plan, make_plan
from workers.dataset.sources import newest_close


def find_or_ask(engine: Engine, recipe: Recipe, out: Path | None, datasets: Path) -> int:
    """The id of the build in `out` when its recipe is the same, else of a new one.

    Without `out` the newest unfinished build of the recipe goes on; a new one gets a folder named by the moment.

    `out` is a path without links and dots.

    Raises:
        ParameterError: a symbol or its bars do not exist, the folder holds something else, or a finished build whose
            symbols have newer bars since.
        DatasetError: the folder cannot be made.
    """
    with reader(engine) as session:
        check_sources(session, recipe)
    now = datetime.now(UTC)
    if out is None:
        with reader(engine) as session:
            open_ = unfinished(session, recipe.identity())
        if open_ is not None and open_.id is not None and Path(open_.folder).is_dir():
            return open_.id
        return _new(engine, recipe, datasets.resolve() / f"{recipe.kind}-{now:%Y%m%d-%H%M%S-%f}", now)
    return _in_folder(engine, recipe, out, now)


def _in_folder(engine: Engine, recipe: Recipe, folder: Path, now: datetime) -> int:
    if folder.exists() and not folder.is_dir():
        raise ParameterError(f"{folder} is a file: choose a folder.", folder)
    with reader(engine) as session:
        there = build_in(session, str(folder))
    filled = folder.is_dir() and any(folder.iterdir())
    if filled and there is not None and there.id is not None and there.identity == recipe.identity():
        if there.status == "done":
            _refuse_stale(engine, Recipe.from_json(there.recipe), folder, now)
        return there.id
    if filled and not _only_begun(folder):
        raise ParameterError(f"{folder} holds something else: choose an empty folder, or a new one.", folder)
    return _new(engine, recipe, folder, now)


def _refuse_stale(engine: Engine, recipe: Recipe, folder: Path, now: datetime) -> None:
    """Raises ParameterError when a symbol has newer complete bars than those that the finished build was made from."""
    seen = _ends(folder)
    for symbol in recipe.symbols:
        for timeframe in recipe.timeframes:
            newest = newest_close(engine, symbol, timeframe, int(now.timestamp() * 1000))
            last = seen.get((symbol, timeframe.name), recipe.until)
            if newest is not None and newest > last:
                raise ParameterError(
                    f"The images in {folder} are complete, but end at {_spelled(last)} while {symbol} has "
                    f"{timeframe.name} bars to {_spelled(newest)} UTC: name another --out, or none, for new ones.",
                    folder,
                )


def _ends(folder: Path) -> dict[tuple[str, str], int]:
    """Close of the last bar (UTC ms) by symbol and timeframe; empty when the plan is gone."""
    try:
        return {(row["symbol"], row["timeframe"]): int(row["last"]) for row in kept_plan(folder).sources}
    except DatasetError:
        return {}


def _spelled(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment / 1000, UTC):%Y-%m-%d %H:%M}"


def _new(engine: Engine, recipe: Recipe, folder: Path, now: datetime) -> int:
    """Planned before it is stored: what cannot be built leaves no trace."""
    dated = replace(recipe, until=int(now.timestamp() * 1000))
    plan = make_plan(engine, dated)
    make_folder(folder)
    keep(plan, folder)
    return ask_build(engine, dated, folder, now)


def _only_begun(folder: Path) -> bool:
    """Whether all that is there is the state of a build that never drew an image."""
    return [path.name for path in folder.iterdir()] == [STATE]
