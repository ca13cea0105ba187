"""The quickest way to write bar rows on either data base."""

from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np
from sqlmodel import Session

from core.bars import Bars, Floats

COPY_FROM = 10_000
"""Rows from which PostgreSQL is faster with COPY and a merge than with single inserts."""

_PRICES = ("open", "high", "low", "close", "volume")
_KEY = "(symbol_id, timeframe, time)"
_BINARY_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_BINARY_END = b"\xff\xff"


def write_rows(session: Session, symbol_id: int, bars: Bars, adj_close: Floats | None) -> None:
    """Insert bars or replace those with the same key; without `adj_close` a stored one is kept."""
    if len(bars) == 0:
        return
    session.flush()
    connection = session.connection()
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        driver.executemany(_upsert_sql("?", adj_close), _rows(symbol_id, bars, adj_close))
    elif len(bars) < COPY_FROM:
        with driver.cursor() as cursor:
            cursor.executemany(_upsert_sql("%s", adj_close), list(_rows(symbol_id, bars, adj_close)))
    else:
        _copy_and_merge(driver, symbol_id, bars, adj_close)


def _upsert_sql(mark: str, adj_close: Floats | None) -> str:
    names = ("symbol_id", "timeframe", "time", *_PRICES, "adj_close")
    return (
        f"INSERT INTO bar ({', '.join(names)}) VALUES ({', '.join([mark] * len(names))}) "
        f"ON CONFLICT {_KEY} DO UPDATE SET {_set(adj_close)}"
    )


def _rows(symbol_id: int, bars: Bars, adj_close: Floats | None) -> Any:
    count = len(bars)
    adjusted: list[float | None] = [None] * count
    if adj_close is not None:
        adjusted = [None if isnan(value) else value for value in adj_close.tolist()]
    prices = (getattr(bars, name).tolist() for name in _PRICES)
    return zip([symbol_id] * count, [int(bars.timeframe)] * count, bars.time.tolist(), *prices, adjusted, strict=True)


def _copy_and_merge(driver: Any, symbol_id: int, bars: Bars, adj_close: Floats | None) -> None:
    """PostgreSQL: binary COPY into a temporary table, then one merge that leaves identical rows alone."""
    columns = (*_PRICES, "adj_close")
    compared = columns if adj_close is not None else _PRICES
    ours, theirs = (", ".join(f"{table}.{name}" for name in compared) for table in ("bar", "excluded"))
    doubles = ", ".join(f"{name} double precision" for name in columns)
    with driver.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS bar_incoming (time bigint, {doubles}) ON COMMIT DROP")
        cursor.execute("TRUNCATE bar_incoming")
        with cursor.copy("COPY bar_incoming FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(_binary(bars, adj_close))
        cursor.execute(
            f"INSERT INTO bar (symbol_id, timeframe, time, {', '.join(columns)}) "
            f"SELECT {int(symbol_id)}, {int(bars.timeframe)}, time, {', '.join(_PRICES)}, NULLIF(adj_close, 'NaN') "
            f"FROM bar_incoming ON CONFLICT {_KEY} DO UPDATE SET {_set(adj_close)} "
            f"WHERE ({ours}) IS DISTINCT FROM ({theirs})"
        )
        # Without fresh statistics the planner sorts the whole symbol for its newest bars, until autovacuum comes by.
        cursor.execute("ANALYZE bar")


def _set(adj_close: Floats | None) -> str:
    names = _PRICES if adj_close is None else (*_PRICES, "adj_close")
    return ", ".join(f"{name} = excluded.{name}" for name in names)


def _binary(bars: Bars, adj_close: Floats | None) -> bytes:
    """The rows in PostgreSQL's binary COPY format: per row a field count, per field its length and big-endian value."""
    names = ("time", *_PRICES, "adj_close")
    layout = [("fields", ">i2")]
    for name in names:
        layout += [(f"{name}_length", ">i4"), (name, ">i8" if name == "time" else ">f8")]
    table = np.zeros(len(bars), dtype=layout)
    table["fields"] = len(names)
    for name in names:
        table[f"{name}_length"] = 8
    for name in ("time", *_PRICES):
        table[name] = getattr(bars, name)
    table["adj_close"] = np.nan if adj_close is None else adj_close
    return _BINARY_HEADER + table.tobytes() + _BINARY_END
