"""Many trades fast, for figures: one read of plain columns, of which only the P&L is exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import BigInteger, String, select, type_coerce
from sqlmodel import Session, col

from db.models import Signal, Strategy, Symbol, Tag, Trade, TradeTag
from db.money import SCALE
from db.views.journal import TradeFilter, narrow

_WHOLE = ("id", "symbol_id", "direction")
_FLOATS = ("r_multiple", "entry_price", "exit_price", "first_stop", "worst_price", "best_price", "rating", "signal_id")
_TEXTS = ("setup", "emotion")
_MOMENTS = ("opened_at", "closed_at")
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
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    plain = (*_WHOLE, *(("r_multiple",) if results else (*_FLOATS, *_TEXTS)))
    columns: list[Any] = [_TRADE.c[name] for name in plain]
    # On SQLite money is a scaled integer and time is text: both are quicker to turn into columns than one by one.
    columns.append(type_coerce(_TRADE.c.pnl, BigInteger).label("pnl") if on_sqlite else _TRADE.c.pnl)
    columns += [type_coerce(_TRADE.c[at], String).label(at) if on_sqlite else _TRADE.c[at] for at in _MOMENTS]
    query = select(*columns)
    if wanted.strategies:
        query = query.join(Signal, col(Signal.id) == _TRADE.c.signal_id)
    query = narrow(query, replace(wanted, account_id=None))
    if wanted.account_id is not None:
        # Not by an index, which would jump to every row: most trades of a desk are those of the account one looks at.
        query = query.where(_TRADE.c.account_id + 0 == wanted.account_id)
    # In the order in which they are stored, and turned round here: sorting is the data base's slowest way.
    with session.connection().execute(query) as result:
        # The driver's own tuples: row objects would cost half as much again as the reading.
        rows = list(result.cursor.fetchall())
    names = [*plain, "pnl", *_MOMENTS]
    table = zip(*rows, strict=True) if rows else [()] * len(names)
    found = {name: _column(name, values, on_sqlite) for name, values in zip(names, table, strict=True)}
    order = np.argsort(-found["id"], kind="stable")
    frame = pd.DataFrame({name: values[order] for name, values in found.items()}, copy=False)
    frame["status"] = pd.Series(_STATUS[frame["closed_at"].isna().to_numpy().astype(np.intp)], dtype=object)
    if not results:
        _name(session, frame)
    if tags:
        frame["tags"] = _tags(session, wanted, frame["id"])
    return frame


def _column(name: str, values: tuple[Any, ...], on_sqlite: bool) -> Any:
    if name in _FLOATS:
        return np.array(values, dtype=np.float64)
    if name in _WHOLE:
        return np.array(values, dtype=np.int64)
    if name in _MOMENTS:
        return _moments(values, on_sqlite)
    if name == "pnl" and on_sqlite:
        # The same amounts come again and again: each becomes a Decimal once.
        known: dict[int | None, Decimal | None] = {
            value: None if value is None else Decimal(value).scaleb(-SCALE) for value in set(values)
        }
        values = tuple(known[value] for value in values)
    return _objects(values)


def _moments(values: tuple[Any, ...], on_sqlite: bool) -> Any:
    if on_sqlite:
        plain = np.array(["NaT" if value is None else value for value in values], dtype="datetime64[us]")
        return pd.DatetimeIndex(plain).tz_localize("UTC")
    return pd.DatetimeIndex(pd.to_datetime(list(values), utc=True)).as_unit("us")


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
