"""The chart's payload: what the component needs and does not check."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.bars import Bars
from core.timeframe import Timeframe
from dashboard.charts.candles import ROOM, Axis
from dashboard.charts.overlays import Fill, Position, Target, payload

STEP = Timeframe.M5.ms
START = 1_700_000_100_000 // STEP * STEP
SECOND = START // 1000


def bars(count: int = 10) -> Bars:
    rows = [(START + i * STEP, 1.0 + i, 2.0 + i, 0.5 + i, 1.5 + i, 10.0) for i in range(count)]
    return Bars.from_rows(Timeframe.M5, rows)


def drawn(**fields: object) -> list[dict]:
    plain = {"tick_size": 0.01, "height": 400}
    return payload(bars(), **(plain | fields))[0]["series"]


def item(kind: str, **fields: object) -> dict:
    plain = {
        "kind": kind,
        "timeframe": "M5",
        "direction": 1,
        "start": START + 2 * STEP,
        "end": START + 4 * STEP,
        "price_low": 3.0,
        "price_high": 4.0,
        "level": 4.0,
        "known_at": START + 5 * STEP,
        "score": 0.5,
        "role": "structure",
    }
    return plain | fields


def test_everything_is_plain_json_in_rising_time() -> None:
    series = drawn(
        evidence=[item(kind) for kind in ("order_block", "choch", "liquidity_pool", "sweep", "swing_low")],
        fills=[Fill(START + 7 * STEP, 1, "trade 1"), Fill(START, -1, "closed")],
        position=Position(1, 3.0, 2.0, 6.0, [Target("3R", 6.0, 3.0)], START + 5 * STEP),
    )
    json.dumps(series, allow_nan=False)
    for one in series:
        times = [point["time"] for point in one["data"]]
        assert times == sorted(set(times))
        assert all(type(time) is int for time in times)
        marks = [marker["time"] for marker in one.get("markers", [])]
        assert marks == sorted(marks)


def test_candles_come_last_and_leave_room_on_the_right() -> None:
    candles = drawn()[-1]
    assert candles["type"] == "Candlestick"
    assert candles["data"][0] == {"time": SECOND, "open": 1.0, "high": 2.0, "low": 0.5, "close": 1.5}
    assert candles["data"][-ROOM:] == [{"time": SECOND + 300 * (10 + ahead)} for ahead in range(ROOM)]


def test_every_price_has_the_ticks_decimals() -> None:
    series = drawn(tick_size=0.00001, evidence=[item("order_block"), item("bos")])
    assert {one["options"]["priceFormat"].get("precision") for one in series if one["type"] != "Histogram"} == {5}


def test_a_zone_is_a_box_from_its_bar_to_the_moment_it_was_seen() -> None:
    zone = drawn(evidence=[item("order_block")], as_of=START + 8 * STEP)[0]
    assert zone["type"] == "Baseline"
    assert zone["data"] == [{"time": SECOND + 600, "value": 4.0}, {"time": SECOND + 2400, "value": 4.0}]
    assert zone["options"]["baseValue"]["price"] == 3.0


def test_a_break_is_its_level_from_the_swing_to_the_breaking_bar() -> None:
    segment = drawn(evidence=[item("choch")])[0]
    assert [point["time"] for point in segment["data"]] == [SECOND + 600, SECOND + 1200]
    assert segment["markers"][0]["text"] == "M5 CHoCH"


def test_the_position_tool_has_both_boxes_and_every_level() -> None:
    position = Position(-1, 5.0, 6.0, 2.0, [Target("2R", 3.0, 2.0), Target("3R", 2.0, 3.0)], START + 5 * STEP)
    series = drawn(position=position)
    boxes = [one for one in series if one["type"] == "Baseline"]
    assert [(one["data"][0]["value"], one["options"]["baseValue"]["price"]) for one in boxes] == [
        (6.0, 5.0),
        (5.0, 2.0),
    ]
    lines = {one["options"]["title"]: one["data"][0]["value"] for one in series if one["type"] == "Line"}
    assert lines == {"entry": 5.0, "stop": 6.0, "2R": 3.0, "3R": 2.0}


def test_times_outside_the_chart_are_held_inside() -> None:
    axis = Axis.of(bars())
    assert axis.snap(START - 10**9) == SECOND
    assert axis.snap(START + 10**12) == axis.times[-1]
    assert axis.snap(START + STEP + 1) == SECOND + 300
    left, right = axis.span(START + 10**12, START + 10**12)
    assert left < right


@pytest.mark.parametrize(
    "broken", [{"price_low": None}, {"price_high": float("nan")}, {"level": None}, {"start": None}]
)
def test_evidence_with_a_hole_never_blanks_the_chart(broken: dict) -> None:
    for kind in ("order_block", "choch", "swing_high", "something_new"):
        json.dumps(drawn(evidence=[item(kind, **broken)]), allow_nan=False)


def test_the_same_input_gives_the_same_bytes() -> None:
    first, second = (json.dumps(drawn(evidence=[item("order_block")])) for _ in range(2))
    assert first == second


def test_a_market_without_volume_has_no_volume_bars() -> None:
    silent = bars()
    flat = Bars(silent.timeframe, silent.time, silent.open, silent.high, silent.low, silent.close, np.zeros(10))
    assert [one["type"] for one in payload(flat, tick_size=0.01, height=300)[0]["series"]] == ["Candlestick"]
