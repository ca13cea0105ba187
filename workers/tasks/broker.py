"""Jobs of the broker queue. They run in the process that owns the connection."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import UTC, datetime

from core.errors import BrokerError
from db.actions.broker import keep_search, keep_test
from db.engine import default_engine, reader
from db.store.broker.login import read_login
from workers.broker.probe import find_contracts, try_login
from workers.broker.sweep import step_once


def paper_step(symbol_id: int, moment: int) -> int:
    """Fill the paper orders of one symbol; how many fills there were."""
    return step_once(default_engine(), max(moment, time.time_ns() // 1_000_000), symbol_id)


def test_connection(moment: int) -> None:
    """Try the stored login and keep what was found; a failure is a finding too."""
    engine = default_engine()
    with reader(engine) as session:
        login = read_login(session)
    keep_test(engine, {"asked": moment, **asdict(login), **try_login(login)}, datetime.now(UTC))


def search_contract(text: str, moment: int) -> None:
    """Ask which contracts a text may mean and keep the answer, or why there is none."""
    engine = default_engine()
    with reader(engine) as session:
        login = read_login(session)
    answer: dict[str, object] = {"asked": moment, "text": text, "found": [], "error": ""}
    try:
        answer["found"] = [
            {**asdict(one.instrument), "number": one.number, "description": one.description}
            for one in find_contracts(login, text)
        ]
    except BrokerError as error:
        answer["error"] = error.message
    keep_search(engine, answer, datetime.now(UTC))
