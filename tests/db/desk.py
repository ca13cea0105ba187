"""What the tests of the desk's actions share: a desk with one signal, and eight processes that act at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine

from core.errors import DeskError
from db.actions.close import close_trade
from db.actions.decide import accept_signal, reject_signal
from db.actions.follow import follow_signals
from db.actions.portfolio import ensure_default, make_default
from db.engine import engine_for, reader, writer
from db.models import Signal, Trade
from db.store.lineage.steps import Step, add_step, chain
from tests.factories import NOW, make_account, make_run, make_signal, make_strategy, make_symbol
from tests.processes import PROCESSES

CROWD = 8


def open_desk(engine: Engine, *, symbol: dict[str, Any] | None = None, account: dict[str, Any] | None = None, **signal):
    """An account, a symbol, a strategy and a new signal with its lineage step; returns the signal's id."""
    with writer(engine) as session:
        make_account(session, **(account or {}))
        made = make_signal(
            session,
            symbol=make_symbol(session, **(symbol or {})),
            strategy=make_strategy(session),
            run=make_run(session),
            **signal,
        )
        seen = add_step(session, Step("bars", "Bars", NOW, NOW, run_id=made.run_id))
        add_step(session, Step("signal", "Signal", NOW, NOW, entity="signal", entity_id=made.id), [seen])
        return made.id


def rows(engine: Engine, model, *where):
    """All rows of a table, oldest first."""
    from sqlmodel import select

    with reader(engine) as session:
        return session.exec(select(model).where(*where).order_by(model.id)).all()


def signal_of(engine: Engine, signal_id: int) -> Signal:
    with reader(engine) as session:
        return session.get_one(Signal, signal_id)


def trade_of(engine: Engine, trade_id: int) -> Trade:
    with reader(engine) as session:
        return session.get_one(Trade, trade_id)


def kinds(engine: Engine, entity: str, entity_id: int) -> list[str]:
    """Kinds of the steps in the chain of a row, oldest first."""
    with reader(engine) as session:
        return [step.kind for step in chain(session, entity, entity_id).steps]


ACTIONS = {
    "ensure": lambda engine, row: ensure_default(engine, NOW),
    "default": lambda engine, row: make_default(engine, row, NOW),
    "default next": lambda engine, row: make_default(engine, row + 1, NOW),
    "accept": lambda engine, row: accept_signal(engine, row, None, NOW),
    "reject": lambda engine, row: reject_signal(engine, row, "Against the news", NOW),
    "follow": lambda engine, row: follow_signals(engine, row, NOW),
    "close": lambda engine, row: close_trade(
        engine, row, 104.0, NOW + timedelta(hours=1), "", NOW + timedelta(hours=2)
    ),
}


def _prepare(barrier) -> None:
    global _barrier  # noqa: PLW0603
    _barrier = barrier


def _act(job: tuple[str, str, int]) -> tuple[str, Any]:
    action, url, row = job
    engine = engine_for(url)
    with engine.connect():  # connecting takes its time; all begin when all are connected
        _barrier.wait(timeout=60)
    try:
        return "done", ACTIONS[action](engine, row)
    except DeskError as error:
        return type(error).__name__, error.message
    finally:
        engine.dispose()


@contextmanager
def crowd() -> Iterator[Any]:
    """Yields act(url, actions, row): eight processes do one action each at the same moment; returns their outcomes."""
    barrier = PROCESSES.Barrier(CROWD)
    with PROCESSES.Pool(CROWD, _prepare, (barrier,)) as pool:

        def act(url: str, actions: list[str], row: int) -> list[tuple[str, Any]]:
            assert len(actions) == CROWD
            return pool.map_async(_act, [(action, url, row) for action in actions], chunksize=1).get(timeout=120)

        yield act
