"""The opinion on the Signals page in each of its states; the analyst's settings and its record."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue
from sqlalchemy import Engine
from sqlmodel import Session, select
from streamlit.testing.v1 import AppTest

from core import jobs
from core.analyst.answer import Answer
from core.analyst.settings import AnalystSettings
from core.errors import EditConflictError, SettingsError
from dashboard.analyst import reach as analyst
from dashboard.analyst.opinion import readable
from db.actions.opinion_results import Written, keep_answer
from db.actions.opinions import ask_again, fail_waiting, save_settings, take_turn
from db.engine import reader, writer
from db.models import Opinion, PromptVersion, Setting, Signal, SignalOutcome
from db.store.prompts import add_defaults
from db.views import analyst_record
from tests.dashboard.pages_under_test import open_page, run, text
from tests.dashboard.world import HOSTILE, add_signal

ROOT = Path(__file__).resolve().parents[2]
MODEL = "qwen2.5:3b"


@pytest.fixture
def analysed(sqlite_desk: Engine) -> Engine:
    """The desk with prompts, whose analyst has a model."""
    now = datetime.now(UTC)
    save_settings(sqlite_desk, AnalystSettings(model=MODEL), None, now)
    with writer(sqlite_desk) as session:
        add_defaults(session, now)
    return sqlite_desk


def answered(engine: Engine, signal_id: int, side: str, confidence: int = 90, model: str = MODEL) -> None:
    """An opinion, stored as the worker stores it."""
    now = datetime.now(UTC)
    request = take_turn(engine, ask_again(engine, signal_id, now), model, now)
    assert request is not None
    entry = request.evidence.entry
    sign = {"long": 1, "short": -1, "none": 0}[side]
    said = Answer(
        direction=side, entry=entry, stop=entry - sign * 0.001, targets=[entry + sign * 0.002], confidence=confidence,
        reasons=[f"Because {HOSTILE}"], risks=["News."], invalidation="A close below.",
    )  # fmt: skip
    assert keep_answer(engine, request, Written(said, "{}", 1), now) is not None


def test_both_parts_and_what_they_come_to(analysed: Engine) -> None:
    signal_id = add_signal(analysed, datetime.now(UTC), 31)
    answered(analysed, signal_id, "long")
    seen = text(open_page("signals", signal=str(signal_id)))
    # By hand: 0.5683 + 0.11656 = 0.68486.
    for shown in (
        "Long 57 %</dd>",
        "Long 90 %</dd>",
        "Long 68 %</dd>",
        "(1 - 0.5683) = 0.6849.",
        "For comparison: orders and sizes",
    ):
        assert shown in seen
    assert "<img" not in seen
    assert "&lt;img src=x" in seen


def test_a_signal_that_is_held_back_is_marked_in_the_table(analysed: Engine) -> None:
    signal_id = add_signal(analysed, datetime.now(UTC), 32)
    answered(analysed, signal_id, "short")
    at = open_page("signals", signal=str(signal_id))
    assert "Held back</dd>" in text(at)
    listed = at.dataframe[0].value
    assert next(iter(listed["status"])) == "held back"
    assert next(iter(listed["confidence"])) == "57 %"


def test_without_a_server_the_reason_is_shown_and_asking_again_asks(
    analysed: Engine, monkeypatch: pytest.MonkeyPatch, redis_url: str, redis_connection: Redis
) -> None:
    monkeypatch.setenv("REDIS_URL", redis_url)
    redis_connection.set(jobs.DOWN_KEY, "http://127.0.0.1:11434")
    signal_id = add_signal(analysed, datetime.now(UTC), 33)
    opinion_id = ask_again(analysed, signal_id, datetime.now(UTC))
    fail_waiting(analysed, "unavailable", f"No model is reachable at {HOSTILE}.", datetime.now(UTC))
    at = open_page("signals", signal=str(signal_id))
    seen = text(at)
    assert "No opinion: No model is reachable at &lt;img" in seen
    assert "The signal stands as the votes gave it." in seen
    at = run(at, at.button(key="opinion_ask").click())
    assert "Waits for the model" in text(at)
    (job,) = Queue(jobs.ANALYST, connection=redis_connection).jobs
    assert (job.func_name, job.args) == (jobs.OPINION, (opinion_id,))
    assert redis_connection.get(jobs.DOWN_KEY) is None
    # What the worker writes is read from Redis while it lasts.
    assert take_turn(analysed, opinion_id, MODEL, datetime.now(UTC)) is not None
    redis_connection.set(jobs.partial_key(opinion_id), '{"reasons": ["Liquidity was <b>swept</b>", "Structure tu')
    seen = text(open_page("signals", signal=str(signal_id)))
    assert f"{MODEL} writes" in seen
    assert "Liquidity was &lt;b&gt;swept" in seen
    assert "Structure tu" in seen


def test_switched_off_says_so_and_offers_no_button(analysed: Engine) -> None:
    with reader(analysed) as session:
        seen_at = session.get_one(Setting, "analyst").updated_at
    save_settings(analysed, AnalystSettings(enabled=False), seen_at, datetime.now(UTC))
    at = open_page("signals", signal=str(add_signal(analysed, datetime.now(UTC), 34)))
    assert "The analyst is switched off." in text(at)
    assert "opinion_ask" not in [button.key for button in at.button]


SECTIONS = """
import sys
sys.path.insert(0, {root!r})
from dashboard import data
from dashboard.analyst.record import analyst_record
from dashboard.analyst.settings import analyst_settings
analyst_record(data.stamp())
analyst_settings()
"""


def sections() -> AppTest:
    return run(AppTest.from_string(SECTIONS.format(root=str(ROOT)), default_timeout=30))


@pytest.mark.parametrize("said", ["NaN", "1e999", "true", "-3"])
def test_a_beginning_without_a_believable_confidence_shows_none(said: str) -> None:
    seen = readable(analyst.partial_answer(f'{{"direction": "long", "confidence": {said}, "reasons": ["Up'), "")
    assert "<b" in seen
    assert "%" not in seen


def test_the_settings_are_changed_and_a_plain_address_is_asked_for(
    analysed: Engine, monkeypatch: pytest.MonkeyPatch, redis_url: str, redis_connection: Redis
) -> None:
    monkeypatch.setenv("REDIS_URL", redis_url)
    said = {"url": "http://127.0.0.1:11434", "version": "0.30", "error": "", "at": 1}
    redis_connection.set(jobs.MODELS_KEY, json.dumps(said | {"models": [{"name": "<b>gemma3</b>", "sees": True}]}))
    at = sections()
    assert "Ollama 0.30 answered, 1 model: &lt;b&gt;gemma3&lt;/b&gt; (sees charts)." in text(at)
    at = run(at, at.button(key="analyst_change").click())
    assert "<b>gemma3</b>" in at.selectbox(key="dialog_analyst_model").options
    at.text_input(key="dialog_analyst_url").set_value("ftp://nowhere")
    at = run(at, at.button(key="dialog_analyst_save").click())
    assert "write http" in at.error[0].value
    at.text_input(key="dialog_analyst_url").set_value("http://models.lan:11434/")
    run(at, at.button(key="dialog_analyst_save").click())
    with reader(analysed) as session:
        assert session.get_one(Setting, "analyst").value["url"] == "http://models.lan:11434"
    assert [job.func_name for job in Queue(jobs.ANALYST, connection=redis_connection).jobs] == [jobs.LOOK_FOR_MODELS]


def test_whoever_was_overtaken_sees_what_differs(analysed: Engine) -> None:
    now = datetime.now(UTC)
    with pytest.raises(EditConflictError) as caught:
        save_settings(analysed, AnalystSettings(model="other"), now - timedelta(days=1), now)
    assert caught.value.fields == {"model": (MODEL, "other")}


@pytest.mark.parametrize(
    "url", ["", "localhost:11434", "file:///etc/passwd", "http://user:word@host", "http://h:99999", "http://a b"]
)
def test_an_address_is_http_and_no_more(url: str) -> None:
    with pytest.raises(SettingsError):
        AnalystSettings.from_mapping({"url": url})


def test_the_record_counts_who_was_right(analysed: Engine) -> None:
    assert "No opinion has been measured yet." in text(sections())
    plan = (("long", "target", 3.0), ("long", "stop", -1.0), ("short", "stop", -1.0), ("none", "target", 3.0),
            ("none", "expired", -0.2), ("long", "never_filled", None), ("long", "open", None))  # fmt: skip
    for number, (side, state, result) in enumerate(plan):
        signal_id = add_signal(analysed, datetime.now(UTC), 40 + number)
        answered(analysed, signal_id, side)
        with writer(analysed) as session:
            session.merge(SignalOutcome(signal_id=signal_id, state=state, timeframe=5, through=0, result_r=result))
    with reader(analysed) as session:
        (row,) = analyst_record.analyst_record(session).to_dict("records")
        version = session.exec(select(PromptVersion).where(PromptVersion.id == 1)).one()
    assert {name: row[name] for name in ("answers", "ended", "agreed_won", "agreed_lost")} == {
        "answers": 7, "ended": 5, "agreed_won": 1, "agreed_lost": 1,
    }  # fmt: skip
    assert (row["warned_right"], row["warned_wrong"], row["held_back"]) == (2, 1, 1)
    assert (row["agreed_r"], round(row["warned_r"], 4)) == (1.0, 0.6)
    assert (row["number"], row["model"]) == (version.number, MODEL)
    # Three of five: (1 + 2) right.
    assert "60 %" in text(sections())
    with Session(analysed) as session:
        assert {one.status for one in session.exec(select(Signal))} >= {"new"}
        assert session.exec(select(Opinion).where(Opinion.status == "failed")).all() == []
