"""What a chart draws: elements with times of their own, nothing from later, a payload the component takes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from core.bars import Bars
from core.charts.series import CHART_TYPES
from core.patterns.detect import ALL, detect
from core.timeframe import Timeframe
from dashboard.charts import indicators as chart_indicators
from dashboard.charts.elements import elements
from dashboard.charts.panes import Shown, at_sources, lines_of
from dashboard.charts.payload import Picture, payload
from dashboard.charts.positions import MOST, in_front, to_draw, without_taken
from dashboard.patterns.drawing import selection
from dashboard.patterns.events import events_in
from db.views.charts import PlanLine
from tests.series import random_bars

BARS = random_bars(7, 700)
SINCE = int(BARS.time[400])
BRICK = float(np.ptp(BARS.close)) / 60


def leaping() -> Bars:
    """M1 bars of which the second falls by 70 bricks."""
    rows = [(0, 200, 200.5, 199.5, 200, 1), (60_000, 200, 200, 130, 130, 1), (120_000, 130, 132, 130, 132, 1)]
    return Bars.from_rows(Timeframe.M1, rows)


def plan(number: int, **fields: Any) -> PlanLine:
    start = int(BARS.time[500 + number])
    price = float(BARS.close[-1])
    plain = {"kind": "signal", "id": number, "timeframe": 15, "direction": 1, "entry": price, "stop": price * 0.99}
    plain |= {"target": price * 1.03, "targets": (), "start": start, "end": None}
    return PlanLine(**plain | fields)


def picture(chart_type: str, **fields: Any) -> Picture:
    drawn = elements(BARS, SINCE, chart_type, size=None, reversal=None, tick=0.01)
    shown = []
    for spelled in ("EMA~20", "BBANDS", "RSI", "MACD", "OBV"):
        one = chart_indicators.read_chosen(spelled)
        columns = at_sources(chart_indicators.columns(BARS, one), drawn.source)
        shown.append(Shown(one.name, one.label, columns, bool(chart_indicators.price_outputs(one.name))))
    events = selection(events_in(detect(BARS, families=ALL), BARS[400:]), drawn.bars, 60)
    plans = [plan(number) for number in range(3)]
    whole = {"shown": shown, "lines": lines_of(shown), "events": events, "plans": plans, "front": plans[0]}
    return Picture(drawn, chart_type, 0.01, 400, 90, BARS.as_of + 10 * BARS.timeframe.ms, **whole | fields)


@pytest.mark.parametrize("chart_type", CHART_TYPES)
def test_a_payload_is_plain_json_in_rising_time(chart_type: str) -> None:
    chart = payload(picture(chart_type))
    assert json.dumps(chart, allow_nan=False) == json.dumps(payload(picture(chart_type)))
    main = next(one for one in chart[0]["series"] if one["data"][-1].keys() == {"time"})
    axis = [point["time"] for point in main["data"]]
    for one in chart[0]["series"]:
        times = [point["time"] for point in one["data"]]
        assert times == sorted(set(times))
        assert set(times) <= set(axis)
        assert all(type(time) is int for time in times)
        assert [marker["time"] for marker in one.get("markers", [])] == sorted(
            marker["time"] for marker in one.get("markers", [])
        )


def test_panes_share_the_height_and_none_lies_over_the_price() -> None:
    chart = payload(picture("candlestick"))[0]
    foot = 400 / (400 + 3 * 90)
    price = chart["chart"]["rightPriceScale"]["scaleMargins"]
    assert chart["chart"]["height"] == 400 + 3 * 90
    assert 1 - price["bottom"] <= foot
    grounds = [one for one in chart["series"] if str(one["options"].get("priceScaleId")).startswith("ground")]
    spans = sorted({(one["priceScale"]["scaleMargins"]["top"], one["options"]["priceScaleId"]) for one in grounds})
    assert len(spans) == 3
    assert spans[0][0] >= foot
    for one in chart["series"]:
        margins = one.get("priceScale", {}).get("scaleMargins")
        assert margins is None or (min(margins.values()) >= 0 and sum(margins.values()) < 1)


@pytest.mark.parametrize("chart_type", ["candlestick", "line", "heikin_ashi", "renko"])
def test_elements_of_a_moment_are_the_first_ones_of_later(chart_type: str) -> None:
    whole = elements(BARS, SINCE, chart_type, size=BRICK, reversal=None, tick=0.01)
    for until in (450, 555, 690):
        then = elements(BARS[:until], SINCE, chart_type, size=BRICK, reversal=None, tick=0.01)
        count = len(then.bars)
        assert 0 < count == int((whole.source < until).sum())
        assert then.bars.time.tolist() == whole.bars.time[:count].tolist()
        assert then.bars.close.tolist() == whole.bars.close[:count].tolist()


def test_bricks_of_one_bar_stand_a_second_apart_under_its_own_minute() -> None:
    drawn = elements(leaping(), 0, "renko", size=1.0, reversal=None, tick=0.01)
    seconds = (drawn.bars.time // 1000).tolist()
    assert len(seconds) == 71
    assert seconds[:70] == list(range(60, 130))
    # The next bar's brick cannot stand at 120: that second is taken by the leap before it.
    assert seconds[70] == 130
    assert drawn.source.tolist() == [1] * 70 + [2]


def test_the_proposed_size_looks_at_nothing_to_come_and_stays_while_bars_come_in() -> None:
    sizes = {elements(BARS[:until], SINCE, "renko", size=None, reversal=None, tick=0.01).size for until in (420, 700)}
    assert len(sizes) == 1
    assert str(sizes.pop()).strip("0.")[0] in "125"


def test_an_indicator_on_bricks_has_the_value_known_when_the_brick_was_made() -> None:
    drawn = elements(BARS, SINCE, "renko", size=BRICK, reversal=None, tick=0.01)
    one = chart_indicators.read_chosen("EMA~20")
    values = at_sources(chart_indicators.columns(BARS, one), drawn.source)["real"]
    place = len(values) // 2
    until = int(drawn.source[place]) + 1
    then = chart_indicators.columns(BARS[:until], one)["real"][-1]
    assert np.isclose(values[place], then, rtol=1e-12)


def test_a_taken_signal_shows_as_its_trade_and_the_one_in_focus_is_always_there() -> None:
    plans = [plan(number) for number in range(8)] + [plan(20, kind="trade", id=1, signal_id=7)]
    left = without_taken(plans, None)
    assert [one.id for one in left if one.kind == "signal"] == list(range(7))
    drawn = to_draw(left, ("signal", 0))
    assert (drawn[0].kind, drawn[0].id) == ("signal", 0)
    assert len(drawn) == MOST
    assert in_front(drawn, ("signal", 0), 0) == drawn[0]
    assert in_front(drawn, None, 0) == drawn[0]
    assert in_front([plan(1, end=5)], None, 5) is None


@pytest.mark.parametrize("chart_type", CHART_TYPES)
def test_the_edge_of_a_brick_is_not_shown_as_the_last_price(chart_type: str) -> None:
    main = next(one for one in payload(picture(chart_type))[0]["series"] if one["data"][-1].keys() == {"time"})
    assert main["options"].get("lastValueVisible", True) is (chart_type not in {"renko", "point_figure"})
