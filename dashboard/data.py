"""Reads for pages: cached under the data base's address and revision, so that every change is seen at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

import streamlit as st
from sqlalchemy import Engine
from sqlmodel import Session

from db.engine import default_engine, reader
from db.store import revision

P = ParamSpec("P")
T = TypeVar("T")
View = Callable[Concatenate[Session, P], T]

Stamp = tuple[str, int]
"""Address and revision of the data base: the key of every cached read."""


def engine() -> Engine:
    return default_engine()


def now() -> datetime:
    return datetime.now(UTC)


def now_ms() -> int:
    return int(now().timestamp() * 1000)


def stamp() -> Stamp:
    """The key under which to read now: one cheap SELECT."""
    return str(engine().url), read(revision.current)


def read(view: View[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """What `view` reads, always fresh. Fit for what bars change, and for a handful of rows."""
    with reader(engine()) as session:
        return view(session, *arguments, **named)


def cached(key: Stamp, view: View[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """The same, kept until the revision moves on. The caller may change what it gets: it is a copy."""
    found: T = _cached(key, f"{view.__module__}.{view.__qualname__}", view, arguments, named)
    return found


def recent(key: Stamp, view: Callable[..., T], *arguments: Any, **named: Any) -> T:
    """What `view(session, *arguments, now, **named)` reads, kept until the revision or the minute moves on: for what
    the clock changes too, such as the day of a challenge.
    """
    moment = now()
    name = f"{view.__module__}.{view.__qualname__}"
    found: T = _recent(key, moment.replace(second=0, microsecond=0), name, view, moment, arguments, named)
    return found


@st.cache_data(max_entries=64, show_spinner=False)
def _recent(
    key: Stamp,
    minute: datetime,
    name: str,
    _view: Callable[..., Any],
    _now: datetime,
    arguments: tuple[Any, ...],
    named: dict[str, Any],
) -> Any:
    return read(_view, *arguments, _now, **named)


@st.cache_data(max_entries=128, show_spinner=False)
def _cached(key: Stamp, name: str, _view: Callable[..., Any], arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
    # `_view` is left out of the hash by its underscore; `name` stands for it.
    return read(_view, *arguments, **named)
