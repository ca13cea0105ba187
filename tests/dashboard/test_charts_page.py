"""The Charts page over real rows: address, types, several timeframes, and what could be known at a moment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, delete, update
from sqlmodel import Session, col, select
from streamlit.testing.v1 import AppTest

from core.charts.series import CHART_TYPES
from core.timeframe import Timeframe
from dashboard.charts.address import SHOWN
from db.engine import writer
from db.models import Bar, Signal, SignalOutcome, SignalVote, Symbol, Trade
from db.store.revision import bump
from tests.dashboard.pages_under_test import charts, open_page, run, text
from tests.factories import make_symbol

EVERYTHING = " ".join(SHOWN)


def main(at: AppTest, place: int = 0) -> list[dict[str, Any]]:
    """The candles (or the line through them) of one chart, without the empty room on the right."""
    series = charts(at)[place][0]["series"]
    found = next(one for one in series if one["data"][-1].keys() == {"time"})
    return [point for point in found["data"] if len(point) > 1]


def minutes_ago(count: int) -> int:
    return (int(datetime.now(UTC).timestamp()) // 60 - count) * 60_000


def spelled(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment / 1000, UTC):%Y-%m-%dT%H:%M}"


@pytest.mark.usefixtures("desk")
def test_the_address_chooses_and_is_kept() -> None:
    at = open_page("charts", symbol="1", timeframe="5", type="renko")
    assert "SIMULATED</span></h2>" in text(at)
    assert " bricks of " in text(at)
    assert at.query_params["timeframe"] == "M5"
    assert at.query_params["type"] == "renko"
    again = open_page("charts", **at.query_params)
    assert charts(again) == charts(at)


def test_every_type_draws_and_keeps_the_span(sqlite_desk: Engine) -> None:
    ends = set()
    for chart_type in CHART_TYPES:
        at = open_page("charts", symbol="1", timeframe="M5", type=chart_type, show=EVERYTHING)
        points = main(at)
        assert len(points) > 3
        ends.add(points[-1]["time"] // 86_400)
    assert len(ends) <= 2


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"symbol": "999"}, "There is no symbol 999."),
        ({"symbol": "1", "timeframe": "x"}, "&#x27;x&#x27; is no timeframe: use one of M1,"),
        ({"signal": "999"}, "There is no signal 999: the address names one that does not exist."),
        ({"trade": "999"}, "There is no trade 999"),
        ({"signal": "99999", "trade": "88888"}, "There is no signal 99999"),
        ({"signal": "99999", "trade": "88888"}, "There is no trade 88888"),
        ({"symbol": "2", "timeframe": "M1"}, "M1 is not available."),
        ({"symbol": "2"}, "M1, M5, M15, M30, H1, H4: finer than D1, the finest bars stored of AAPL."),
        ({"symbol": "1", "timeframe": "H4", "indicators": "EMA~200"}, "EMA 200 needs 200 bars, H4 has "),
        (
            {"symbol": "1", "timeframe": "H1", "type": "renko", "size": "1e-9"},
            "Bricks of 1e-09 would be more than 2,000,000",
        ),
        ({"symbol": "1", "timeframe": "H1", "type": "renko", "size": "5"}, "No brick of 5 within this span."),
        ({"symbol": "1", "timeframe": "H1", "as_of": "1990-01-01"}, "was complete at 1990-01-01 00:00 UTC."),
        ({"symbol": "1", "indicators": "<script>"}, "There is no indicator &#x27;&lt;script&gt;&#x27;"),
    ],
)
def test_what_cannot_be_shown_is_one_clear_sentence(query: dict[str, str], sentence: str, sqlite_desk: Engine) -> None:
    seen = text(open_page("charts", **query))
    assert seen.count(sentence) == 1


def test_an_empty_desk_and_a_symbol_without_bars(empty_desk: Engine) -> None:
    assert "No symbols yet, so no charts." in text(open_page("charts"))
    with writer(empty_desk) as session:
        make_symbol(session, "NEW", source="yahoo")
        bump(session)
    seen = text(open_page("charts", symbol="1"))
    assert "NEW has no bars yet." in seen


def test_four_timeframes_show_the_same_span(sqlite_desk: Engine) -> None:
    at = open_page("charts", symbol="1", timeframe="M15 H1 M30 M5", bars="100", as_of=spelled(minutes_ago(600)))
    since, until = main(at)[0]["time"], minutes_ago(600) // 1000
    for place, timeframe in enumerate((Timeframe.M15, Timeframe.H1, Timeframe.M30, Timeframe.M5)):
        points, step = main(at, place), timeframe.ms // 1000
        assert since - step < points[0]["time"] <= since + step
        assert until - 2 * step < points[-1]["time"] + step <= until
    run(at, at.selectbox(key="charts_sync").set_value("bars"))
    assert [len(main(at, place)) for place in (0, 2, 3)] == [100, 100, 100]


def test_as_of_a_moment_is_what_the_desk_showed_then(desk: dict[str, int], empty_desk: Engine) -> None:
    """Against the desk of that moment itself: the same rows with everything later taken away."""
    now = minutes_ago(0)
    then = now - 125 * 60_000
    with writer(empty_desk) as session:
        for number, signal in enumerate(session.exec(select(Signal).where(col(Signal.symbol_id) == 1))):
            signal.as_of = now - (60 + 30 * number) * 60_000
        for number, trade in enumerate(session.exec(select(Trade).order_by(col(Trade.id)))):
            trade.opened_at = datetime.fromtimestamp((now - (180 - 60 * number) * 60_000) / 1000, UTC)
            trade.closed_at = datetime.fromtimestamp((now - (30 - 5 * number) * 60_000) / 1000, UTC)
        bump(session)
    query = {"symbol": "1", "timeframe": "M5 M1 M15 H1", "show": EVERYTHING, "bars": "200"}
    past = open_page("charts", as_of=spelled(then), **query)
    live = open_page("charts", **query)
    _forget_after(empty_desk, then)
    gone = open_page("charts", **query)
    assert charts(past) == charts(gone)
    assert charts(past) != charts(live)
    assert f"As of {spelled(then).replace('T', ' ')} UTC" in text(past)
    assert "As of " not in text(gone)
    assert "trade 1" in str(charts(past))
    assert "closed" not in str(charts(past))
    assert "closed" in str(charts(live))


def test_steps_go_bar_by_bar_and_back_to_now(sqlite_desk: Engine) -> None:
    at = open_page("charts", symbol="1", timeframe="M15", bars="100")
    last = main(at)[-1]["time"]
    assert at.button(key="charts_forward").disabled
    for _ in range(3):
        run(at, at.button(key="charts_back").click())
    assert main(at)[-1]["time"] == last - 3 * 900 or main(at)[-1]["time"] == last - 2 * 900
    before = main(at)[-1]["time"]
    run(at, at.button(key="charts_forward").click())
    assert main(at)[-1]["time"] == before + 900
    run(at, at.button(key="charts_far_back").click())
    assert main(at)[-1]["time"] == before + 900 - 50 * 900
    run(at, at.button(key="charts_now").click())
    assert main(at)[-1]["time"] == last
    assert "as_of" not in at.query_params


def test_a_signal_and_a_trade_are_shown_where_they_belong(desk: dict[str, int], empty_desk: Engine) -> None:
    titles = _titles(open_page("charts", signal=str(desk["new"])))
    assert {"entry", "stop", "liquidity", "2R", "3R"} <= titles
    trade = desk["closed_trade"]
    with writer(empty_desk) as session:
        session.execute(
            update(Trade)
            .where(col(Trade.id) == trade)
            .values(
                opened_at=datetime.fromtimestamp(minutes_ago(3000) / 1000, UTC),
                closed_at=datetime.fromtimestamp(minutes_ago(2900) / 1000, UTC),
            )
        )
        bump(session)
    at = open_page("charts", trade=str(trade))
    assert {"entry", "stop"} <= _titles(at)
    assert at.query_params["as_of"] == spelled(minutes_ago(2900 - 20 * 5))
    assert "closed" in str(charts(at))
    assert f"Trade {trade} in the journal" in text(at)
    run(at, at.button(key="charts_now").click())
    assert "trade" not in at.query_params


def test_a_trade_without_a_stop_or_a_target_is_drawn_with_its_entry(desk: dict[str, int], empty_desk: Engine) -> None:
    trade = desk["closed_trade"]
    with writer(empty_desk) as session:
        row = session.get_one(Trade, trade)
        row.first_stop = row.stop = row.target = None
        signal = row.signal_id
        bump(session)
    titles = _titles(open_page("charts", trade=str(trade)))
    assert "entry" in titles
    assert "stop" not in titles
    titles = _titles(open_page("signals", signal=str(signal)))
    assert "entry" in titles
    assert "stop" not in titles


def test_a_picture_changes_with_its_bars_only(sqlite_desk: Engine) -> None:
    at = open_page("charts", symbol="2", show=EVERYTHING)
    before = at.get("component_instance")[0].proto.json_args
    with writer(sqlite_desk) as session:
        session.get_one(Symbol, 1).description = "changed"
        bump(session)
    run(at)
    assert at.get("component_instance")[0].proto.json_args == before


def test_a_page_carries_no_more_than_it_can(sqlite_desk: Engine) -> None:
    at = open_page("charts", symbol="1", timeframe="M1 M5 M15 M30", bars="5000", show=EVERYTHING, indicators="none")
    found = [series for chart in charts(at) for series in chart[0]["series"]]
    assert len(found) <= 100 + 2 * 4
    assert "5 of 6 signals and trades, the newest." in text(at)
    assert "the newest and strongest of those in the picture." in text(at)


def test_what_was_chosen_outlives_a_look_at_another_page(sqlite_desk: Engine) -> None:
    at = open_page("charts", symbol="1", timeframe="M5", type="line")
    at.pills(key="charts_shown").set_value(["volume", "levels"])
    run(at)
    at.switch_page("../pages/home.py")
    run(at)
    at.switch_page("../pages/charts.py")
    run(at)
    assert at.query_params["show"] == "volume levels"
    assert at.query_params["type"] == "line"


def test_other_pages_lead_here(desk: dict[str, int]) -> None:
    assert "This signal on the charts" in text(open_page("signals", signal=str(desk["new"])))
    assert "On the charts" in text(open_page("patterns", symbol="1"))
    journal = open_page("journal")
    assert "Chart" in text(journal).splitlines()
    closed = next(table.value for table in journal.dataframe if "chart" in table.value)
    assert f"charts?trade={desk['closed_trade']}" in set(closed["chart"])


def _titles(at: AppTest) -> set[str]:
    return {series["options"].get("title") for series in charts(at)[0][0]["series"]}


def _forget_after(engine: Engine, moment: int) -> None:
    """Take away every row that came after `moment`, as if the desk had been stopped then."""
    by = datetime.fromtimestamp(moment / 1000, UTC)
    with writer(engine) as session:
        for one in Timeframe:
            session.execute(delete(Bar).where(col(Bar.timeframe) == int(one), col(Bar.time) > moment - one.ms))
        _drop_signals(session, moment)
        session.execute(update(Trade).where(col(Trade.closed_at) > by).values(closed_at=None))
        # Rows of other tables point to them: they are trades of another symbol now.
        session.execute(update(Trade).where(col(Trade.opened_at) > by).values(symbol_id=2))
        bump(session)


def _drop_signals(session: Session, moment: int) -> None:
    late = select(Signal.id).where(col(Signal.as_of) > moment)
    for table in (SignalVote, SignalOutcome):
        session.execute(delete(table).where(col(table.signal_id).in_(late)))  # type: ignore[attr-defined]
    kept = select(Trade.signal_id).where(col(Trade.signal_id).is_not(None))
    session.execute(delete(Signal).where(col(Signal.as_of) > moment, col(Signal.id).not_in(kept)))
