"""The whole command: from a file to stored bars, a report, a run and its lineage."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select
from typer.testing import CliRunner

from core.errors import ParameterError
from core.timeframe import Calendar, Timeframe
from db.engine import engine_for, reader, writer
from db.models import LineageStep, Run, Symbol
from db.store.bars.series import read_bars
from db.store.revision import current
from tests.factories import make_symbol
from workers.cli import app
from workers.market.files import load
from workers.market.files.load import Order, Report, SymbolChoice, import_file

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[4]


class Watched:
    """Progress that remembers what it was told."""

    def __init__(self) -> None:
        self.bytes = self.total = self.bars = 0

    def read(self, count: int) -> None:
        self.bytes += count

    def storing(self, total: int) -> None:
        self.total = total

    def stored(self, count: int) -> None:
        self.bars += count


def rows(count: int, first: int = 0, close: float = 1.5) -> str:
    return "".join(f"2013.02.01,{n // 60:02}:{n % 60:02},1.5,2.01,1,{close},10\n" for n in range(first, first + count))


@pytest.fixture
def run_import(engine: Engine, tmp_path: Path) -> Callable[..., Report]:
    def run(text: str, **options: object) -> Report:
        path = tmp_path / "bars.csv"
        path.write_text(text)
        said = {"calendar": Calendar.FX} | options
        order = Order(path, SymbolChoice("USDJPY", **said), Timeframe.M1, ZoneInfo("UTC"))  # type: ignore[arg-type]
        return import_file(engine, order, lambda: NOW, Watched())

    return run


def counts(report: Report) -> tuple[int, int, int, int, int]:
    return report.rows, report.inserted, report.unchanged, report.updated, len(report.rejected)


def test_importing_twice_adds_nothing(run_import: Callable[..., Report]) -> None:
    assert counts(run_import(rows(600))) == (600, 600, 0, 0, 0)
    assert counts(run_import(rows(600))) == (600, 0, 600, 0, 0)
    assert counts(run_import(rows(10, first=595) + rows(1, first=604))) == (11, 5, 6, 0, 0)
    assert counts(run_import(rows(3, close=1.7))) == (3, 0, 0, 3, 0)


def test_an_import_leaves_bars_a_symbol_a_run_and_lineage(
    run_import: Callable[..., Report], engine: Engine, tmp_path: Path
) -> None:
    text = rows(600) + "2013.02.01,10:00,1.5,1,2,1.5,10\n"
    report = run_import(text, lot_step=Decimal("0.1"), currency="JPY", description="Dollar in yen")
    with reader(engine) as session:
        symbol = session.exec(select(Symbol)).one()
        assert (symbol.name, symbol.source, symbol.calendar, symbol.currency) == ("USDJPY", "file", "fx", "JPY")
        assert (symbol.lot_step, symbol.point_value, symbol.tick_size) == (Decimal("0.1"), Decimal(1), 0.01)
        assert symbol.base_timeframe == 1
        assert len(read_bars(session, symbol.id, Timeframe.M1)) == 600
        assert len(read_bars(session, symbol.id, Timeframe.H1)) == 10
        run = session.get(Run, report.run_id)
        assert (run.kind, run.status, run.symbol_id) == ("import", "done", symbol.id)
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        shown = {name: run.result[name] for name in ("file", "sha256", "timeframe", "rows", "inserted", "rejected")}
        assert shown == {
            **{"file": "bars.csv", "sha256": sha256, "timeframe": "M1"},
            **{"rows": 601, "inserted": 600, "rejected": 1},
        }
        step = session.exec(select(LineageStep)).one()
        assert (step.kind, step.run_id, step.inputs["sha256"]) == ("bars", run.id, sha256)
        assert current(session) == 1


def test_each_chunk_is_complete_and_the_next_import_goes_on(
    run_import: Callable[..., Report], engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "CHUNK", 150)
    done = []

    def stop_after_two(*arguments: object, **options: object) -> object:
        if len(done) == 2:
            raise RuntimeError("the machine went down")
        done.append(1)
        return original(*arguments, **options)

    original = load.store_bars
    monkeypatch.setattr(load, "store_bars", stop_after_two)
    with pytest.raises(RuntimeError):
        run_import(rows(600))
    with reader(engine) as session:
        symbol = session.exec(select(Symbol)).one()
        assert len(read_bars(session, symbol.id, Timeframe.M1)) == 300
        assert len(read_bars(session, symbol.id, Timeframe.H1)) == 5
        assert session.exec(select(Run)).all() == []
    monkeypatch.setattr(load, "store_bars", original)
    assert counts(run_import(rows(600))) == (600, 300, 300, 0, 0)
    with reader(engine) as session:
        assert len(read_bars(session, symbol.id, Timeframe.H1)) == 10


def test_a_file_without_a_good_row_leaves_nothing(run_import: Callable[..., Report], engine: Engine) -> None:
    report = run_import("2013.02.01,00:00,1.5,1,2,1.5,10\n2013.02.01,00:01,1.5,1,2,1.5,10\n")
    assert counts(report) == (2, 0, 0, 0, 2)
    with reader(engine) as session:
        assert session.exec(select(Symbol)).all() == []


def test_what_is_known_of_a_symbol_is_not_changed(run_import: Callable[..., Report], engine: Engine) -> None:
    with writer(engine) as session:
        make_symbol(session, "usdjpy", source="file", calendar="fx", tick_size=0.001)
    with pytest.raises(ParameterError, match=r"USDJPY already has the tick size 0\.001: leave --tick-size out"):
        run_import(rows(5), tick_size=0.01)
    assert run_import(rows(5), tick_size=0.001).inserted == 5
    with reader(engine) as session:
        assert session.exec(select(Symbol)).one().name == "usdjpy", "the same market, however it is spelled"


@pytest.mark.parametrize("name", ["../etc/passwd", "EUR/USD", "a\\b", "", "x" * 33, ".hidden", "A..B", "SIM-EURUSD"])
def test_names_that_are_no_symbols(sqlite_engine: Engine, tmp_path: Path, name: str) -> None:
    path = tmp_path / "bars.csv"
    path.write_text(rows(5))
    order = Order(path, SymbolChoice(name), Timeframe.M1, ZoneInfo("UTC"))
    with pytest.raises(ParameterError):
        import_file(sqlite_engine, order, lambda: NOW, Watched())


def test_progress_ends_at_the_end(sqlite_engine: Engine, tmp_path: Path) -> None:
    path, watched = tmp_path / "bars.csv", Watched()
    path.write_text(rows(700))
    order = Order(path, SymbolChoice("A"), Timeframe.M1, ZoneInfo("UTC"))
    import_file(sqlite_engine, order, lambda: NOW, watched)
    assert (watched.bytes, watched.total, watched.bars) == (path.stat().st_size, 700, 700)


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str, str]]:
    monkeypatch.setenv("CHARTROOM_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)

    def run(*arguments: object) -> tuple[int, str, str]:
        result = CliRunner().invoke(app, ["import-bars", *map(str, arguments)])
        return result.exit_code, result.stdout, result.stderr

    return run


def test_the_report_prints_twenty_lines_and_writes_all(
    command: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    file, listed = tmp_path / "bars.csv", tmp_path / "rejected.csv"
    file.write_text(rows(60).replace(":1", ":1x").replace(",2.01,", ",0.5,", 15))
    code, output, _ = command(file, "--symbol", "X", "--timeframe", "1m", "--report", listed)
    assert code == 0
    lines = output.splitlines()
    assert lines[0] == "60 rows read: 40 inserted, 0 unchanged, 0 updated, 20 rejected"
    assert lines[1] == "Bars from 2013-02-01 00:20 to 2013-02-01 00:59 UTC"
    assert len(lines) == 22
    assert len(listed.read_text().splitlines()) == 21
    file.write_text(rows(60, close=9))
    _, output, _ = command(file, "--symbol", "X", "--timeframe", "1m")
    assert output.splitlines()[-1] == "  and 40 more; --report FILE.csv lists them all"


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        (["--symbol", "X", "--timeframe", "7m"], 2, "'7m' is no timeframe"),
        (["--symbol", "../X", "--timeframe", "1m"], 2, "'../X' is no name for a symbol"),
        (["--symbol", "X", "--timeframe", "1m", "--tz", "Mars/Base"], 2, "'Mars/Base' is no time zone"),
        (["--symbol", "X", "--timeframe", "1m", "--tz", "../../etc/passwd"], 2, "'../../etc/passwd' is no time zone"),
        (["--symbol", "X", "--timeframe", "1m", "--lot-step", "-1"], 2, "--lot-step -1 is out of range"),
        (["--symbol", "X", "--timeframe", "1m", "--tick-size", "nan"], 2, "--tick-size nan is out of range"),
        (["--symbol", "X", "--timeframe", "1m", "--currency", "$"], 2, "--currency $ is no currency"),
        (["--symbol", "X", "--timeframe", "1h"], 2, "bars.csv: its rows come every 1 min"),
        (["--symbol", "X"], 2, "Missing option '--timeframe'"),
    ],
)
def test_bad_usage_is_one_sentence_and_exit_code_two(
    command: Callable[..., tuple[int, str, str]], tmp_path: Path, options: list[str], code: int, sentence: str
) -> None:
    file = tmp_path / "bars.csv"
    file.write_text(rows(60))
    found, _, error = command(file, *options)
    assert found == code
    assert sentence in error


def test_a_bad_file_is_one_sentence_and_exit_code_one(
    command: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    (tmp_path / "empty.csv").touch()
    (tmp_path / "bad.csv").write_text("2013.02.01,00:00,1.5,1,2,1.5,10\n")
    cases = {
        "missing.csv": "does not exist",
        "empty.csv": "is empty",
        "": "is a folder",
        "bad.csv": "nothing was stored",
    }
    for name, sentence in cases.items():
        code, _, error = command(tmp_path / name, "--symbol", "X", "--timeframe", "1m")
        assert code == 1
        assert sentence in error
        assert len(error.strip().splitlines()) == 1


def test_it_works_from_a_shell_on_a_machine_without_a_data_base(tmp_path: Path) -> None:
    file = tmp_path / "bars.csv"
    file.write_text(rows(100))
    command = [sys.executable, "-m", "workers", "import-bars", str(file), "--symbol", "X", "--timeframe", "1m"]
    env = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"} | {"CHARTROOM_HOME": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("100 rows read: 100 inserted")
    with reader(engine_for(f"sqlite:///{tmp_path / 'chartroom.db'}")) as session:
        assert session.exec(select(Symbol.name).where(col(Symbol.source) == "file")).all() == ["X"]
