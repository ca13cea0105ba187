"""The Strategies page over real rows on both data bases."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis import Redis
from rq.job import Job as QueuedJob
from sqlalchemy import Engine
from sqlmodel import Session

from core import jobs
from core.errors import ParameterError
from dashboard import jobqueue
from dashboard.strategies.form import label_of
from dashboard.strategies.rule_lines import lines_of, rules_of
from dashboard.strategies.schedule_words import next_words, schedule_words
from db.actions.strategies import set_active
from db.engine import writer
from db.models import SignalOutcome, Strategy, StrategySymbol
from db.store.strategies import get_strategy
from tests.dashboard.pages_under_test import open_page, run, text
from tests.dashboard.world import HOSTILE
from tests.factories import NOW_MS, make_run, make_strategy
from workers.queue import submit

SMC, DAILY = 1, 2
FAULTY = "from core.timeframe import Timeframe\nfound = 1 / 0\n"


@pytest.fixture
def strategies_desk(
    desk: dict[str, int], empty_desk: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Engine:
    """The usual world with runs, outcomes, watched symbols and a faulty file of the user's own."""
    monkeypatch.setenv("CHARTROOM_STRATEGIES", str(tmp_path))
    (tmp_path / "mine.py").write_text(FAULTY)
    with writer(empty_desk) as session:
        session.add(StrategySymbol(strategy_id=SMC, symbol_id=1))
        session.flush()
        plain = {"strategy_id": SMC, "symbol_id": 1}
        make_run(session, slot=NOW_MS, result={"reason": "M15 has not shifted up with the trend."}, **plain)
        make_run(session, slot=NOW_MS + 1, status="failed", error=f"ParameterError: {HOSTILE}", **plain)
        for signal_id, result in ((1, 3.0), (2, -1.0), (3, -1.0)):
            state = "target" if result > 0 else "stop"
            session.add(SignalOutcome(signal_id=signal_id, state=state, result_r=result, timeframe=1, through=0))
        make_strategy(session, "Broken", kind="mine", parameters={"length": 5})
    return empty_desk


def stored(engine: Engine, strategy_id: int) -> Strategy:
    with Session(engine) as session:
        return get_strategy(session, strategy_id)


def field(at, label):
    """The field of the form that has this label, whatever its type."""
    kinds = ("text_input", "number_input", "selectbox", "multiselect", "toggle", "text_area")
    return next(one for kind in kinds for one in getattr(at, kind) if one.label.startswith(label))


def press(at, key):
    return run(at, at.button(key=key).click())


@pytest.mark.usefixtures("strategies_desk")
def test_the_list_says_how_each_strategy_is_doing() -> None:
    seen = text(open_page("strategies", strategy=str(SMC)))
    assert "every 5 minutes; next " in seen
    assert "at 00:10 UTC; next " in seen
    assert "smc_mtf · H4 M15 M5" in seen
    assert "3 decided, 33 % hit, +0.33 R on average" in seen
    assert "M15 has not shifted up with the trend." in seen
    assert 'class="down">ParameterError: &lt;img' in seen  # the failed run, escaped
    assert "<img" not in seen
    assert "mine.py, line 2: ZeroDivisionError: division by zero" in seen


@pytest.mark.usefixtures("strategies_desk")
def test_a_faulty_strategy_shows_its_error_and_can_be_stopped(strategies_desk: Engine) -> None:
    at = open_page("strategies", strategy="3")
    assert "ZeroDivisionError" in at.error[0].value
    assert not [button for button in at.button if button.key == "strategy_save"]
    press(at, "strategy_switch")
    assert not stored(strategies_desk, 3).active


def test_a_saved_form_is_what_is_stored(strategies_desk: Engine) -> None:
    at = open_page("strategies", strategy=str(SMC))
    field(at, "Zone bars").set_value(40)
    field(at, "Zone ATR").set_value(0.5)
    field(at, "Structure").set_value("D1")
    run(at, field(at, "Schedule").set_value("10 */4 * * 1-5"))
    assert "Every 4 hours at minute 10 from Monday to Friday</b>. Next runs " in text(at)
    assert "Changed, not saved yet." in text(at)
    press(at, "strategy_save")
    row = stored(strategies_desk, SMC)
    assert (row.parameters["zone_bars"], row.parameters["zone_atr"], row.parameters["structure"]) == (40, 0.5, "D1")
    assert (row.schedule, row.version) == ("10 */4 * * 1-5", 2)
    assert "Changed, not saved yet." not in text(at)


def test_what_cannot_be_is_refused_with_its_sentence_and_stays_typed(strategies_desk: Engine) -> None:
    at = open_page("strategies", strategy=str(SMC))
    run(at, field(at, "Schedule").set_value("whenever"))
    assert "&#x27;whenever&#x27; is no cron line: use five fields" in text(at)
    press(at, "strategy_save")
    assert "is no cron line" in at.error[0].value.replace("\\", "")
    assert field(at, "Schedule").value == "whenever"
    assert stored(strategies_desk, SMC).version == 1
    press(at, "strategy_discard")
    assert field(at, "Schedule").value == "*/5 * * * *"


