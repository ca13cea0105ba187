"""The Lineage page: chains as graph and time line, steps in full, search, differences, replays, and its layout."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import Engine, event
from streamlit.testing.v1 import AppTest

from benchmarks.lineage_page import add_run
from core.analyst.citing import Figure, as_json, check_sentence
from core.analyst.question_evidence import Evidence
from core.analyst.question_figures import Column, Table
from core.bar_pack import pack
from core.charts import theme
from core.timeframe import Timeframe
from dashboard.lineage.layout import GAP_X, GAP_Y, HEIGHT, READABLE, WIDTH, draw
from dashboard.lineage.timeline import span, timeline
from db.actions.scan import record_failure
from db.actions.scan_trace import PACKED
from db.engine import reader, writer
from db.models import ChartExport, DeskQuestion, IndicatorSnapshot, Opinion, Replay, Signal
from db.store.lineage.steps import Step, add_step, steps_of
from db.views.lineage.chain import Brief, Trace, trace
from db.views.lineage.subjects import ENTITIES, own_steps
from tests.dashboard.pages_under_test import open_page, run, text
from tests.dashboard.world import HOSTILE, walk
from tests.db import orders_desk
from workers.broker.paper import step_paper


def drawn(at: AppTest) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the browser is given: the graph and the time line."""
    graph, line = (json.loads(element.proto.json) for element in at.get("bidi_component"))
    return graph, line


def brief(number: int, kind: str = "events", seconds: float = 0, took: float = 1, **fields: Any) -> Brief:
    begin = datetime(2026, 3, 2, 14, tzinfo=UTC) + timedelta(seconds=seconds)
    plain = {"status": "done", "error": None, "content_hash": "", "run_id": None, "entity": None, "entity_id": None}
    times = {"started_at": begin, "finished_at": begin + timedelta(seconds=took)}
    return Brief(id=number, kind=kind, name=f"{kind} {number}", **times, **(plain | fields))


def test_a_trade_from_its_bars_to_its_close(desk: dict[str, int]) -> None:
    trade = desk["closed_trade"]
    graph, line = drawn(open_page("lineage", trade=str(trade)))
    names = {box["name"] for box in graph["boxes"]}
    assert {"SIM-EURUSD M5", "Smart-money events", "Votes", "Accepted", f"Trade {trade}"} <= names
    assert f"Close trade {trade}" in names
    assert len(graph["lines"]) == 10
    column = {box["name"]: box["x"] for box in graph["boxes"]}
    order = ["SIM-EURUSD M5", "Indicators of M5", "Votes", "Accepted", f"Trade {trade}", f"Close trade {trade}"]
    assert [column[name] for name in order] == sorted(column[name] for name in order)
    assert {box["name"] for box in graph["boxes"] if box["own"]} == {f"Trade {trade}"}
    assert len(line["lines"]) == len(graph["boxes"]) == 10
    assert line["lines"][0]["burst"].endswith("UTC")


def test_a_failed_step_is_lit_and_red_with_its_reason(sqlite_desk: Engine) -> None:
    at = open_page("lineage", signal="6")
    graph, line = drawn(at)
    failed = next(box for box in graph["boxes"] if box["tone"] == "failed")
    assert (failed["name"], failed["note"]) == ("Chart image", "failed")
    assert graph["selected"] == line["selected"] == failed["id"]
    assert [one["error"][:11] for one in line["lines"] if one["failed"]] == ["RenderError"]
    seen = text(at)
    assert '<div class="reason">RenderError: the browser is gone &lt;img src=x' in seen
    assert HOSTILE not in seen


