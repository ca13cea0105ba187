"""The bars that images are drawn from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Engine
from sqlmodel import col, select

from core.bars import Bars
from core.dataset.recipe import Recipe
from core.errors import ParameterError
from core.lineage import content_hash
from core.resample import DAY_MS
from core.timeframe import Timeframe
from db.engine import reader
from db.models import Symbol
from db.store.bars.series import read_bars

WARM_UP: Final = 500
"""Bars before the first window in which patterns and indicators already run."""


@dataclass(frozen=True)
class Source:
    """The bars of one symbol and timeframe, from the warm-up to the newest complete at the recipe's moment."""

    symbol_id: int
    symbol: str
    origin: str
    calendar: str
    tick_size: float
    bars: Bars

    def described(self) -> dict[str, Any]:
        """What the manifest says of it: enough to know whether bars are the same ones."""
        bars = self.bars
        return {
            "symbol": self.symbol,
            "source": self.origin,
            "timeframe": bars.timeframe.name,
            "bars": len(bars),
            "first": int(bars.time[0]),
            "last": int(bars.close_time[-1]),
            "sha256": content_hash(bars),
        }


def sources(engine: Engine, recipe: Recipe) -> Iterator[Source]:
    """Every symbol and timeframe of a recipe, one after the other: only one is in memory."""
    for symbol in recipe.symbols:
        for timeframe in recipe.timeframes:
            yield load_source(engine, recipe, symbol, timeframe)


def newest_close(engine: Engine, name: str, timeframe: Timeframe, until: int) -> int | None:
    """When the newest bar that is complete at `until` closed (UTC ms); None when there is none."""
    with reader(engine) as session:
        symbol = session.exec(select(Symbol).where(col(Symbol.name) == name)).first()
        if symbol is None or symbol.id is None:
            return None
        newest = read_bars(session, symbol.id, timeframe, until=until, count=1)
        return int(newest.close_time[-1]) if len(newest) else None


def load_source(engine: Engine, recipe: Recipe, name: str, timeframe: Timeframe) -> Source:
    """Read the bars.

    Raises:
        ParameterError: the symbol is gone, or has no bars.
    """
    with reader(engine) as session:
        symbol = session.exec(select(Symbol).where(col(Symbol.name) == name)).first()
        if symbol is None or symbol.id is None:
            raise ParameterError(f"There is no symbol '{name}': import its bars first, or correct the name.", name)
        newest = read_bars(session, symbol.id, timeframe, until=recipe.until, count=1)
        if not len(newest):
            raise ParameterError(
                f"{name} has no {timeframe.name} bars: choose another timeframe, or import finer bars.", name
            )
        since = int(newest.close_time[-1]) - recipe.days_back * DAY_MS
        recent = len(read_bars(session, symbol.id, timeframe, start=since, until=recipe.until))
        count = recent + recipe.window + WARM_UP
        bars = read_bars(session, symbol.id, timeframe, until=recipe.until, count=count)
        return Source(symbol.id, name, symbol.source, symbol.calendar, symbol.tick_size, bars)
