"""Bars of an earlier moment: whatever was stored since, a reader gets again what was there then."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func
from sqlmodel import Session, select

from core.bars import COLUMNS, Bars
from core.timeframe import MINUTE_MS, Calendar, Timeframe
from db.engine import reader, writer
from db.models import BarChange, BarVersion, Symbol
from db.store.bars.series import read_bars, store_bars
from db.store.bars.versions import newest_change, read_bars_at
from tests.factories import make_symbol

DAY = 1440 * MINUTE_MS
MONDAY = 1_704_672_000_000  # 2024-01-08
SEEN = (Timeframe.M15, Timeframe.H1, Timeframe.H4, Timeframe.D1, Timeframe.W1)


@dataclass(frozen=True)
class Snapshot:
    """What a reader saw: the version, and the bars of each timeframe."""

    version: int
    bars: dict[Timeframe, Bars]


def look(session: Session, symbol_id: int) -> Snapshot:
    return Snapshot(newest_change(session, symbol_id), {one: read_bars(session, symbol_id, one) for one in SEEN})


def same(one: Bars, other: Bars) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in COLUMNS)


def again(session: Session, symbol_id: int, before: Snapshot, count: int | None) -> None:
    for timeframe, bars in before.bars.items():
        until = bars.as_of if len(bars) else 0
        found = read_bars_at(session, symbol_id, timeframe, before.version, until, count)
        assert same(found, bars if count is None else bars[max(len(bars) - count, 0) :]), timeframe


def bars_of(timeframe: Timeframe, places: list[int], level: int) -> Bars:
    """Flat bars at these places of the timeframe's grid, with a price that tells who stored it."""
    time = MONDAY + np.array(places, dtype=np.int64) * timeframe.ms
    price = 100.0 + level + np.arange(len(places)) / 100
    return Bars(timeframe, time, price, price + 1, price - 1, price, np.full(len(places), 1.0 + level))


@st.composite
def stores(draw: st.DrawFn) -> list[Bars]:
    """Some bars after the others, in any order, with gaps, overlaps and corrections, of several timeframes."""
    made = []
    for _ in range(draw(st.integers(2, 6))):
        timeframe = draw(st.sampled_from([Timeframe.M15, Timeframe.M15, Timeframe.H1, Timeframe.D1]))
        first = draw(st.integers(0, 14 * DAY // timeframe.ms))
        length = draw(st.integers(1, max(3, DAY // timeframe.ms)))
        gaps = draw(st.sets(st.integers(1, length), max_size=3))
        places = [first + at for at in range(length) if at not in gaps]
        made.append(bars_of(timeframe, places, draw(st.integers(0, 1))))
    return made


@pytest.mark.parametrize("calendar", [Calendar.UTC, Calendar.FX])
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_bars=stores(), count=st.integers(1, 40))
def test_every_earlier_view_can_be_had_again(engine: Engine, calendar: Calendar, given_bars, count) -> None:
    with writer(engine) as session:
        name = f"S{session.exec(select(func.count()).select_from(Symbol)).one()}"
        symbol = make_symbol(session, name, calendar=calendar)
        seen = [look(session, symbol.id)]
        for bars in given_bars:
            store_bars(session, symbol, bars)
            seen.append(look(session, symbol.id))
        for before in seen:
            again(session, symbol.id, before, None)
            again(session, symbol.id, before, count)


def changes(session: Session) -> list[tuple[int, str, int]]:
    """(timeframe, kind, bars kept) of each change."""
    kept = select(func.count()).where(BarVersion.change_id == BarChange.id).scalar_subquery()
    return list(session.exec(select(BarChange.timeframe, BarChange.kind, kept).order_by(BarChange.id)))


def test_a_first_load_and_what_continues_it_leave_no_note(engine: Engine) -> None:
    with writer(engine) as session:
        symbol = make_symbol(session)
        store_bars(session, symbol, bars_of(Timeframe.M15, list(range(1000)), 0))
        store_bars(session, symbol, bars_of(Timeframe.M15, list(range(1000)), 0))
        store_bars(session, symbol, bars_of(Timeframe.M15, list(range(1000, 1500)), 0))
        assert changes(session) == []
        assert newest_change(session, symbol.id) == 0


def test_older_history_is_one_note_a_timeframe_however_long(engine: Engine) -> None:
    with writer(engine) as session:
        symbol = make_symbol(session)
        store_bars(session, symbol, bars_of(Timeframe.D1, list(range(700, 714)), 0))
        before = look(session, symbol.id)
        store_bars(session, symbol, bars_of(Timeframe.D1, list(range(700)), 0))
        assert changes(session) == [(1440, "late", 0), (10080, "late", 0)]
        again(session, symbol.id, before, None)


def test_a_correction_keeps_what_was_there_in_every_timeframe(engine: Engine) -> None:
    with writer(engine) as session:
        symbol = make_symbol(session)
        store_bars(session, symbol, bars_of(Timeframe.H1, list(range(7 * 24)), 0))
        before = look(session, symbol.id)
        spike = before.bars[Timeframe.H1][30:31]
        store_bars(session, symbol, replace(spike, high=spike.high + 50))
        assert changes(session) == [(60, "corrected", 1), (240, "corrected", 1), (1440, "corrected", 1),
                                    (10080, "corrected", 1)]  # fmt: skip
        again(session, symbol.id, before, None)
        again(session, symbol.id, look(session, symbol.id), None)


def test_a_reader_at_the_same_time_sees_bars_and_version_of_one_moment(engine: Engine) -> None:
    """A writer corrects between the two reads of a reader: the reader's snapshot does not move."""
    from db.engine import snapshot

    with writer(engine) as session:
        symbol = make_symbol(session)
        store_bars(session, symbol, bars_of(Timeframe.H1, list(range(48)), 0))
        symbol_id = symbol.id
    with snapshot(engine) as session:
        bars = read_bars(session, symbol_id, Timeframe.H1)
        with writer(engine) as other:
            store_bars(other, other.get_one(Symbol, symbol_id), replace(bars[5:6], low=bars.low[5:6] - 1))
        version = newest_change(session, symbol_id)
        assert same(read_bars(session, symbol_id, Timeframe.H1), bars)
    with reader(engine) as session:
        assert newest_change(session, symbol_id) > version == 0
        assert same(read_bars_at(session, symbol_id, Timeframe.H1, version, bars.as_of, None), bars)