def test_a_step_of_the_address_is_shown_in_full(sqlite_desk: Engine) -> None:
    with writer(sqlite_desk) as session:
        signal = session.get_one(Signal, 1)
        (made,) = steps_of(session, "signal", 1)[:1]
        values = {"EMA20": 1.0871, "RSI14": None}
        session.add(IndicatorSnapshot(run_id=signal.run_id, timeframe=5, as_of=signal.as_of, values=values))
        at = datetime(2026, 3, 2, 14, 5, tzinfo=UTC)
        inputs = {"symbol": "SIM-EURUSD", "timeframe": "M5", "slot": signal.as_of}
        seen = walk(Timeframe.M5, 40, signal.as_of, 1.085, 0.0001, 1)
        packed = {"count": 40, PACKED: pack(seen)}
        bars = add_step(session, Step("bars", "Bars M5", at, at, inputs=inputs, output=packed))
        told = {"inputs": inputs, "run_id": signal.run_id, "parameters": {"names": ["EMA20", "RSI14"]}}
        step = add_step(session, Step("indicators", "Indicators M5", at, at, **told), [bars])
    page = open_page("lineage", step=str(step))
    written = text(page)
    assert f"Step {step}: Indicators M5" in written
    assert '<td>EMA20</td><td class="num">1.0871</td>' in written
    assert "EMA20, RSI14" in written
    assert f'href="lineage?step={bars}"' in written
    assert "2026-03-02 14:05:00.000" in written
    page = open_page("lineage", signal="1", step=str(made))
    votes = next(box["id"] for box in drawn(page)[0]["boxes"] if box["name"] == "Votes")
    assert "ADX 17.1, +DI 22.0, -DI 19.4" in text(open_page("lineage", signal="1", step=str(votes)))
    page = open_page("lineage", step=str(bars))
    assert "The last 8 of 40 bars as they were seen" in text(page)
    assert f'<td class="num">{seen.close[-1]:.5f}</td>' in text(page)
    assert packed[PACKED] not in text(page)
    links = [element.proto for element in page.get("page_link")]
    assert any(link.page == "charts" and "timeframe=M5" in link.query_string for link in links)


def test_a_chart_s_picture_and_one_that_is_gone(sqlite_desk: Engine, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("CHARTROOM_HOME", str(tmp_path))
    (tmp_path / "charts").mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / "charts" / "a.png")
    now = datetime.now(UTC)
    with writer(sqlite_desk) as session:
        plain = {"subject": "signal", "title": "A", "format": "png", "width": 8, "height": 8, "created_at": now}
        rows = [ChartExport(path=name, status="done", **plain) for name in ("a.png", "gone.png")]
        session.add_all(rows)
        session.flush()
        parents = steps_of(session, "signal", 1)
        for row in rows:
            add_step(session, Step("chart", "Chart", now, now, entity="chart_export", entity_id=row.id), parents[:1])
        ids = [row.id for row in rows]
    there, gone = (open_page("lineage", export=str(one)) for one in ids)
    assert len(there.get("image")) == 1
    assert not gone.get("image")
    assert "export it again" in text(gone)


def answered() -> dict[str, Any]:
    """One figure, a sentence that cites it, and one with a number that nobody computed."""
    figure = Figure("N1", "Trades", Decimal(3), "count", "3", "closed trades", "summary", "All trades")
    column = Column("Trades", "count", "closed trades")
    table = Table("summary", "Summary", (column,), (("All trades", ("N1",)),))
    evidence = Evidence("All closed trades.", (table,), {"N1": figure})
    said = [check_sentence(one, ["N1"], evidence.figures) for one in ("You made 3 trades.", f"Not 7 {HOSTILE}")]
    return {"evidence": evidence.as_json(), "answer": {"sentences": as_json(said), "failed": 1}}


