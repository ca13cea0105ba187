"""The Patterns page over real rows on both data bases: choosing, drawing, judging, and what each kind was worth."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select
from streamlit.testing.v1 import AppTest

from core.patterns.detect import ALL, detect
from core.timeframe import Timeframe
from dashboard.patterns import chart as pattern_chart
from dashboard.patterns import drawing as pattern_drawing
from dashboard.patterns.events import events_in
from dashboard.patterns.table import MARKED
from db.engine import writer
from db.models import PatternReview, Symbol
from db.store.bars.series import store_bars
from db.store.revision import bump
from tests.dashboard.pages_under_test import charts, open_page, run, text
from tests.dashboard.world import walk
from tests.series import random_bars


def view(at: AppTest, name: str) -> AppTest:
    at.session_state["patterns_view"] = name
    return run(at)


def reviews(engine: Engine) -> list[PatternReview]:
    with Session(engine) as session:
        return list(session.exec(select(PatternReview).order_by(PatternReview.id)))


def drawn(at: AppTest) -> list[dict[str, Any]]:
    return charts(at)[0][0]["series"]


@pytest.mark.usefixtures("desk")
def test_the_address_chooses_symbol_and_timeframe() -> None:
    at = open_page("patterns", symbol="1", timeframe="M5")
    seen = text(at)
    assert '<h2>SIM-EURUSD<span class="badge simulated">SIMULATED</span></h2>' in seen
    assert ">M5<" in seen
    assert [series["type"] for series in drawn(at)][-2:] == ["Histogram", "Candlestick"]
    assert len(at.dataframe[0].value) > 10
    known = list(at.dataframe[0].value["known"])
    assert known == sorted(known, reverse=True)
    assert "SAMPLE</span></h2>" in text(open_page("patterns", symbol="2"))


@pytest.mark.parametrize("asked", ["99999", "0", "-1", "1 OR 1=1"])
def test_an_address_that_names_no_symbol(asked: str, sqlite_desk: Engine) -> None:
    seen = text(open_page("patterns", symbol=asked))
    assert ("There is no symbol 99999 with bars." in seen) == (asked == "99999")


@pytest.mark.parametrize("asked", ["M7", "", "<b>", "M1"])
def test_a_timeframe_that_is_not_stored_gives_one_that_is(asked: str, sqlite_desk: Engine) -> None:
    assert ">D1<" in text(open_page("patterns", symbol="2", timeframe=asked))


def test_families_and_filters_narrow_what_is_shown(sqlite_desk: Engine) -> None:
    at = open_page("patterns", symbol="1", timeframe="M5")
    at.session_state["patterns_families"] = ["candlesticks"]
    run(at)
    assert {series["type"] for series in drawn(at)} == {"Histogram", "Candlestick"}
    assert drawn(at)[-1]["markers"]
    at.session_state["patterns_families"] = ["smart_money"]
    run(at)
    at.multiselect(key="patterns_kinds").select("fair_value_gap")
    run(at)
    assert set(at.dataframe[0].value["title"]) == {"Fair value gap"}
    at.multiselect(key="patterns_statuses").select("filled")
    run(at)
    assert set(at.dataframe[0].value["status"]) == {"filled"}
    at.session_state["patterns_families"] = []
    assert "No pattern family is switched on." in text(run(at))


def test_a_clicked_row_is_marked_on_the_chart(sqlite_desk: Engine) -> None:
    at = open_page("patterns", symbol="1", timeframe="M5")
    names = at.dataframe[0].value["title"]
    plain = len(drawn(at))
    bars = random_bars(1, 50)
    assert events_in(detect(bars, families=ALL), bars)["token"].is_unique
    at.session_state[MARKED] = at.session_state["review_current"] = _first_token(at)
    run(at)
    assert len(drawn(at)) >= plain
    assert [one["options"]["title"] for one in drawn(at) if one["options"].get("title")] == ["level"]
    assert names.iloc[0] in [marker.get("text") for marker in drawn(at)[-1]["markers"]]


def test_judging_goes_on_by_itself_and_back(desk: dict[str, int], empty_desk: Engine) -> None:
    at = view(open_page("patterns", symbol="1", timeframe="M5"), "Review")
    assert "0 of " in text(at)
    first = at.session_state["review_current"]
    run(at, at.button(key="review_valid").click())
    second = at.session_state["review_current"]
    assert second != first
    run(at, at.button(key="review_invalid").click())
    run(at, at.button(key="review_skip").click())
    fourth = at.session_state["review_current"]
    label = next(one for one in ("premium", "discount") if not fourth.startswith(one))
    run(at, at.selectbox(key=f"review_label_{fourth}").select(label))
    said = [(row.kind, row.verdict, row.label) for row in reviews(empty_desk)]
    assert said == [
        (first.split(":")[0], "valid", None),
        (second.split(":")[0], "invalid", None),
        (fourth.split(":")[0], "relabelled", label),
    ]
    seen = text(at)
    assert "3 of " in seen
    assert "1 skipped" in seen
    for _ in range(4):
        run(at, at.button(key="review_undo").click())
    assert reviews(empty_desk) == []
    assert at.session_state["review_current"] == first
    assert at.button(key="review_undo").disabled


def test_newer_events_do_not_push_the_one_in_front_away(sqlite_desk: Engine) -> None:
    at = view(open_page("patterns", symbol="1", timeframe="M5"), "Review")
    before, progress = at.session_state["review_current"], _progress(at)
    with writer(sqlite_desk) as session:
        later = (int(datetime.now(UTC).timestamp()) + 6 * 3600) * 1000
        store_bars(session, session.get_one(Symbol, 1), walk(Timeframe.M1, 350, later, 1.09, 0.00012, 9))
        bump(session)
    run(at)
    assert at.session_state["review_current"] == before
    assert _progress(at) != progress


def test_a_finished_queue_says_so(sqlite_desk: Engine) -> None:
    at = view(open_page("patterns", symbol="2", timeframe="D1"), "Review")
    at.session_state["patterns_kinds"] = ["sweep"]
    run(at)
    while "review_skip" in {button.key for button in at.button}:
        run(at, at.button(key="review_skip").click())
    assert "Nothing is left in this queue." in text(at)
    run(at, at.button(key="review_again").click())
    assert "review_skip" in {button.key for button in at.button}


@pytest.mark.usefixtures("desk")
def test_the_record_states_its_rule_and_its_cases() -> None:
    at = view(open_page("patterns", symbol="1", timeframe="M1"), "Record")
    seen = text(at)
    assert "Over the last 4,000 bars. Rule: enter at the close" in seen
    assert "Fair value gap</td>" in seen
    assert " R</span> <small>(" in seen
    pool = seen[seen.index("Liquidity pool</td>") :]
    assert pool[: pool.index("</tr>")].count(">-</td>") == 6


def test_few_bars_are_no_error(sqlite_desk: Engine) -> None:
    for name in ("Events", "Review", "Record"):
        at = open_page("patterns", symbol="1", timeframe="D1")
        at.session_state["patterns_families"] = ["levels"]
        view(at, name)
        assert "No event" in text(at)


def test_the_chart_carries_no_more_than_it_can() -> None:
    bars = random_bars(4, 1500)
    shown = bars[-300:]
    events = events_in(detect(bars, families=ALL), shown)
    chosen = pattern_drawing.selection(events, shown)
    series = pattern_drawing.payload(shown, chosen, tick_size=0.01, height=400)[0]["series"]
    assert len(events) > 500
    assert len(series) <= pattern_drawing.OVERLAYS + 2
    times = {row["time"] for row in series[-1]["data"]}
    assert all(row["time"] in times for one in series for row in one["data"])
    assert (events["known_at"] >= shown.close_time[0]).all()


def test_a_close_up_ends_with_the_bar_that_made_it_known() -> None:
    bars = random_bars(4, 600)
    for event in events_in(detect(bars, families=ALL), bars[-300:]).head(80).to_dict("records"):
        seen = pattern_chart.around(bars, event, later=False)
        assert seen.as_of == event["known_at"]
        assert pattern_chart.around(bars, event, later=True).as_of >= seen.as_of


def _progress(at: AppTest) -> str:
    found = re.search(r"<b>(\d+ of \d+)</b> judged", text(at))
    assert found
    return found[1]


def _first_token(at: AppTest) -> str:
    """The token of the newest event: what the review view puts in front first."""
    view(at, "Review")
    token: str = at.session_state["review_current"]
    view(at, "Events")
    return token
