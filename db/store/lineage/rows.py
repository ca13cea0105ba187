"""The quickest way to write steps and edges on either data base: a scan shall hardly notice its lineage."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlmodel import Session

_JSON = ("inputs", "parameters", "output")
_MOMENTS = ("started_at", "finished_at")
_CHUNK = 500


def insert_steps(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows of `lineage_step`, which all have the same columns; returns their ids, in the same order."""
    driver, sqlite = _driver(session)
    ids: list[int] = []
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        values = [value for row in part for value in _values(row, sqlite)]
        cursor = driver.execute(_insert(tuple(part[0]), len(part), "?" if sqlite else "%s"), values)
        # Rows of one statement get rising ids; in which order they are returned is not promised.
        ids += sorted(found[0] for found in cursor.fetchall())
    return ids


def insert_edges(session: Session, edges: Iterable[tuple[int, int]]) -> None:
    """Insert (parent id, child id) rows of `lineage_edge`."""
    driver, sqlite = _driver(session)
    mark = "?, ?" if sqlite else "%s, %s"
    if rows := list(edges):
        driver.cursor().executemany(f"INSERT INTO lineage_edge (parent_id, child_id) VALUES ({mark})", rows)


def query_one(session: Session, statement: str, values: Sequence[Any]) -> Any:
    """The first column of the first row, or None; `statement` has a ? for each value."""
    driver, sqlite = _driver(session)
    row = driver.execute(statement if sqlite else statement.replace("?", "%s"), values).fetchone()
    return None if row is None else row[0]


def _driver(session: Session) -> tuple[Any, bool]:
    session.flush()
    connection = session.connection()
    return connection.connection.driver_connection, connection.dialect.name == "sqlite"


@lru_cache(maxsize=64)
def _insert(names: tuple[str, ...], count: int, mark: str) -> str:
    row = f"({', '.join([mark] * len(names))})"
    return f"INSERT INTO lineage_step ({', '.join(names)}) VALUES {', '.join([row] * count)} RETURNING id"


def _values(row: Mapping[str, Any], sqlite: bool) -> list[Any]:
    found = dict(row)
    for name in _JSON:
        found[name] = json.dumps(row[name])
    for name in _MOMENTS:
        found[name] = _moment(row[name]) if sqlite else row[name]
    return list(found.values())


def _moment(value: datetime) -> str:
    """As SQLAlchemy stores it."""
    if value.tzinfo is None:
        raise ValueError(f"{value} has no time zone.")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
