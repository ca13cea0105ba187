"""Scans as jobs: by hand, beside a faulty strategy, and every job name that the pages may ask for."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from redis import Redis
from sqlmodel import col, select

from core import jobs
from core.errors import StrategyError
from core.timeframe import Timeframe
from db.actions.strategies import StrategyDraft, create_strategy, run_now
from db.engine import default_engine, reader, writer
from db.models import Run, SignalOutcome
from db.store.bars.series import store_bars
from tests.db.test_plugins import CLASS
from tests.factories import NOW, NOW_MS, make_symbol
from tests.real_bars import sample_bars
from workers.tasks.scan import scan_now, scan_slot


@pytest.fixture
def symbol_id(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str, redis_url: str,
              redis_connection: Redis):  # fmt: skip
    """A desk with a folder of the user's own strategies and one daily symbol; its id."""
    (tmp_path / "mine").mkdir()
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("CHARTROOM_STRATEGIES", str(tmp_path / "mine"))
    with writer(default_engine()) as session:
        symbol = make_symbol(session, "GOOG", source="sample", calendar="us_stocks")
        store_bars(session, symbol, sample_bars("GOOG", None)[-300:])
        made = symbol.id
    (tmp_path / "mine" / "mine.py").write_text(CLASS, encoding="utf-8")
    yield made
    default_engine().dispose()


def runs(strategy_id: int) -> list[tuple[str, str | None]]:
    with reader(default_engine()) as session:
        query = select(Run.status, Run.error).where(Run.strategy_id == strategy_id).order_by(col(Run.id))
        return [tuple(row) for row in session.exec(query)]


def test_run_now_scans_once_and_its_signal_is_followed(symbol_id: int):
    made = create_strategy(default_engine(), StrategyDraft("Mine", "mine", "0 0 * * *", {}, [symbol_id]), NOW)
    (job,) = run_now(default_engine(), made, NOW)
    signal_id = scan_now(*job.arguments)
    assert signal_id
    assert scan_now(*job.arguments) is None
    assert runs(made) == [("done", None)]
    with reader(default_engine()) as session:
        row = session.exec(select(SignalOutcome)).one()
        assert (row.signal_id, row.state, row.timeframe) == (signal_id, "open", int(Timeframe.D1))


def test_a_faulty_strategy_fails_its_own_scans_and_no_others(symbol_id: int, tmp_path: Path):
    engine = default_engine()
    daily = {"structure": "W1", "shift": "D1", "entry": "D1"}
    mine = create_strategy(engine, StrategyDraft("Mine", "mine", "0 0 1 * *", {}, [symbol_id]), NOW)
    other = create_strategy(engine, StrategyDraft("SMC", "smc_mtf", "0 0 1 * *", daily, [symbol_id]), NOW)
    (tmp_path / "mine" / "mine.py").write_text("1 / 0", encoding="utf-8")
    with pytest.raises(StrategyError, match=r"mine.py, line 1: ZeroDivisionError"):
        scan_slot(mine, symbol_id, NOW_MS)
    scan_slot(other, symbol_id, NOW_MS)
    assert {status for status, _error in runs(other)} == {"done"}
    assert {error for _status, error in runs(mine)} == {
        "StrategyError: mine.py, line 1: ZeroDivisionError: division by zero"
    }


def test_every_job_name_is_a_function():
    names = [value for value in vars(jobs).values() if isinstance(value, str) and value.startswith("workers.")]
    assert len(names) >= 5
    for name in names:
        module, _, function = name.rpartition(".")
        assert callable(getattr(importlib.import_module(module), function))
