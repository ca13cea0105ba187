"""The journal's commands, as a person types them."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.errors import ChartroomError
from db.engine import engine_for, writer
from tests.factories import make_account
from workers.cli import app

SAMPLES = Path(__file__).parents[2] / "core" / "journal" / "samples"


@pytest.fixture
def run(sqlite_template, tmp_path, monkeypatch):
    """Runs one command on a desk of its own; what it printed."""

    def on(home):
        folder = tmp_path / home
        if not folder.exists():
            folder.mkdir()
            shutil.copyfile(sqlite_template, folder / "chartroom.db")
        monkeypatch.setenv("CHARTROOM_HOME", str(folder))
        monkeypatch.delenv("DATABASE_URL", raising=False)
        return engine_for(f"sqlite:///{folder / 'chartroom.db'}")

    def run(*words, home="home"):
        on(home)
        result = CliRunner().invoke(app, words)
        if isinstance(result.exception, ChartroomError):
            return result.exception.message
        assert result.exit_code == 0, result.output
        return result.output

    with writer(on("home")) as session:
        make_account(session)
    yield run
    engine_for.cache_clear()


def test_a_file_is_tried_imported_exported_and_the_desk_moved(run, tmp_path):
    words = (
        "import-trades",
        str(SAMPLES / "metatrader4_broken.html"),
        "--account",
        "Practice",
        "--tz",
        "Europe/Athens",
    )
    tried = run(*words, "--dry-run")
    assert "1 new trades, 0 changed, 1 cash movements, 0 known" in tried
    assert "nothing is written" in tried
    assert "  new: eurusd long 0.5, 2026-03-02 07:30 UTC, +121.50" in run(*words)
    again = run(*words)
    assert "0 new trades, 0 changed, 0 cash movements, 3 known" in again
    assert "  line 11: the size 'lots' is no number" in again
    assert "1 trades, 2 fills" in run("export", str(tmp_path / "all.json"))
    trades = json.loads((tmp_path / "all.json").read_text())["trades"]
    assert (trades[0]["symbol"], trades[0]["pnl"]) == ("eurusd", "121.5")
    (tmp_path / "home" / "strategies").mkdir()
    (tmp_path / "home" / "strategies" / "mine.py").write_text("raise SystemExit")
    told = run("backup", str(tmp_path / "desk.zip"))
    assert "and 1 files of" in told
    assert "Image data sets are not in it" in told
    assert "which the desk will run (read those that are not yours): 'mine.py'" in run(
        "restore", str(tmp_path / "desk.zip"), home="other"
    )
    assert "not empty" in run("restore", str(tmp_path / "desk.zip"), home="other")
    assert run("export", str(tmp_path / "moved.json"), home="other")
    assert (tmp_path / "moved.json").read_bytes() == (tmp_path / "all.json").read_bytes()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("import-trades", "{file}", "--account", "Nobody"), "There is no account 'Nobody': choose one of Practice"),
        (("import-trades", "none.csv", "--account", "Practice"), "cannot be read"),
        (("import-trades", "{file}", "--account", "Practice", "--tz", "Mars"), "no time zone 'Mars'"),
        (("import-trades", "{file}", "--account", "Practice", "--column", "size=Lots"), "'size' is no column"),
        (("export", "out.pdf"), "says no kind"),
    ],
)
def test_a_mistake_is_one_sentence(run, words, sentence):
    assert sentence in run(*(word.format(file=SAMPLES / "table.csv") for word in words))
