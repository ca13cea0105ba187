"""Strategies of the user's own: one file each, loaded anew when changed, and harmless to the others when faulty."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlmodel import select

from core.errors import ParameterError, StrategyError
from core.scan import scan
from core.strategies import registry
from core.strategies.parameters import ParameterInfo
from core.timeframe import Timeframe
from db.engine import reader, writer
from db.models import LineageStep, Run, Signal
from db.plugins import describe_kind, load_kind, strategy_files, strategy_of, usable_kinds
from db.store.bars.series import store_bars
from tests.factories import make_strategy, make_symbol
from tests.real_bars import sample_bars
from tests.series import random_bars
from workers.scanning import scan_one

HEAD = """
from dataclasses import dataclass
from core.signals.vote import Vote
from core.strategies.base import Verdict
from core.strategies.parameters import parameter
from core.strategies.suggest import suggest
from core.timeframe import Timeframe

"""
CLASS = (
    HEAD
    + """
@dataclass(frozen=True)
class Mine:
    room: float = parameter(0.05, minimum=0.01, maximum=0.5, help="Share of the price.")
    timeframes: tuple = (Timeframe.D1,)

    def evaluate(self, views, tick_size):
        view = views[Timeframe.D1]
        close = view.bars.close[-1]
        vote = Vote("trend", "Always", 1, 1.0, 0.6, "always")
        return Verdict(suggest(view, 1, close * (1 - self.room), [vote], key="x", tick_size=tick_size), "Always.")
"""
)
EXAMPLE = Path(__file__).parents[2] / "docs" / "strategies" / "pullback.py"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The user's folder, empty."""
    found = tmp_path / "mine"
    found.mkdir()
    monkeypatch.setenv("CHARTROOM_STRATEGIES", str(found))
    yield found
    for kind in ("mine", "other", "pullback", "smc_mtf"):
        registry.forget(kind)


def put(folder, text, name="mine"):
    (folder / f"{name}.py").write_text(text, encoding="utf-8")


def verdict(parameters=None):
    return scan(strategy_of("mine", parameters or {}), {Timeframe.D1: random_bars(1, 300, timeframe=Timeframe.D1)},
                0.01).verdict  # fmt: skip


def test_a_file_is_a_strategy(folder):
    put(folder, CLASS)
    assert usable_kinds() == ["smc_mtf", "confluence", "mine"]
    assert describe_kind("mine") == [
        ParameterInfo("room", "float", 0.05, 0.01, 0.5, (), "Share of the price."),
        ParameterInfo("timeframes", "timeframes", ["D1"]),
    ]
    made = verdict({"room": 0.1}).suggestion
    assert (made.entry_type, made.timeframe, made.source_key) == ("BUY", Timeframe.D1, "D1-x")
    assert made.stop == pytest.approx(made.entry * 0.9, abs=0.01)
    assert (made.confidence, made.band) == (0.6, "MEDIUM")
    assert strategy_of("mine", {}).parameters() == {"room": 0.05, "timeframes": ["D1"]}
    with pytest.raises(ParameterError, match=r"'room' must be from 0.01 to 0.5, not 2"):
        strategy_of("mine", {"room": 2})


def test_a_change_counts_at_once_without_a_restart(folder):
    put(folder, CLASS)
    assert verdict().reason == "Always."
    put(folder, CLASS.replace('"Always."', '"Always!"'))  # same length, same second
    assert verdict().reason == "Always!"
    put(folder, "broken(")
    with pytest.raises(StrategyError, match=r"mine.py, line 1: SyntaxError"):
        verdict()
    put(folder, CLASS)
    assert verdict().reason == "Always."
    (folder / "mine.py").unlink()
    with pytest.raises(ParameterError, match=r"'mine' is no strategy: use one of smc_mtf, confluence, or put mine.py"):
        verdict()


FAULTS = [
    ("def broken(:", r"mine.py, line 1: SyntaxError"),
    ("import nothing_of_that_name", r"mine.py, line 1: ModuleNotFoundError: No module named"),
    ("\n\n1 / 0", r"mine.py, line 3: ZeroDivisionError: division by zero"),
    ("raise SystemExit(3)", r"mine.py, line 1: SystemExit: 3"),
    ("x = 1", r"mine.py has no class with a method evaluate"),
    (CLASS + CLASS.removeprefix(HEAD).replace("Mine", "Yours"), r"has 2 strategy classes \(Mine, Yours\): keep"),
    (CLASS.replace("(frozen=True)", ""), r"Mine is no frozen dataclass"),
    (CLASS.replace("    timeframes: tuple = (Timeframe.D1,)", ""), r"has no `timeframes`"),
    (CLASS.replace("(Timeframe.D1,)\n", "('D1',)\n"), r"parameter 'timeframes' has the default \('D1',\)"),
    (CLASS.replace("(Timeframe.D1,)\n", "Timeframe.D1\n"), r"timeframes must be a tuple of different Timeframes"),
    (CLASS.replace("= parameter(0.05", "= parameter(object()"), r"parameter 'room' has the default"),
    (CLASS.replace(": float = parameter(0.05, minimum=0.01, maximum=0.5, help=\"Share of the price.\")", ": float"),
     r"parameter 'room' has no default"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), FAULTS)