def test_what_the_model_was_told_and_said(sqlite_desk: Engine) -> None:
    now = datetime.now(UTC)
    with writer(sqlite_desk) as session:
        answer = {"direction": "long", "reasons": ["Structure holds", HOSTILE]}
        said = Opinion(signal_id=1, model="llama", language="English", status="done", prompt=f"Judge. {HOSTILE}",
                       raw="{}", answer=answer, created_at=now)  # fmt: skip
        asked = DeskQuestion(question=f"Why? {HOSTILE}", asked_at=now, status="done", **answered())
        session.add_all([said, asked])
        session.flush()
        made = steps_of(session, "signal", 1)[:1]
        opinion = add_step(session, Step("opinion", "Opinion", now, now, entity="opinion", entity_id=said.id), made)
        came = {"outcome": "agrees", "direction": 1, "confidence": 0.7, "sentence": "Both agree."}
        fusion = add_step(session, Step("fusion", "Fusion", now, now, output=came), [*made, opinion])
        question = add_step(session, Step("question", "Q", now, now, entity="question", entity_id=asked.id), made)
        ids = said.id, asked.id
    for query, words in (
        ({"opinion": str(ids[0]), "step": str(opinion)}, "Structure holds"),
        ({"question": str(ids[1]), "step": str(question)}, '<span class="held" title="N1">3</span> trades'),
        ({"question": str(ids[1]), "step": str(question)}, "Trades: 3 (N1)"),
        ({"question": str(ids[1]), "step": str(question)}, '<span class="bad"'),
        ({"signal": "1", "step": str(fusion)}, "Both agree. Long, confidence 0.70."),
    ):
        seen = text(open_page("lineage", **query))
        assert words in seen
        assert HOSTILE not in seen


def test_the_history_of_an_order(sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_engine.url.render_as_string(hide_password=False))
    orders_desk.open_market(sqlite_engine)
    ticket = orders_desk.send(sqlite_engine, "form", orders_desk.one(orders_desk.BUY, 10))
    orders_desk.bars(sqlite_engine, orders_desk.CALM, after=0)
    assert step_paper(sqlite_engine, orders_desk.ms(1)) == 1
    page = open_page("lineage", order=str(ticket))
    names = [box["name"] for box in drawn(page)[0]["boxes"]]
    assert names[:2] == ["Account Practice, version 1", f"Order {ticket}"]
    assert names[-1] == "Trade 1"
    seen = text(page)
    assert f"Order {ticket}: MKT, paper" in seen
    assert "→ filled" in seen
    assert "Executed (UTC)" in seen
    assert f"lineage?order={ticket}" in text(open_page("lineage"))


def test_two_runs_side_by_side(sqlite_desk: Engine) -> None:
    seen = text(open_page("lineage", signal="6", **{"with": "4"}))
    assert "First difference: Signal." in seen  # all that these signals' steps do not share
    assert seen.count("same</span>") == 6
    page = open_page("lineage", signal="6")
    offered = page.selectbox(key="lineage_with_signal_6_0")
    assert len(offered.options) == 5
    offered.select_index(0)
    assert "beside Signal" in text(run(page))
    assert page.query_params["with"] == "5"


def test_a_failed_run_says_why(sqlite_desk: Engine) -> None:
    now = datetime.now(UTC)
    record_failure(sqlite_desk, 1, 1, 77, RuntimeError(f"no answer {HOSTILE}"), (now, now))
    overview = text(open_page("lineage"))
    assert "RuntimeError: no answer &lt;img" in overview
    assert "RenderError: the browser is gone &lt;img" in overview
    number = overview.split("lineage?run=")[1].split('"')[0]
    seen = text(open_page("lineage", run=number))
    assert '<div class="reason">RuntimeError: no answer' in seen
    assert f"No steps are recorded for run {number}." in seen
    assert HOSTILE not in overview + seen


