"""One image after the other: bars, elements, labels, bytes."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Engine

from core.bars import Bars
from core.charts.raster import encode, render
from core.charts.series import chart_series
from core.dataset.entries import SIDES, Offer, PlacedEntry, offers, placed
from core.dataset.history import REACH, History, history
from core.dataset.labels import Found, Label, found_in, labels
from core.dataset.recipe import Recipe
from core.dataset.scenes import annotated_scene, plot_of, prices_of, scene, type_title
from core.errors import DatasetError
from core.timeframe import Calendar, Timeframe
from db.actions.dataset import DrawnImage
from workers.dataset.plan import Item, Plan
from workers.dataset.sources import Source, load_source

_MARKS: Final = {"simulated": "SIMULATED", "sample": "SAMPLE"}


@dataclass(frozen=True)
class Picture:
    """A drawn image: its file and its rows."""

    path: str
    png: bytes
    drawn: DrawnImage


@dataclass(frozen=True)
class _Shown:
    """What a window shows, whatever the chart type."""

    bars: Bars
    found: list[Found]
    offered: list[Offer]


class Artist:
    """Draws the items of a plan. Holds the histories of one symbol at a time: what it needs does not grow."""

    def __init__(self, engine: Engine, build_id: int, recipe: Recipe, plan: Plan) -> None:
        self._engine, self._build_id, self._recipe = engine, build_id, recipe
        self._hashes = {(row["symbol"], row["timeframe"]): row["sha256"] for row in plan.sources}
        self._symbol = ""
        self._sources: dict[Timeframe, Source] = {}
        self._histories: dict[Timeframe, History] = {}
        self._window: tuple[object, ...] = ()
        self._shown: _Shown | None = None

    def draw(self, item: Item, now: datetime) -> Picture | None:
        """The image of an item; None where the price moved too little for a single brick or column.

        Raises:
            DatasetError: the bars are not those that the plan was made from.
        """
        shown = self._what_shows(item)
        source = self._sources[item.timeframe]
        series = chart_series(shown.bars, item.chart_type, tick=source.tick_size)
        if not len(series):
            return None
        more = prices_of(shown.offered) if self._recipe.annotate else ()
        plot = plot_of(shown.bars, series, self._recipe.width, self._recipe.height, more)
        heading = f"{item.symbol} {item.timeframe.name} {type_title(item.chart_type)}"
        look = (heading, _MARKS.get(source.origin, ""), series, plot)
        if self._recipe.annotate:
            last = float(shown.bars.close[-1])
            drawn = annotated_scene(*look, shown.found, shown.offered, last)
        else:
            drawn = scene(*look)
        png = encode(render(drawn))
        path = path_of(item)
        row = self._row(item, shown.bars, path, png, now) | {
            "price_low": plot.price_low,
            "price_high": plot.price_high,
        }
        found = [_pattern(one) for one in labels(shown.found, series, plot)]
        kept = {one["place"] for one in found}
        entries = [_entry(one, item.end) for one in placed(shown.offered, series, plot) if one.offer.place in kept]
        return Picture(path, png, DrawnImage(row, found, entries))

    def _what_shows(self, item: Item) -> _Shown:
        key = (item.symbol, item.timeframe, item.end)
        if self._shown is None or key != self._window:
            self._shown, self._window = self._look(item), key
        return self._shown

    def _look(self, item: Item) -> _Shown:
        self._load(item.symbol)
        recipe, here = self._recipe, self._histories[item.timeframe]
        reach = max(REACH, recipe.window)
        views = {timeframe: one.view(item.end, reach) for timeframe, one in self._histories.items()}
        log = views[item.timeframe].log
        found = found_in(log, item.start, item.end, recipe.families, recipe.score)
        offered = offers(found, views, item.timeframe, self._sources[item.timeframe].tick_size)
        last = here.position(item.end)
        return _Shown(here.bars[last - recipe.window : last], found, offered)

    def _load(self, symbol: str) -> None:
        if symbol == self._symbol:
            return
        self._sources, self._histories = {}, {}
        for timeframe in self._recipe.timeframes:
            source = load_source(self._engine, self._recipe, symbol, timeframe)
            if source.described()["sha256"] != self._hashes[symbol, timeframe.name]:
                raise DatasetError(
                    f"The {timeframe.name} bars of {symbol} have changed since this build began: "
                    "begin a new one in another folder.",
                    symbol,
                )
            self._sources[timeframe] = source
            self._histories[timeframe] = history(source.bars, self._recipe.families, Calendar(source.calendar))
        self._symbol = symbol

    def _row(self, item: Item, bars: Bars, path: str, png: bytes, now: datetime) -> dict[str, Any]:
        return {
            "build_id": self._build_id,
            "number": item.number,
            "symbol_id": self._sources[item.timeframe].symbol_id,
            "timeframe": int(item.timeframe),
            "chart_type": item.chart_type,
            "start": item.start,
            "end": item.end,
            "candles": len(bars),
            "current_price": float(bars.close[-1]),
            "width": self._recipe.width,
            "height": self._recipe.height,
            "path": path,
            "sha256": hashlib.sha256(png).hexdigest(),
            "split": item.split,
            "training": item.split == "train",
            "validated": False,
            "created_at": now,
        }


def path_of(item: Item) -> str:
    """Where an image lies in its data set: plain file names only, whatever a symbol is called."""
    moment = datetime.fromtimestamp(item.end / 1000, UTC)
    folder = f"images/{item.split}" if item.split else "images"
    return f"{folder}/{slug(item.symbol)}_{item.timeframe.name}_{item.chart_type}_{moment:%Y%m%dT%H%M}.png"


@lru_cache(maxsize=1024)
def slug(symbol: str) -> str:
    """A symbol as part of a file name; one that had to be changed is told apart by a hash."""
    plain = re.sub(r"[^A-Za-z0-9-]", "-", symbol)
    return plain if plain == symbol else f"{plain}-{hashlib.sha256(symbol.encode()).hexdigest()[:6]}"


def _pattern(one: Label) -> dict[str, Any]:
    x0, y0, x1, y1 = one.box
    found = one.found
    return {
        "place": one.place,
        "kind": found.kind,
        "direction": found.direction,
        "start": found.start,
        "end": found.end,
        "known_at": found.known_at,
        "price_low": found.price_low,
        "price_high": found.price_high,
        "score": found.score,
        "status": found.status,
        "x0": x0,
        "y0": y0,
        "x1": x1,
        "y1": y1,
        "verdict": "",
    }


def _entry(one: PlacedEntry, moment: int) -> dict[str, Any]:
    point = one.offer.point
    return {
        "place": one.offer.place,
        "kind": point.kind.name.lower(),
        "entry_type": point.entry_type,
        "direction": point.direction,
        "time": moment,
        "entry": point.entry,
        "stop": point.stop,
        "target": point.target,
        "reward_risk": point.reward_risk,
        "confidence": point.confidence,
        "band": point.band,
        "market_structure": SIDES[point.structure],
        "context": {timeframe.name: SIDES[side] for timeframe, side in point.context},
        "x": one.x,
        "y_entry": one.y_entry,
        "y_stop": one.y_stop,
        "y_target": one.y_target,
    }
