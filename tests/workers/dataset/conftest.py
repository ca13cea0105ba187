"""A desk with real daily bars and random intraday ones, and a shell on it."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.timeframe import Timeframe
from db.engine import engine_for, writer
from tests.factories import add_bars, make_symbol
from tests.real_bars import sample_bars
from tests.series import random_bars
from tests.sqlite import settled
from tests.workers.desk_process import ROOT, clean_environment


def furnish(engine: Engine) -> None:
    """GOOG's and AAPL's daily bars, and a symbol WALK with three weeks of M15 and H1 bars."""
    with writer(engine) as session:
        for name in ("AAPL", "GOOG"):
            symbol = make_symbol(session, name, source="sample", calendar="us_stocks")
            add_bars(session, symbol, sample_bars(name))
        walk = make_symbol(session, "WALK", source="file", tick_size=0.001)
        for timeframe, count in ((Timeframe.M15, 2000), (Timeframe.H1, 500)):
            add_bars(session, walk, random_bars(7, count, timeframe=timeframe))


@pytest.fixture(scope="session")
def furnished_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A furnished SQLite file that nobody has open."""
    path = tmp_path_factory.mktemp("furnished") / "chartroom.db"
    shutil.copyfile(sqlite_template, path)
    return settled(path, furnish)


@pytest.fixture
def furnished(furnished_template: Path, tmp_path: Path) -> Iterator[Engine]:
    path = tmp_path / "furnished.db"
    shutil.copyfile(furnished_template, path)
    yield (engine := engine_for(f"sqlite:///{path}"))
    engine.dispose()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def environment(engine: Engine, home: Path) -> dict[str, str]:
    return clean_environment(home, DATABASE_URL=engine.url.render_as_string(hide_password=False))


def start(engine: Engine, home: Path, *arguments: str) -> subprocess.Popen[str]:
    """`python -m workers ...` in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "workers", *arguments],
        env=environment(engine, home),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def content(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a data set, by its path; what is kept for going on is no part of it."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] != ".build"
    }


def inhabit(monkeypatch: pytest.MonkeyPatch, engine: Engine, home: Path) -> None:
    """Let this process work on the desk."""
    monkeypatch.setenv("DATABASE_URL", engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("CHARTROOM_HOME", str(home))
