"""A desk for the pages: the environment names its data base, and Streamlit's caches are empty."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import streamlit as st
from sqlalchemy import Engine

from benchmarks.page_script import packages_read_once
from tests.dashboard.world import build


@pytest.fixture(autouse=True, scope="session")
def _packages() -> Iterator[None]:
    with packages_read_once():
        yield


@pytest.fixture(autouse=True)
def _main_module() -> Iterator[None]:
    """Streamlit's test runner makes the page `__main__`; left there, every spawned process would run the page first."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


@pytest.fixture
def empty_desk(engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A migrated data base without a row, on both kinds."""
    yield from _desk(engine, database_url, monkeypatch)


@pytest.fixture
def desk(empty_desk: Engine) -> dict[str, int]:
    """The world of `tests.dashboard.world`, on both kinds; its ids by name."""
    return build(empty_desk, datetime.now(UTC))


@pytest.fixture
def sqlite_desk(sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The same world for what does not depend on the kind of data base."""
    url = sqlite_engine.url.render_as_string(hide_password=False)
    for engine in _desk(sqlite_engine, url, monkeypatch):
        build(engine, datetime.now(UTC))
        yield engine


def _desk(engine: Engine, url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.delenv("RQ_REDIS_URL", raising=False)
    st.cache_data.clear()
    yield engine
