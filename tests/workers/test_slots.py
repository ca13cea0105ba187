"""Slots of a schedule, by hand and as properties."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ParameterError
from workers.slots import DAY_MS, LEAST, MOST, last_slots, next_slot

FIVE = 300_000


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000


def test_a_day_of_slots_oldest_first_and_none_in_the_future():
    slots = last_slots("*/5 * * * *", at("2024-03-01T00:07:30"))
    assert slots[-3:] == [at("2024-02-29T23:55"), at("2024-03-01T00:00"), at("2024-03-01T00:05")]
    assert slots[0] == at("2024-02-29T00:10")
    assert len(slots) == 288


def test_slot_is_due_from_its_first_millisecond():
    assert last_slots("*/5 * * * *", at("2024-03-01T00:05"))[-1] == at("2024-03-01T00:05")
    assert last_slots("*/5 * * * *", at("2024-03-01T00:05") - 1)[-1] == at("2024-03-01T00:00")


def test_rare_schedules_go_back_sixty_slots():
    days = last_slots("10 0 * * *", at("2024-03-01T00:09"))
    assert (len(days), days[-1], days[0]) == (LEAST, at("2024-02-29T00:10"), at("2024-01-01T00:10"))
    assert last_slots("10 0 * * 1", at("2024-03-01T12:00"))[-1] == at("2024-02-26T00:10")


def test_very_frequent_ones_stop_at_288():
    assert len(last_slots("* * * * *", at("2024-03-01T12:00"))) == MOST


def test_next_slot_includes_the_moment_itself():
    assert next_slot("10 0 * * *", at("2013-03-02T00:00")) == at("2013-03-02T00:10")
    assert next_slot("10 0 * * *", at("2013-03-02T00:10")) == at("2013-03-02T00:10")
    assert next_slot("10 0 * * *", at("2013-03-02T00:10") + 1) == at("2013-03-03T00:10")


@pytest.mark.parametrize("call", [last_slots, next_slot])
def test_no_cron_line_names_the_line(call):
    with pytest.raises(ParameterError, match="every minute"):
        call("every minute", 0)


@given(now=st.integers(0, 4_000_000_000_000), minutes=st.sampled_from([1, 5, 15, 30]))
def test_slots_are_regular_and_past(now: int, minutes: int):
    now += 400 * DAY_MS
    slots = last_slots(f"*/{minutes} * * * *", now)
    assert slots[-1] <= now < slots[-1] + minutes * 60_000
    assert {b - a for a, b in pairwise(slots)} == {minutes * 60_000}
    assert next_slot(f"*/{minutes} * * * *", slots[-1]) == slots[-1]
