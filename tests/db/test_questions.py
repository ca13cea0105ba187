"""Questions and comparisons as rows, on both data bases: asked once however many ask, taken by one, closed for good."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from core.analyst.answer import read_answer
from core.analyst.citing import check_sentence
from core.analyst.question_prompt import CheckedAnswer
from core.errors import AnalystTimeoutError, DeskError, NotFoundError
from core.signals.outcome import State
from db.actions.comparisons import keep_compared, plan_comparison, take_compared, waiting_compared
from db.actions.prompts import Wording, create_prompt, edit_prompt
from db.actions.questions import ask_question, fail_question, keep_question, take_question
from db.engine import reader, writer
from db.models import DeskQuestion, Opinion, SignalOutcome
from db.store.lineage.steps import chain
from db.store.revision import current
from tests.db.desk import rows
from tests.factories import NOW, add, make_account, make_run, make_signal, make_strategy, make_symbol, make_trade
from tests.workers.analyst.answers import answer

QUESTION = "Which symbol paid?"


def fill(engine: Engine) -> int:
    """An account with two closed trades, and a signal whose outcome is known; the signal's id."""
    with writer(engine) as session:
        account, symbol = make_account(session), make_symbol(session)
        for pnl, r in (("-500", -1.0), ("250.50", 0.5)):
            closed = {"status": "closed", "exit_price": 101.0, "closed_at": NOW}
            make_trade(session, account=account, symbol=symbol, pnl=Decimal(pnl), r_multiple=r, note="late", **closed)
        signal = make_signal(session, symbol=symbol, strategy=make_strategy(session), run=make_run(session))
        add(session, SignalOutcome(signal_id=signal.id, state=State.STOP.value, result_r=-1.0, timeframe=5, through=0))
        assert signal.id is not None
        return signal.id


def test_one_question_is_asked_once_and_taken_once(engine: Engine):
    fill(engine)
    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(lambda _: ask_question(engine, 1, QUESTION, NOW), range(8)))
        assert made == {1}
        taken = list(pool.map(lambda _: take_question(engine, 1, "qwen", NOW), range(4)))
    (asked,) = [one for one in taken if one is not None]
    assert asked.evidence.figures["F3"].value == Decimal("-249.50")
    assert [one.text for one in asked.evidence.notes] == ["late", "late"]
    sentence = check_sentence("You lost 249.50 USD in 3 trades.", ["F3"], asked.evidence.figures)
    with reader(engine) as session:
        before = current(session)
    assert keep_question(engine, asked, CheckedAnswer((sentence,)), "raw", 1, NOW)
    assert not keep_question(engine, asked, CheckedAnswer((sentence,)), "again", 1, NOW)
    fail_question(engine, 1, asked, AnalystTimeoutError("late"), NOW)
    (row,) = rows(engine, DeskQuestion)
    assert (row.status, row.raw, row.answer["failed"]) == ("done", "raw", 1)
    with reader(engine) as session:
        assert current(session) == before + 1
        found = chain(session, "question", 1)
    kinds = {one.id: one.kind for one in found.steps}
    assert sorted((kinds[up], kinds[down]) for up, down in found.edges) == [
        ("question", "answer"), ("settings", "answer"), ("settings", "question"),
    ]  # fmt: skip
    assert ask_question(engine, 1, QUESTION, NOW) == 2, "an answered one may be asked again"


def test_a_lost_question_is_taken_up_again(engine: Engine):
    fill(engine)
    ask_question(engine, 1, QUESTION, NOW)
    assert take_question(engine, 1, "qwen", NOW)
    assert take_question(engine, 1, "qwen", NOW + timedelta(minutes=1)) is None
    assert take_question(engine, 1, "qwen", NOW + timedelta(minutes=16))
    with pytest.raises(NotFoundError):
        take_question(engine, 9, "qwen", NOW)
    with pytest.raises(NotFoundError):
        ask_question(engine, 9, QUESTION, NOW)


def test_a_comparison_is_planned_once_and_each_opinion_taken_once(engine: Engine):
    signal_id = fill(engine)
    made = create_prompt(engine, "Mine", None, "English", Wording("Judge.", "{{direction}}"), NOW)
    edit_prompt(engine, made, 1, Wording("Judge well.", "{{direction}}"), NOW)
    with ThreadPoolExecutor(4) as pool:
        planned = list(pool.map(lambda _: plan_comparison(engine, (1, 2), 5, NOW), range(4)))
        assert sum(planned) == 2
        first = min(one.id for one in rows(engine, Opinion))
        taken = [one for one in pool.map(lambda _: take_compared(engine, first, "qwen", NOW), range(4)) if one]
    assert [(one.opinion_id, one.signal_id, one.prompt) for one in taken] == [(first, signal_id, "long")]
    with reader(engine) as session:
        assert waiting_compared(session, NOW) == [], "one after the other"
    keep_compared(engine, taken[0], read_answer(answer()), answer(), 1, NOW)
    with reader(engine) as session:
        (second,) = waiting_compared(session, NOW)
        steps = chain(session, "opinion", first).steps
    assert second != first
    assert {"prompt", "settings", "opinion"} <= {one.kind for one in steps}
    with pytest.raises(DeskError, match="two different versions"):
        plan_comparison(engine, (1, 1), 5, NOW)
    with pytest.raises(NotFoundError):
        plan_comparison(engine, (1, 9), 5, NOW)