@pytest.mark.parametrize(
    ("fields", "there", "absent"),
    [
        ({"text": "trade 1"}, ["lineage?trade=1"], ["lineage?signal=1"]),
        ({"text": "7"}, ["lineage?signal=7", "lineage?step=7"], ["lineage?signal=6"]),
        ({"text": "aapl"}, ["lineage?signal=7"], ["lineage?signal=1"]),
        ({"text": "browser is gone"}, ["lineage?step="], ["lineage?signal="]),
        ({"text": "News is near"}, ["lineage?signal=1", "Rejected"], ["lineage?trade="]),
        ({"kind": "decision"}, ["Accepted", "Rejected"], ["Votes", "Chart image"]),
        ({"failed": True}, ["Chart image"], ["Votes"]),
        ({"text": "100%_\\"}, ["Nothing was found."], ["lineage?"]),
    ],
)
def test_search(fields: dict[str, Any], there: list[str], absent: list[str], sqlite_desk: Engine) -> None:
    page = open_page("lineage")
    for name, value in fields.items():
        kind = {"text": page.text_input, "kind": page.selectbox, "failed": page.toggle}[name]
        kind(key=f"lineage_{name}").set_value(value)
    seen = text(run(page))
    assert all(words in seen for words in there)
    assert not any(words in seen for words in absent)


def test_search_by_day_on_both_data_bases(desk: dict[str, int]) -> None:
    page = open_page("lineage")
    page.date_input(key="lineage_day").set_value(datetime.now(UTC).date())
    page.text_input(key="lineage_text").set_value("swing")
    assert "Smart-money events" in text(run(page))
    page.date_input(key="lineage_day").set_value(datetime(2020, 1, 1).date())
    assert "Nothing was found." in text(run(page))


def test_replays_of_a_signal_and_of_the_nights(sqlite_desk: Engine) -> None:
    now = datetime.now(UTC)
    assert "Not replayed yet" in text(open_page("lineage", signal="2"))
    with writer(sqlite_desk) as session:
        plain = {"by": "nightly", "code_version": "1.0+x", "started_at": now, "finished_at": now}
        session.add(Replay(signal_id=1, identical=True, **plain))
        session.add(Replay(signal_id=2, identical=False, step="events M5", detail=f"The bars {HOSTILE}", **plain))
    assert '<span class="pill up">identical</span>' in text(open_page("lineage", signal="1"))
    seen = text(open_page("lineage", signal="2"))
    assert "First differing step: events M5. The bars &lt;img" in seen
    nights = text(open_page("lineage"))
    assert '<td class="num">2</td><td class="num">1</td>' in nights
    assert "signal 2</a> at events M5" in nights
    page = open_page("lineage", signal="2")
    run(page, page.button(key="lineage_replay_2").click())
    assert "The job queue is not set up here" in page.error[0].value


def test_an_empty_desk_and_addresses_of_nothing(empty_desk: Engine) -> None:
    assert "Nothing to trace yet." in text(open_page("lineage"))
    assert "Nothing to trace yet." in text(open_page("lineage", step="9" * 12))
    assert "There is no order 1." in text(open_page("lineage", order="1"))


def test_whatever_has_an_id_can_be_asked_for(desk: dict[str, int], empty_desk: Engine) -> None:
    with reader(empty_desk) as session:
        for entity in ENTITIES:
            assert own_steps(session, entity, 1) is not None
    for name in ("strategy", "account", "run"):
        seen = text(open_page("lineage", **{name: "1"}))
        assert f"{name.capitalize()} 1: " in seen


@pytest.fixture
def long_run(sqlite_desk: Engine) -> tuple[Engine, int]:
    with writer(sqlite_desk) as session:
        run_id = add_run(session, 500)
    return sqlite_desk, run_id


def test_five_hundred_steps_are_few_queries_and_few_boxes(long_run: tuple[Engine, int]) -> None:
    engine, run_id = long_run
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *found: asked.append(found[2]))
    page = open_page("lineage", run=str(run_id))
    assert len([one for one in asked if "lineage" in one]) < 10
    graph, line = drawn(page)
    assert len(line["lines"]) == 504
    assert len(graph["boxes"]) <= READABLE
    assert sum(box["count"] for box in graph["boxes"]) == 504
    page.toggle(key="lineage_every").set_value(True)
    assert len(drawn(run(page))[0]["boxes"]) == 504


