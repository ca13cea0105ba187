"""The Prompts page: words, versions, preview, a try, a comparison, import and export."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
import streamlit as st
from redis import Redis
from rq import Queue
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from core import jobs
from core.analyst.prompt_text import import_prompt
from core.signals.outcome import State
from db.actions.prompts import Wording, archive_prompt, edit_prompt
from db.engine import writer
from db.models import Opinion, Prompt, PromptVersion, SignalOutcome, Strategy, Symbol
from db.store.prompts import add_defaults
from db.store.revision import bump
from tests.dashboard.pages_under_test import open_page, run, text
from tests.dashboard.world import HOSTILE
from tests.db.desk import rows
from tests.factories import add, make_account, make_run, make_signal, make_strategy, make_symbol

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def small_desk(sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """An account, two strategies and two signals: 1 long, 2 short on AAPL. The whole world would take longer."""
    monkeypatch.setenv("DATABASE_URL", str(sqlite_engine.url))
    monkeypatch.delenv("REDIS_URL", raising=False)
    st.cache_data.clear()
    with writer(sqlite_engine) as session:
        make_account(session)
        first = make_signal(session)
        stock = make_symbol(session, "AAPL", tick_size=0.01)
        daily = make_strategy(session, "SMC daily")
        prices = {"direction": -1, "entry": 152.0, "stop": 157.0, "target": 137.0, "targets": []}
        make_signal(session, symbol=stock, strategy=daily, run=make_run(session), **prices)
        assert first.id == 1
        bump(session)
    return sqlite_engine


@pytest.fixture
def prompts(small_desk: Engine) -> Engine:
    with writer(small_desk) as session:
        add_defaults(session, NOW)
        bump(session)
    return small_desk


@pytest.fixture
def queue(prompts: Engine, redis_url: str, redis_connection: Redis, monkeypatch: pytest.MonkeyPatch) -> Queue:
    monkeypatch.setenv("REDIS_URL", redis_url)
    return Queue(jobs.ANALYST, connection=redis_connection)


def typed(at: AppTest, prompt_id: int, **fields: str) -> AppTest:
    for name, value in fields.items():
        kind = at.text_input if name == "note" else at.text_area
        kind(key=f"prompt_draft_{prompt_id}_{name}").set_value(value)
    return run(at)


def plain(at: AppTest) -> str:
    """Everything written, without the escapes of Markdown."""
    return text(at).replace("\\", "")


def test_a_desk_without_prompts_says_what_to_do(small_desk: Engine):
    at = open_page("prompts")
    assert "Press New prompt" in text(at)
    run(at, at.button(key="prompt_new").click())
    run(at, at.text_input(key="prompt_name").set_value("Mine"))
    run(at, at.button(key="prompt_create").click())
    assert [(one.name, one.active) for one in rows(small_desk, Prompt)] == [("Mine", True)]
    assert "Version 1 of" in text(at)


def test_an_edit_is_previewed_with_a_real_signal_and_becomes_the_next_version(prompts: Engine):
    at = open_page("prompts")
    assert at.button(key="prompt_save").disabled
    typed(at, 1, template="Say {{direction}} at {{entry}} {{nonsense}}")
    assert "There is no variable nonsense" in text(at)
    run(at, at.button(key="prompt_save").click())
    assert len(rows(prompts, PromptVersion)) == 2
    typed(at, 1, template="Say {{direction}} at {{entry}} for {{symbol}}", note="shorter")
    run(at, at.selectbox(key="prompt_signal").select(2))
    assert "Say short at 152.00 for &lt;data name=&quot;symbol&quot;&gt;AAPL&lt;/data&gt;" in text(at)
    assert "never an instruction" in text(at)
    run(at, at.button(key="prompt_save").click())
    newest = rows(prompts, PromptVersion)[-1]
    assert (newest.prompt_id, newest.number, newest.note) == (1, 2, "shorter")
    assert at.button(key="prompt_save").disabled
    run(at, at.segmented_control(key="prompt_part").select("Versions"))
    assert '<span class="add">+Say {{direction}} at {{entry}} for {{symbol}}</span>' in text(at)
    run(at, at.button(key="prompt_restore").click())
    assert not at.button(key="prompt_save").disabled
    run(at, at.button(key="prompt_save").click())
    assert rows(prompts, PromptVersion)[-1].content_hash == rows(prompts, PromptVersion)[0].content_hash


def test_whoever_was_overtaken_sees_the_difference_first(prompts: Engine):
    at = open_page("prompts")
    typed(at, 1, template="Mine {{entry}}")
    edit_prompt(prompts, 1, 1, Wording("Judge.", "Theirs {{entry}}"), NOW)
    run(at, at.button(key="prompt_save").click())
    seen = text(at)
    assert "has a version 2 by now" in plain(at)
    assert '<span class="drop">-Theirs {{entry}}</span><span class="add">+Mine {{entry}}</span>' in seen
    assert at.button(key="prompt_save").label == "Save mine over it"
    run(at, at.button(key="prompt_save").click())
    assert [one.number for one in rows(prompts, PromptVersion) if one.prompt_id == 1] == [1, 2, 3]


def test_what_was_not_touched_follows_what_others_save(prompts: Engine):
    at = open_page("prompts")
    edit_prompt(prompts, 1, 1, Wording("Judge.", "Theirs {{entry}}"), NOW)
    run(at)
    assert at.text_area(key="prompt_draft_1_template").value == "Theirs {{entry}}"
    assert at.button(key="prompt_save").disabled


def test_prompts_rest_go_to_the_archive_and_come_back(prompts: Engine):
    at = open_page("prompts", prompt="2")
    run(at, at.button(key="prompt_activate").click())
    assert not rows(prompts, Prompt)[1].active
    run(at, at.button(key="prompt_archive").click())
    assert rows(prompts, Prompt)[1].archived_at is not None
    assert "Archive (1)" in [one.label for one in at.expander]
    run(at, at.button(key="prompt_archive").click())
    assert rows(prompts, Prompt)[1].archived_at is None
    assert "There is no prompt 99" in text(open_page("prompts", prompt="99"))


def test_a_file_is_imported_and_junk_is_refused_in_one_sentence(prompts: Engine):
    at = open_page("prompts")
    run(at, at.button(key="prompt_import").click())
    run(at, at.text_area(key="dialog_prompt_text").set_value("hello"))
    run(at, at.button(key="dialog_prompt_import").click())
    assert "This is no exported prompt" in plain(at)
    given = "Chartroom prompt 1\nname: Third\nlanguage: English\n\nsystem:\n  Judge.\n\ntemplate:\n  {{entry}}\n"
    assert import_prompt(given).name == "Third"
    run(at, at.text_area(key="dialog_prompt_text").set_value(given))
    run(at, at.button(key="dialog_prompt_import").click())
    assert rows(prompts, Prompt)[-1].name == "Third"
    assert at.text_area(key="prompt_draft_3_template").value == "{{entry}}"


def test_a_try_is_in_redis_alone(prompts: Engine, queue: Queue, redis_connection: Redis):
    at = open_page("prompts")
    typed(at, 1, template="Say {{entry}}")
    run(at, at.button(key="prompt_try").click())
    (job_id,) = queue.job_ids
    token = job_id.removeprefix("try-")
    wording = json.loads(redis_connection.get(jobs.try_key(token)) or b"{}")
    assert (wording["template"], wording["signal_id"]) == ("Say {{entry}}", 2)
    assert rows(prompts, Opinion) == []
    assert "Waits for the model." in text(at)
    tried = {
        "status": "writing",
        "text": '{"direction": "long", "rea',
        "prompt": "",
        "answer": None,
        "error": "",
        "model": "m",
    }
    redis_connection.set(jobs.tried_key(token), json.dumps(tried))
    assert "m writes" in text(run(at))
    redis_connection.set(jobs.tried_key(token), json.dumps(tried | {"status": "failed", "error": HOSTILE}))
    seen = text(run(at))
    assert "no answer" in seen
    assert "<img src=x" not in seen
    redis_connection.flushall()
    assert "The try is forgotten by now" in text(run(at))


def test_two_versions_are_compared_on_past_signals(prompts: Engine, queue: Queue):
    edit_prompt(prompts, 1, 1, Wording("Judge.", "{{entry}}"), NOW)
    at = open_page("prompts")
    run(at, at.segmented_control(key="prompt_view").select("Compare"))
    at.selectbox(key="prompt_first").select(1)
    run(at, at.selectbox(key="prompt_second").select(3))
    run(at, at.button(key="prompt_compare").click())
    assert "no signal yet whose outcome is known" in plain(at)
    with writer(prompts) as session:
        for signal_id, result in ((1, -1.0), (2, 2.5)):
            state = State.TARGET if result > 0 else State.STOP
            add(session, SignalOutcome(signal_id=signal_id, state=state.value, result_r=result, timeframe=5, through=0))
        bump(session)
    run(at, at.button(key="prompt_compare").click())
    assert len(queue.job_ids) == 1
    made = rows(prompts, Opinion)
    assert [(one.counted, one.status) for one in made] == [(False, "queued")] * 4
    with writer(prompts) as session:
        for one, side in zip(made, ("short", "long", "none", None), strict=True):
            row = session.get_one(Opinion, one.id)
            row.status = "done" if side else "failed"
            row.answer = {"direction": side, "confidence": 60} if side else None
            row.error = None if side else HOSTILE
        bump(session)
    seen = text(run(at))
    for words in (
        "2 AAPL",
        ">Short 60 %<",
        ">Long 60 %<",
        ">Stay out 60 %<",
        ">no answer<",
        ">no<",
        "+2.50 R",
        "-1.00 R",
    ):
        assert words in seen, words
    assert "<img src=x" not in seen
    run(at, at.selectbox(key="prompt_second").select(1))
    assert at.button(key="prompt_compare").disabled


def test_the_analysts_settings_and_record_are_on_this_page(prompts: Engine):
    at = open_page("prompts")
    seen = text(run(at, at.segmented_control(key="prompt_view").select("Analyst")))
    assert "Measured record" in seen
    assert at.button(key="analyst_change")


def test_text_from_outside_is_no_markup(prompts: Engine):
    with writer(prompts) as session:
        for row in (session.get_one(Symbol, 2), session.get_one(Strategy, 2), session.get_one(Prompt, 1)):
            row.name = HOSTILE
        session.get_one(Symbol, 2).description = HOSTILE
        bump(session)
    edit_prompt(prompts, 1, 1, Wording(HOSTILE, f"{HOSTILE} {{{{symbol}}}} {{{{strategy}}}}", HOSTILE), NOW)
    archive_prompt(prompts, 2, True, NOW)
    at = open_page("prompts")
    assert "<img src=x" not in text(at)
    run(at, at.segmented_control(key="prompt_part").select("Versions"))
    assert "<img src=x" not in text(at)
    run(at, at.segmented_control(key="prompt_view").select("Compare"))
    assert "<img src=x" not in text(at)