def test_a_faulty_file_says_what_is_wrong_and_stops_no_other(folder, text, words):
    put(folder, text)
    put(folder, CLASS, "other")
    bad, good = strategy_files()
    assert (bad.kind, good.kind, good.error) == ("mine", "other", None)
    with pytest.raises(StrategyError, match=words) as raised:
        strategy_of("mine", {})
    assert bad.error == raised.value.message
    assert usable_kinds() == ["smc_mtf", "confluence", "other"]
    assert strategy_of("other", {}).timeframes == (Timeframe.D1,)
    assert strategy_of("smc_mtf", {})


RETURN = CLASS[CLASS.index("        return ") :]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("        return None\n", r"evaluate returned None, not a Verdict"),
        ("        return Verdict(None, '')\n", r"not a Verdict with a reason"),
        ("        return Verdict('buy', 'x')\n", r"the verdict holds 'buy', not a Suggestion"),
        ("        return views[Timeframe.H4]\n", r"mine.py, line 19: KeyError"),
        ("        raise SystemExit\n", r"line 19: SystemExit$"),
        (RETURN.replace("close * (1 - self.room)", "close * 2"), r"the stop [0-9.]+ must be below the entry"),
        (RETURN.replace("[vote]", "[]"), "needs at least one vote"),
    ],
)
def test_a_wrong_answer_is_a_fault(folder, text, words):
    put(folder, CLASS.replace(RETURN, text))
    with pytest.raises(StrategyError, match=words):
        verdict()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("as_of=1", "stamped with the close of the last bar"),
        ("expires_at=1", "expire later"),
        ("confidence=0.9", "is not that of its votes, 0.6"),
        ("targets=()", "no target"),
        ("entry=1.0", "entry must lie between stop and target"),
        ("stop=float('nan')", "entry must lie between stop and target"),
        ("direction=-1", "entry must lie between stop and target"),
        ("entry_type='SELL'", "does not go with direction 1"),
        ("entry_type='LONG'", "is no entry type"),
        ("timeframe=Timeframe.M5", "M5 is none of the strategy's"),
        ("timeframe='D1'", "'D1' is not a valid Timeframe"),
        ("source_key=''", "name for what it stands on"),
        ("votes=(Vote('luck', 'x', 1, 1.0, 0.6, ''),)", "'luck' is no family"),
        ("votes=(Vote('trend', 'x', 2, 1.0, 0.6, ''),)", "must be -1, 0 or 1"),
        ("votes=3", "not iterable"),
        ("evidence=('a',)", "tuple of Evidence"),
    ],
)
def test_a_suggestion_the_desk_cannot_rely_on_is_a_fault(folder, change, words):
    text = CLASS.replace("return Verdict(", "from dataclasses import replace\n        return Verdict(replace(")
    put(folder, text.replace(', "Always.")', f', {change}), "Always.")'))
    with pytest.raises(StrategyError, match=words):
        verdict()


def test_built_in_names_cannot_be_taken(folder):
    put(folder, CLASS, "smc_mtf")
    (file,) = strategy_files()
    assert "has the name of a built-in strategy: rename the file" in file.error
    load_kind("smc_mtf")
    assert type(strategy_of("smc_mtf", {})).__name__ == "SmcMtf"


def test_names_from_the_data_base_never_lead_out_of_the_folder(folder):
    put(folder.parent, CLASS, "outside")
    for kind in ("../outside", str(folder.parent / "outside"), "mine.py"):
        with pytest.raises(ParameterError, match="is no strategy"):
            strategy_of(kind, {})


def test_without_a_folder_there_are_the_built_in_ones(folder):
    folder.rmdir()
    assert strategy_files() == []
    assert usable_kinds() == ["smc_mtf", "confluence"]


def test_underscored_files_are_left_alone_and_odd_names_refused(folder):
    put(folder, "1 / 0", "_draft")
    put(folder, CLASS, "my-idea")
    (file,) = strategy_files()
    assert "letters, digits and _" in file.error


def test_the_example_runs(folder):
    shutil.copy(EXAMPLE, folder)
    code = strategy_of("pullback", {"trend": "D1", "entry": "D1", "rsi": 50})
    bars = sample_bars("GOOG", None)
    made = [scan(code, {Timeframe.D1: bars[:count]}, 0.01).verdict for count in range(40, 400, 5)]
    assert any(found.suggestion for found in made)
    assert {found.suggestion.direction for found in made if found.suggestion} == {1, -1}


def test_scans_of_it_are_stored_with_the_hash_of_its_text(engine, folder):
    put(folder, CLASS)
    with writer(engine) as session:
        symbol = make_symbol(session, "GOOG", source="sample", calendar="us_stocks")
        strategy = make_strategy(session, "Mine", kind="mine", parameters={"room": 0.1})
        bars = sample_bars("GOOG", None)[-300:]
        store_bars(session, symbol, bars)
    signal_id = scan_one(engine, strategy.id, symbol.id, bars.as_of)
    with reader(engine) as session:
        assert session.get_one(Signal, signal_id).band == "MEDIUM"
        step = session.exec(select(LineageStep).where(LineageStep.kind == "votes")).one()
        assert step.parameters == {"room": 0.1, "timeframes": ["D1"]}
        assert (len(step.inputs["source"]), step.inputs["version"]) == (64, 1)
    put(folder, CLASS.replace("close = view", "close = 1 / 0 * view"))
    with pytest.raises(StrategyError):
        scan_one(engine, strategy.id, symbol.id, bars.as_of + 1)
    with reader(engine) as session:
        failed = session.exec(select(Run).where(Run.status == "failed")).one()
        assert failed.error == "StrategyError: mine.py, line 17: ZeroDivisionError: division by zero"
