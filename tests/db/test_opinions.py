"""Opinions in the data base: an attempt is a row of its own, and the record is made before the outcome is known."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from core.analyst.answer import Answer
from core.analyst.settings import AnalystSettings
from core.errors import AnalystJunkError
from core.timeframe import Timeframe
from db.actions.comparisons import fail_compared, keep_compared, plan_comparison, take_compared, waiting_compared
from db.actions.opinion_results import Written, keep_answer, keep_failure
from db.actions.opinions import ask_again, save_settings, take_turn
from db.actions.prompts import Wording, create_prompt, edit_prompt
from db.engine import reader, writer
from db.models import LineageStep, Opinion, PromptVersion, SignalOutcome
from db.views.analyst_record import analyst_record, missing_opinions
from db.views.opinions import OpinionView, signal_opinion
from tests.db.desk import open_desk, rows
from tests.factories import NOW, NOW_MS
from tests.lineage_check import check_lineage

MODEL = "qwen2.5:3b"
LONG = Answer(
    direction="long", entry=100.0, stop=98.0, targets=[104.0], confidence=80, reasons=["Up."], risks=[],
    invalidation="A close below 98.",
)  # fmt: skip
SHORT = LONG.model_copy(update={"direction": "short", "stop": 103.0, "targets": [95.0], "confidence": 90})
JUNK = AnalystJunkError("The model's answer cannot be used: it was cut off: be brief.", None, "{", 3)


@pytest.fixture
def desk(sqlite_engine: Engine) -> Engine:
    return prepared(sqlite_engine)


def prepared(engine: Engine) -> Engine:
    """A desk with one signal, whose analyst has a model and a prompt of one version."""
    open_desk(engine)
    save_settings(engine, AnalystSettings(model=MODEL), None, NOW)
    create_prompt(engine, "Mine", None, "English", Wording("Judge.", "{{direction}}"), NOW)
    return engine


def asked(engine: Engine, said: Answer | None, now: datetime = NOW) -> None:
    """Ask about the signal as a person and the worker do; None is junk."""
    opinion_id = ask_again(engine, 1, now)
    request = take_turn(engine, opinion_id, MODEL, now)
    assert request is not None
    if said is None:
        keep_failure(engine, opinion_id, request, JUNK, now)
    else:
        assert keep_answer(engine, request, Written(said, said.model_dump_json(), 1), now) is not None


def compared(engine: Engine, *said: Answer | None) -> None:
    """Compare both versions on the signal, whose outcome is known from now on."""
    with writer(engine) as session:
        session.merge(SignalOutcome(signal_id=1, state="stop", result_r=-1.0, timeframe=5, through=NOW_MS))
    first, second = (one.id or 0 for one in rows(engine, PromptVersion))
    plan_comparison(engine, (first, second), 5, NOW)
    with reader(engine) as session:
        waiting = waiting_compared(session, NOW)
    assert len(waiting) == len(said)
    for opinion_id, one in zip(waiting, said, strict=True):
        taken = take_compared(engine, opinion_id, MODEL, NOW)
        assert taken is not None
        if one is None:
            fail_compared(engine, opinion_id, taken, JUNK, NOW)
        else:
            keep_compared(engine, taken, one, "{}", 1, NOW)


def shown(engine: Engine) -> OpinionView:
    with reader(engine) as session:
        return signal_opinion(session, 1)


def reword(engine: Engine) -> None:
    edit_prompt(engine, 1, 1, Wording("Judge.", "{{direction}} {{entry}}"), NOW)


def test_what_stands_is_shown_with_its_own_fusion(engine: Engine) -> None:
    desk = prepared(engine)
    asked(desk, LONG)
    reword(desk)
    compared(desk, SHORT)
    asked(desk, None)
    found = shown(desk)
    assert (found.standing.id, found.answer.direction, found.fusion.opinion_id) == (1, "long", 1)
    assert (found.fusion.outcome, found.attempt.reason) == ("agrees", "junk")
    asked(desk, SHORT)
    found = shown(desk)
    assert (found.answer.direction, found.fusion.outcome, found.attempt) == ("short", "held_back", None)


def test_an_opinion_of_a_comparison_never_stands(desk: Engine) -> None:
    asked(desk, None)
    reword(desk)
    compared(desk, SHORT, LONG)
    asked(desk, None)
    found = shown(desk)
    assert (found.standing, found.answer, found.fusion) == (None, None, None)
    with reader(desk) as session:
        assert missing_opinions(session) == {"junk": 1}, "the signal, not each attempt"


def test_each_step_keeps_its_own_answer(desk: Engine) -> None:
    for said in (LONG, SHORT, None):
        asked(desk, said)
    steps = [one for one in rows(desk, LineageStep) if one.kind == "opinion"]
    with reader(desk) as session:
        told = [session.get_one(Opinion, one.entity_id) for one in steps]
    assert [one.answer and one.answer["direction"] for one in told] == ["long", "short", None]
    assert [one.raw for one in told][2] == "{"
    fused = [one.output for one in rows(desk, LineageStep) if one.kind == "fusion"]
    assert ["contradicts" in str(one["sentence"]) for one in fused] == [False, True]


def test_rows_with_steps_stay(desk: Engine) -> None:
    asked(desk, None)
    reword(desk)
    compared(desk, None, LONG)
    compared(desk, SHORT)
    asked(desk, LONG)
    traced = {one.entity_id for one in rows(desk, LineageStep) if one.entity == "opinion"}
    assert traced == {one.id for one in rows(desk, Opinion)} == {1, 2, 3, 4, 5}
    check_lineage(desk)


def test_only_the_first_opinion_before_the_outcome_is_measured(desk: Engine) -> None:
    asked(desk, LONG)
    ended = NOW_MS + Timeframe.M15.ms
    with writer(desk) as session:
        outcome = {"state": "stop", "result_r": -1.0, "timeframe": 5, "through": ended, "ended_at": ended}
        session.add(SignalOutcome(signal_id=1, **outcome))
    record = measured(desk)
    assert [(one["answers"], one["agreed_lost"], one["warned_right"]) for one in record] == [(1, 1, 0)]
    reword(desk)
    asked(desk, SHORT, NOW + timedelta(minutes=1))
    asked(desk, SHORT, NOW + timedelta(hours=1))
    assert measured(desk) == record


def test_an_opinion_that_came_after_the_outcome_is_not_measured(desk: Engine) -> None:
    with writer(desk) as session:
        outcome = {"state": "target", "result_r": 3.0, "timeframe": 5, "through": NOW_MS, "ended_at": NOW_MS}
        session.add(SignalOutcome(signal_id=1, **outcome))
    asked(desk, LONG, NOW + timedelta(seconds=1))
    assert measured(desk) == []


def measured(engine: Engine) -> list[dict]:
    with reader(engine) as session:
        return analyst_record(session).drop(columns=["agreed_r", "warned_r"]).to_dict("records")
