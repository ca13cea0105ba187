"""Many trades fast, for figures: one read of plain columns, of which only the P&L is exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import BigInteger, Select, String, func, select, type_coerce
from sqlmodel import Session, col

from db.models import Signal, Strategy, Symbol, Tag, Trade, TradeTag
from db.money import SCALE
from db.views.journal import TradeFilter, narrow

_WHOLE = ("id", "symbol_id", "direction")
_FLOATS = ("r_multiple", "entry_price", "exit_price", "first_stop", "worst_price", "best_price", "rating", "signal_id")
_TEXTS = ("setup", "emotion")
_MOMENTS = ("opened_at", "closed_at")
# What people wrote may hold any sign but this, which stands between two of their texts.
_BETWEEN = dict.fromkeys(_TEXTS, "\x1f")
_STATUS = np.array(["closed", "open"], dtype=object)
_TRADE = Trade.__table__  # type: ignore[attr-defined]


def figures(session: Session, wanted: TradeFilter, *, tags: bool = False, results: bool = False) -> pd.DataFrame:
    """The trades that match as `core.stats` reads them, the newest first.

    With `results` only what balance, results and calendar are made of: id, symbol_id, direction, status, pnl,
    r_multiple, opened_at, closed_at. It takes half the time.

    Columns: id, symbol_id, direction (int64); status, setup, emotion, symbol, strategy, band (text, None without a
    signal); pnl (Decimal, None while nothing is realised); r_multiple, entry_price, exit_price, first_stop,
    worst_price, best_price, rating, signal_id (float64, NaN where there is none); opened_at, closed_at (UTC, NaT). With
    `tags` also tags: a list of names for each trade.
    """
    names = (*_WHOLE, *(("r_multiple",) if results else (*_FLOATS, *_TEXTS)), "pnl", *_MOMENTS)
    query = select(*(_TRADE.c[name] for name in names))
    if wanted.strategies:
        query = query.join(Signal, col(Signal.id) == _TRADE.c.signal_id)
    query = narrow(query, replace(wanted, account_id=None))
    if wanted.account_id is not None:
        # Not by an index, which would jump to every row: most trades of a desk are those of the account one looks at.
        query = query.where(_TRADE.c.account_id + 0 == wanted.account_id)
    # In the order in which they are stored, and turned round here: sorting is the data base's slowest way.
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    found = _read_joined(session, query, names) if on_sqlite else _read_rows(session, query, names)
    order = np.argsort(-found["id"], kind="stable")
    frame = pd.DataFrame({name: values[order] for name, values in found.items()}, copy=False)
    frame["status"] = pd.Series(_STATUS[frame["closed_at"].isna().to_numpy().astype(np.intp)], dtype=object)
    if not results:
        _name(session, frame)
    if tags:
        frame["tags"] = _tags(session, wanted, frame["id"])
    return frame


def _read_rows(session: Session, query: Select[Any], names: Sequence[str]) -> dict[str, Any]:
    """The columns of a query as arrays, from its rows."""
    with session.connection().execute(query) as result:
        # The driver's own tuples: row objects would cost half as much again as the reading.
        rows = list(result.cursor.fetchall())
    table = zip(*rows, strict=True) if rows else [()] * len(names)
    return {name: _column(name, values) for name, values in zip(names, table, strict=True)}


def _column(name: str, values: tuple[Any, ...]) -> Any:
    if name in _FLOATS:
        return np.array(values, dtype=np.float64)
    if name in _WHOLE:
        return np.array(values, dtype=np.int64)
    if name in _MOMENTS:
        return pd.DatetimeIndex(pd.to_datetime(list(values), utc=True)).as_unit("us")
    return _objects(values)


def _read_joined(session: Session, query: Select[Any], names: Sequence[str]) -> dict[str, Any]:
    """The same from SQLite, in half the time: all but floats come as one text a column, without an object a value."""
    inner = query.subquery()
    whole = [name for name in names if name not in _FLOATS]
    joined = [func.group_concat(_written(inner.c[name], name), _BETWEEN.get(name, ",")) for name in whole]
    count, *texts = session.execute(select(func.count(), *joined).select_from(inner)).one()
    found = {name: _parsed(name, text if count else None) for name, text in zip(whole, texts, strict=True)}
    floats = [name for name in names if name in _FLOATS]
    with session.connection().execute(select(inner.c.id, *(inner.c[name] for name in floats))) as result:
        rows = list(result.cursor.fetchall())
    table = np.array(rows, dtype=np.float64).reshape(len(rows), 1 + len(floats))
    # Neither read promises an order: the ids bring the two together.
    table = table[np.argsort(table[:, 0], kind="stable")]
    place = np.searchsorted(table[:, 0], found["id"])
    return found | {name: table[place, 1 + at] for at, name in enumerate(floats)}


def _written(column: Any, name: str) -> Any:
    """A value as text that stands for it exactly; a missing one as well."""
    if name in _MOMENTS:
        return func.coalesce(type_coerce(column, String), "NaT")
    if name == "pnl":
        # Money is a scaled integer there.
        return func.coalesce(type_coerce(column, BigInteger), "")
    return func.replace(column, _BETWEEN[name], " ") if name in _BETWEEN else column


def _parsed(name: str, text: str | None) -> Any:
    if name in _WHOLE:
        return np.array([], dtype=np.int64) if text is None else np.fromstring(text, dtype=np.int64, sep=",")
    parts = [] if text is None else text.split(_BETWEEN.get(name, ","))
    if name in _MOMENTS:
        return pd.DatetimeIndex(np.array(parts, dtype="datetime64[us]")).tz_localize("UTC")
    if name in _BETWEEN:
        return _objects(parts)
    # The same amounts come again and again: each becomes a Decimal once.
    known = {part: Decimal(part).scaleb(-SCALE) if part else None for part in set(parts)}
    return _objects([known[part] for part in parts])


def _objects(values: Sequence[Any]) -> Any:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def _name(session: Session, frame: pd.DataFrame) -> None:
    """Add the names behind the ids: far fewer than the trades."""
    symbols = {key: name for key, name in session.execute(select(col(Symbol.id), col(Symbol.name)))}
    frame["symbol"] = _objects([symbols[one] for one in frame["symbol_id"].tolist()])
    query = select(col(Signal.id), col(Strategy.name), col(Signal.band))
    query = query.join(Strategy, col(Strategy.id) == col(Signal.strategy_id))
    query = query.join(Trade, col(Trade.signal_id) == col(Signal.id))
    signals = {key: (strategy, band) for key, strategy, band in session.execute(query)}
    ids = frame["signal_id"].tolist()
    nothing = (None, None)
    pairs = [signals.get(one, nothing) for one in ids] if signals else [nothing] * len(ids)
    frame["strategy"] = pd.Series([pair[0] for pair in pairs], dtype=object)
    frame["band"] = pd.Series([pair[1] for pair in pairs], dtype=object)


def _tags(session: Session, wanted: TradeFilter, ids: pd.Series[int]) -> list[list[str]]:
    query = select(col(TradeTag.trade_id), col(Tag.name)).join(Tag, col(Tag.id) == col(TradeTag.tag_id))
    query = query.join(Trade, col(Trade.id) == col(TradeTag.trade_id)).where(col(Trade.deleted_at).is_(None))
    if wanted.account_id is not None:
        query = query.where(col(Trade.account_id) == wanted.account_id)
    borne: dict[int, list[str]] = {}
    for trade_id, name in session.execute(query.order_by(col(Tag.name))):
        borne.setdefault(int(trade_id), []).append(str(name))
    return [borne.get(int(one), []) for one in ids]
