"""The Ask page: figures at once, the answer with its numbers marked, citations that open their table."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
import streamlit as st
from redis import Redis
from rq import Queue
from sqlalchemy import Engine
from sqlmodel import select

from core import jobs
from core.analyst.citing import as_json, check_sentence
from core.analyst.question_evidence import Evidence
from core.analyst.settings import AnalystSettings
from db.actions.opinions import save_settings
from db.actions.questions import ask_question
from db.engine import writer
from db.models import DeskQuestion, Symbol, Trade
from db.store.revision import bump
from tests.dashboard.pages_under_test import open_page, run, text
from tests.dashboard.world import HOSTILE
from tests.db.desk import rows
from tests.factories import NOW, make_account, make_symbol, make_trade

QUESTION = "Which symbol lost most?"


@pytest.fixture
def small_desk(sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """An account with a trade won and one lost. The whole world would take longer."""
    monkeypatch.setenv("DATABASE_URL", str(sqlite_engine.url))
    monkeypatch.delenv("REDIS_URL", raising=False)
    st.cache_data.clear()
    with writer(sqlite_engine) as session:
        account, symbol = make_account(session), make_symbol(session)
        for pnl, r in (("-500", -1.0), ("250.50", 0.5)):
            closed = {"status": "closed", "exit_price": 101.0, "closed_at": NOW}
            make_trade(session, account=account, symbol=symbol, pnl=Decimal(pnl), r_multiple=r, **closed)
        bump(session)
    return sqlite_engine


def ask(engine: Engine, question: str = QUESTION) -> DeskQuestion:
    made = ask_question(engine, 1, question, datetime.now(UTC))
    return next(one for one in rows(engine, DeskQuestion) if one.id == made)


def answered(engine: Engine, *said: tuple[str, list[str]]) -> Evidence:
    """A question with this answer, checked as the job would check it."""
    row = ask(engine)
    evidence = Evidence.from_json(row.evidence)
    checked = [check_sentence(one, cites, evidence.figures) for one, cites in said]
    with writer(engine) as session:
        stored = session.get_one(DeskQuestion, row.id)
        stored.status, stored.model, stored.finished_at = "done", "qwen2.5:3b", datetime.now(UTC)
        stored.answer = {"sentences": as_json(checked), "failed": sum(len(one.failed) for one in checked)}
        bump(session)
    return evidence


def test_an_empty_desk_has_no_account_to_ask_about(sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATABASE_URL", str(sqlite_engine.url))
    assert "There is no account yet." in text(open_page("ask"))


def test_figures_are_there_at_once_and_the_job_is_queued(
    small_desk: Engine, redis_url: str, redis_connection: Redis, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("REDIS_URL", redis_url)
    at = open_page("ask")
    assert "Nothing asked yet." in text(at)
    at.text_input(key="ask_text").set_value(QUESTION)
    run(at, at.button(key="ask_send").click())
    (row,) = rows(small_desk, DeskQuestion)
    (job_id,) = Queue(jobs.ANALYST, connection=redis_connection).job_ids
    assert job_id.startswith(f"ask-{row.id}-")
    seen = text(at)
    assert "Waits for the model. The figures below are there already." in seen
    assert "All closed trades" in seen
    assert row.evidence["figures"]["F1"]["written"] == "2"
    with writer(small_desk) as session:
        session.get_one(DeskQuestion, row.id).status = "writing"
        bump(session)
    redis_connection.set(jobs.question_key(row.id or 0), '{"sentences": [{"text": "You lost 99 % of')
    seen = text(run(at))
    assert "not checked yet" in seen
    assert "You lost 99 % of" in seen


def test_an_answer_shows_its_citations_and_what_is_not_in_the_evidence(small_desk: Engine):
    evidence = answered(
        small_desk, ("You took 2 trades and won 50 %.", ["F1", "F2"]), ("You lost 777 USD.", ["F3", "F999"]),
        (f"Nothing more. {HOSTILE}", []),
    )  # fmt: skip
    at = open_page("ask")
    seen = text(at)
    assert '<span class="held" title="F1">2</span>' in seen
    assert '<span class="bad" title="not in the evidence cited">777</span>' in seen
    assert "777: not in the evidence cited" in seen
    assert "F999 not in the evidence" in seen
    assert "3 numbers are not in the evidence cited" in seen, "two of them in the hostile text"
    assert "<img src=x" not in seen
    symbols = next(one for one in evidence.tables if one.key == "by_symbol")
    assert symbols.title not in seen
    assert "sum of the P&amp;L after costs" in seen
    run(at, at.button(key="ask_cite_1_F3").click())
    seen = text(at)
    assert '<span class="chosen" title="sum of the P&amp;L after costs">' in seen
    assert f"F3: Net, All closed trades, {evidence.figures['F3'].written}." in seen


def test_without_a_model_the_figures_answer_and_the_reason_is_said(small_desk: Engine):
    save_settings(small_desk, AnalystSettings(enabled=False), None, datetime.now(UTC))
    ask(small_desk)
    at = open_page("ask")
    seen = text(at)
    assert "The analyst is switched off" in seen
    assert "All closed trades" in seen
    run(at, at.button(key="ask_again").click())
    assert len(rows(small_desk, DeskQuestion)) == 2
    first = rows(small_desk, DeskQuestion)[0].id
    run(at, at.button(key=f"ask_open_{first}").click())
    assert at.query_params["question"] in (str(first), [str(first)])
    assert "There is no question 99" in text(open_page("ask", question="99"))


def test_a_question_about_nothing_says_so(small_desk: Engine):
    ask(small_desk, "How are my trades on Saturdays?")
    seen = text(open_page("ask"))
    assert "There is nothing to answer from" in seen
    assert "Figures (" not in seen
    at = open_page("ask")
    run(at, at.button(key="ask_send").click())
    assert "A question has 1 to 500 characters" in text(at).replace("\\", "")


def test_text_from_outside_is_no_markup(small_desk: Engine):
    with writer(small_desk) as session:
        session.get_one(Symbol, 1).name = HOSTILE
        for trade in session.exec(select(Trade)).all():
            trade.note = trade.setup = HOSTILE
        bump(session)
    row = ask(small_desk, f"Which setup pays? {HOSTILE}")
    with writer(small_desk) as session:
        stored = session.get_one(DeskQuestion, row.id)
        stored.status, stored.reason, stored.error, stored.raw = "failed", "junk", HOSTILE, HOSTILE
        bump(session)
    at = open_page("ask")
    for table in [one["key"] for one in row.evidence["tables"]]:
        at.session_state["ask_table"] = table
        assert "<img src=x" not in text(run(at))
