"""What is due at the paper broker, read from the data base."""

from __future__ import annotations

from sqlalchemy import Engine

from core import jobs
from db.engine import reader
from db.store.broker.work import paper_symbols


def due_paper(engine: Engine, symbol_id: int, now: int) -> list[jobs.Job]:
    """A look at a symbol whose bars are new, while paper orders wait for them; `now` in UTC ms.

    It only saves seconds: the process that owns the brokers sees new bars and new orders by itself.
    """
    with reader(engine) as session:
        waiting = symbol_id in paper_symbols(session)
    return [jobs.paper_step(symbol_id, now)] if waiting else []
