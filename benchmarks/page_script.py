"""A page's real script, run through Streamlit's own script runner on a data base of its own."""

from __future__ import annotations

import logging
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

if TYPE_CHECKING:
    from db.models import Account, Symbol

ENTRY = Path(__file__).resolve().parent.parent / "dashboard" / "app.py"


def run_page(
    page: str,
    state: Mapping[str, Any],
    *,
    fresh: bool,
    frames: bool = False,
    query: Mapping[str, str] | None = None,
) -> tuple[Any, float, float]:
    """One run in a session of its own: the page, milliseconds, and those of the processor, which other programs of the
    machine do not lengthen much. `query` is what follows the question mark of its address.

    `fresh` begins without cached data, and `frames` also without the frames that pages share as they are.
    """
    import streamlit as st
    from streamlit.testing.v1 import AppTest

    app = AppTest.from_file(str(ENTRY), default_timeout=600)
    for key, value in (query or {}).items():
        app.query_params[key] = value
    app.switch_page(f"../pages/{page}.py")
    for key, value in state.items():
        app.session_state[key] = value
    if fresh:
        st.cache_data.clear()
        if frames:
            st.cache_resource.clear()
    began, worked = time.perf_counter(), time.process_time()
    app.run()
    took, work = (time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000
    assert not app.exception, app.exception
    return app, took, work


@contextmanager
def desk_of_its_own() -> Iterator[None]:
    """An empty SQLite data base for this process, without a queue."""
    logging.getLogger("streamlit").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="chartroom-page-") as folder:
        url = f"sqlite:///{folder}/chartroom.db"
        with patch.dict(os.environ, {"DATABASE_URL": url, "REDIS_URL": "", "RQ_REDIS_URL": ""}), packages_read_once():
            yield


@contextmanager
def packages_read_once() -> Iterator[None]:
    """Let Streamlit's script runner read the metadata of installed packages once, as a server does when it starts; by
    itself it does so at every run of a page, for a quarter of a second.
    """
    from streamlit.components.v2 import manifest_scanner

    once = cache(manifest_scanner.scan_component_manifests)
    with patch.object(manifest_scanner, "scan_component_manifests", once):
        yield


def simulated_symbols(count: int, now: datetime) -> list[Symbol]:
    """Rows of symbols for a desk of its own."""
    from db.models import Symbol

    return [
        Symbol(name=f"SIM-{number}", source="simulated", tick_size=0.00001, base_timeframe=1, created_at=now)
        for number in range(count)
    ]


def practice_account(now: datetime) -> Account:
    """The row of an account for a desk of its own."""
    from db.models import Account

    return Account(name="Practice", initial_balance=Decimal(100_000), risk_percent=Decimal(1), created_at=now)
