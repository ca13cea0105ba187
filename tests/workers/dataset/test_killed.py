"""A build that is interrupted or killed goes on where it was, and ends with the bytes of one that was left alone."""

from __future__ import annotations

import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, func, select

from core.timeframe import Timeframe
from db.engine import engine_for, reader, writer
from db.models import ChartImage, ChartPattern, DatasetBuild, EntryPoint
from tests.factories import add_bars, make_symbol
from tests.series import random_bars
from tests.workers.dataset.conftest import content, start
from tests.workers.desk_process import until

ORDER = (
    "dataset", "--timeframes", "15m", "--symbols", "WALK", "--types", "candlestick,point_figure",
    "--days-back", "100", "--window", "100", "--stride", "15", "--format", "coco",
)  # fmt: skip
BARS = 2200


@pytest.fixture
def walk(sqlite_engine: Engine) -> Engine:
    """One symbol with bars for some hundreds of images."""
    with writer(sqlite_engine) as session:
        symbol = make_symbol(session, "WALK", source="file", tick_size=0.001)
        add_bars(session, symbol, random_bars(7, BARS, timeframe=Timeframe.M15))
    return sqlite_engine


def copy_of(engine: Engine, place: Path) -> Engine:
    """The same data base once more."""
    assert engine.url.database is not None
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    engine.dispose()
    shutil.copyfile(engine.url.database, place)
    return engine_for(f"sqlite:///{place}")


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    said = "".join(process.communicate(timeout=120))
    return process.returncode, said


def count(engine: Engine, table: type) -> int:
    with reader(engine) as session:
        return session.exec(select(func.count()).select_from(table)).one()


def build_of(engine: Engine) -> DatasetBuild:
    with Session(engine) as session:
        return session.exec(select(DatasetBuild)).one()


def test_an_interrupted_and_a_killed_build_end_like_an_undisturbed_one(walk: Engine, tmp_path: Path):
    peaceful = copy_of(walk, tmp_path / "peaceful.db")
    calm = tmp_path / "calm"
    code, said = finish(start(peaceful, tmp_path / "home-calm", *ORDER, "--out", str(calm)))
    assert code == 0, said
    expected = content(calm)
    assert len(expected) > 200

    out = tmp_path / "out"
    order = (*ORDER, "--out", str(out))
    for how, status in ((signal.SIGINT, "cancelled"), (signal.SIGKILL, "running")):
        before = count(walk, ChartImage)
        process = start(walk, tmp_path / "home", *order)
        until(lambda least=before + 20: count(walk, ChartImage) >= least, "some images")
        process.send_signal(how)
        code, said = finish(process)
        assert code == (130 if how == signal.SIGINT else -how), said
        assert ("The same command goes on" in said) == (how == signal.SIGINT)
        assert "Traceback" not in said
        assert build_of(walk).status == status
        there, rows = len(list((out / "images").rglob("*.png"))), count(walk, ChartImage)
        assert rows < len(expected) - 4, "it was stopped before its end"
        assert rows <= there <= rows + 1, "at most the image in hand is lost"
        assert build_of(walk).done == rows
        assert not (out / "manifest.json").exists()

    code, said = finish(start(walk, tmp_path / "home", *order))
    assert code == 0, said
    assert content(out) == expected
    assert not list(out.rglob("*.part"))
    for table in (ChartImage, ChartPattern, EntryPoint):
        assert count(walk, table) == count(peaceful, table) > 0
    assert build_of(walk).status == "done"
    assert build_of(walk).done == count(walk, ChartImage)
    peaceful.dispose()