def test_a_chain_is_cut_where_it_is_too_long(long_run: tuple[Engine, int]) -> None:
    engine, run_id = long_run
    with reader(engine) as session:
        own = own_steps(session, "run", run_id)
        found = trace(session, own, 100)
        assert found.cut
        assert len(found.steps) <= 200
        assert not trace(session, own).cut
        one = trace(session, own[10:11])
    # A signal's own chain: three times bars, events and indicators, its votes, itself and its chart.
    assert len(one.steps) == 12


def test_no_two_boxes_share_a_place_and_lines_lead_to_the_right() -> None:
    steps = tuple(brief(number) for number in range(30))
    edges = tuple((number // 3, number) for number in range(1, 30))
    drawing = draw(Trace(steps, edges))
    places = {(box.x, box.y) for box in drawing.boxes}
    assert len(places) == 30
    at = {box.id: box for box in drawing.boxes}
    assert all(at[a].x + WIDTH + GAP_X <= at[b].x for a, b in drawing.lines)
    for box in drawing.boxes:
        assert 0 <= box.x <= drawing.width - WIDTH
        assert 0 <= box.y <= drawing.height - HEIGHT
    by_column: dict[int, list[int]] = {}
    for box in drawing.boxes:
        by_column.setdefault(box.x, []).append(box.y)
    for ys in by_column.values():
        assert all(b - a >= HEIGHT + GAP_Y for a, b in pairwise(sorted(ys)))


def test_equal_siblings_share_a_box_but_not_failed_ones_nor_the_lit_one() -> None:
    kinds = ["bars"] + ["events"] * 60 + ["chart"] * 60
    steps = [brief(number, kind) for number, kind in enumerate(kinds)]
    steps[7] = brief(7, "events", status="failed")
    edges = tuple((0, number) for number in range(1, 61)) + tuple((number - 60, number) for number in range(61, 121))
    drawing = draw(Trace(tuple(steps), edges), {9})
    counts = {(box.kind, box.failed, len(box.steps)) for box in drawing.boxes}
    assert counts == {("bars", False, 1), ("events", True, 1), ("events", False, 1), ("events", False, 58),
                      ("chart", False, 58), ("chart", False, 1)}  # fmt: skip


def test_a_long_line_of_changes_is_bounded_too() -> None:
    steps = tuple(brief(number, "transition") for number in range(500))
    drawing = draw(Trace(steps, tuple((number, number + 1) for number in range(499))), {499})
    assert len(drawing.boxes) <= READABLE
    assert sum(len(box.steps) for box in drawing.boxes) == 500


def test_the_time_line_tells_pauses_and_keeps_the_scale_within_a_burst() -> None:
    lines = timeline([brief(3, seconds=9000), brief(1), brief(2, seconds=1, took=3)])
    assert [line.step.id for line in lines] == [1, 2, 3]
    assert [line.burst for line in lines] == [
        "2026-03-02 14:00:00 UTC",
        "",
        "2026-03-02 16:30:00 UTC, 2 h 29 min later",
    ]
    assert [(line.left, line.width) for line in lines[:2]] == [(0.0, 0.25), (0.25, 0.75)]
    assert [span(one) for one in (0, 59, 61, 3600, 90_061)] == ["0 s", "59 s", "1 min 1 s", "1 h", "1 d 1 h"]


def test_the_drawings_take_their_colours_from_the_theme() -> None:
    from dashboard.lineage.style import GRAPH, TIMELINE

    assert theme.STRUCTURE in GRAPH
    assert theme.STRUCTURE in TIMELINE


def test_links_lead_here(sqlite_desk: Engine) -> None:
    for page, name in (("accounts", "account"), ("strategies", "strategy")):
        seen = open_page(page, **{name: "1"})
        links = [element.proto for element in seen.get("page_link")]
        assert any(link.page == "lineage" and link.query_string == f"{name}=1" for link in links)
    assert 'href="lineage?run=' in text(seen)