def test_what_is_typed_outlives_other_pages_and_other_windows(strategies_desk: Engine) -> None:
    at = open_page("strategies", strategy=str(SMC))
    run(at, field(at, "Zone bars").set_value(41))
    run(at, at.switch_page("../pages/journal.py"))
    run(at, at.switch_page("../pages/strategies.py"))
    assert field(at, "Zone bars").value == 41
    set_active(strategies_desk, SMC, 1, active=False)
    run(at)
    assert "changed in another window meanwhile" in at.warning[0].value
    press(at, "strategy_save")
    assert "was changed in another window meanwhile" in at.error[0].value
    assert stored(strategies_desk, SMC).parameters.get("zone_bars") != 41
    press(at, "strategy_discard")
    run(at, field(at, "Zone bars").set_value(42))
    press(at, "strategy_save")
    assert (stored(strategies_desk, SMC).parameters["zone_bars"], stored(strategies_desk, SMC).active) == (42, False)


def test_a_form_without_changes_follows_what_is_stored(strategies_desk: Engine) -> None:
    at = open_page("strategies", strategy=str(SMC))
    with writer(strategies_desk) as session:
        row = get_strategy(session, SMC)
        row.schedule, row.version = "0 * * * *", 2
    assert field(run(at), "Schedule").value == "0 * * * *"


def test_copies_take_the_next_free_name(strategies_desk: Engine) -> None:
    at = open_page("strategies", strategy=str(SMC))
    press(at, "strategy_copy")
    run(at, at.button(key=f"choose_{SMC}").click())
    press(at, "strategy_copy")
    rows = [stored(strategies_desk, one) for one in (4, 5)]
    assert [(row.name, row.active) for row in rows] == [("SMC intraday copy", False), ("SMC intraday copy 2", False)]


def test_a_new_strategy_of_another_kind(strategies_desk: Engine) -> None:
    at = open_page("strategies", strategy="new")
    run(at, field(at, "Kind").set_value("confluence"))
    field(at, "Name").set_value("Swing")
    field(at, "Timeframes").set_value(["H1", "M15"])
    field(at, "Targets").set_value("1.5, 3")
    field(at, "Rules").set_value("RSI14 above 50 by 3\nEMA20 slope over 5 weight 2")
    press(at, "strategy_save")
    row = stored(strategies_desk, 4)
    assert (row.name, row.kind, row.parameters["timeframes"], row.parameters["targets"]) == (
        "Swing",
        "confluence",
        ["H1", "M15"],
        [1.5, 3.0],
    )
    assert [(rule["indicator"], rule["bars"], rule["weight"]) for rule in row.parameters["rules"]] == [
        ("RSI14", 1, 1.0),
        ("EMA20", 5, 2.0),
    ]
    assert ">Swing<" in text(at)


@pytest.mark.usefixtures("strategies_desk")
def test_an_address_that_names_none() -> None:
    assert "There is no strategy 99." in text(open_page("strategies", strategy="99"))


def test_run_now_puts_the_jobs_into_the_queue_as_a_worker_would(
    strategies_desk: Engine, redis_connection: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = open_page("strategies", strategy=str(SMC))
    press(at, "strategy_run")
    assert "The job queue is not set up here" in at.error[0].value.replace("\\", "")
    monkeypatch.setenv("REDIS_URL", redis_url)
    press(at, "strategy_run")
    (waiting,) = jobqueue.overview().waiting
    assert waiting.description == "Scan SMC intraday on SIM-EURUSD now"
    task = jobs.scan_now(SMC, 1, NOW_MS, "SMC intraday on SIM-EURUSD")
    assert jobqueue.submit([task, task]) == 1
    assert submit(jobs.scan_now(SMC, 1, NOW_MS + 1000, "SMC intraday on SIM-EURUSD"), connection=redis_connection)
    ours, theirs = (QueuedJob.fetch(f"scan-now-1-1-{moment}", redis_connection) for moment in (NOW_MS, NOW_MS + 1000))
    for name in (
        "func_name",
        "origin",
        "timeout",
        "ttl",
        "result_ttl",
        "failure_ttl",
        "retries_left",
        "retry_intervals",
    ):
        assert getattr(ours, name) == getattr(theirs, name)


RULES = (
    "CLOSE above EMA200\nRSI14 below 50 by 20\nMACD_HIST slope over 5\nEMA20 cross EMA50 over 3 weight 2 family trend"
)


def test_rules_are_the_same_after_being_read_and_written() -> None:
    assert lines_of(rules_of(f"{RULES}\n\n")) == RULES
    assert rules_of("RSI14 below 50 by 20") == [
        {"indicator": "RSI14", "rule": "below", "against": 50.0, "margin": 20.0}
    ]


@pytest.mark.parametrize(
    "line", ["RSI14", "RSI14 over 50", "RSI14 above", "RSI14 above by 3", "RSI14 above 50 by", "A above 1 x 2"]
)
def test_a_line_that_is_no_rule_is_quoted(line: str) -> None:
    with pytest.raises(ParameterError, match=f"'{line}'"):
        rules_of(line)


def test_schedules_and_labels_in_words() -> None:
    now = int(datetime(2026, 11, 20, 23, 52, tzinfo=UTC).timestamp() * 1000)
    assert next_words("*/5 * * * *", now) == "23:55, Sat 21 Nov 00:00 and 00:05"
    assert next_words("10 0 * * *", now, 1) == "Sat 21 Nov 00:10"
    assert schedule_words("whenever") == "whenever"
    assert [label_of(name) for name in ("zone_atr", "minimum_r", "entry")] == ["Zone ATR", "Minimum R", "Entry"]
