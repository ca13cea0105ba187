"""Stored bars: exact counts, quick reads, higher timeframes that follow from the finest."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from core.bars import Bars
from core.resample import resample
from core.timeframe import MINUTE_MS, Calendar, Timeframe
from db.engine import reader, writer
from db.models import Bar, Symbol
from db.store.bars import rows as bar_rows
from db.store.bars.series import UpsertCount, last_close, read_bars, store_bars, upsert_bars
from tests.factories import make_symbol

MONDAY = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp()) * 1000
DAY = 1440 * MINUTE_MS


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000


def walk(count: int, start: int = MONDAY, timeframe: Timeframe = Timeframe.M1, seed: int = 1) -> Bars:
    generator = np.random.default_rng(seed)
    close = 100 + np.cumsum(generator.normal(0, 0.1, count))
    opened = np.concatenate([[100.0], close[:-1]])
    spread = generator.random((2, count))
    high, low = np.maximum(opened, close) + spread[0], np.minimum(opened, close) - spread[1]
    time = start + np.arange(count, dtype=np.int64) * timeframe.ms
    return Bars(timeframe, time, opened, high, low, close, generator.integers(1, 100, count).astype(float))


def same(left: Bars, right: Bars) -> bool:
    return left.timeframe == right.timeframe and left.frame().equals(right.frame())


@pytest.mark.parametrize("copy_from", [1, 10_000])
def test_upsert_counts_exactly(engine: Engine, copy_from: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bar_rows, "COPY_FROM", copy_from)
    bars = walk(100)
    with writer(engine) as session:
        symbol = make_symbol(session).id
        assert upsert_bars(session, symbol, bars[:60]) == UpsertCount(inserted=60)
        assert upsert_bars(session, symbol, bars[:60]) == UpsertCount(unchanged=60)
        changed = replace(bars, close=np.where(np.arange(100) % 10 == 0, bars.open, bars.close))
        assert upsert_bars(session, symbol, changed[50:]) == UpsertCount(inserted=40, unchanged=9, updated=1)
        stored = read_bars(session, symbol, Timeframe.M1)
    assert same(stored[50:], changed[50:])
    assert same(stored[:50], bars[:50])


@pytest.mark.parametrize("copy_from", [1, 10_000])
def test_adjusted_close_is_kept_when_none_is_given(
    engine: Engine, copy_from: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bar_rows, "COPY_FROM", copy_from)
    bars = walk(3, timeframe=Timeframe.D1)
    adjusted = np.array([50.0, np.nan, 52.0])
    with writer(engine) as session:
        symbol = make_symbol(session).id
        assert upsert_bars(session, symbol, bars, adjusted) == UpsertCount(inserted=3)
        assert upsert_bars(session, symbol, bars, adjusted) == UpsertCount(unchanged=3)
        assert upsert_bars(session, symbol, bars) == UpsertCount(unchanged=3)
        louder = replace(bars, volume=bars.volume + 1)
        assert upsert_bars(session, symbol, louder) == UpsertCount(updated=3)
        assert _adjusted(session) == [50.0, None, 52.0]
        assert upsert_bars(session, symbol, louder, adjusted / 2) == UpsertCount(unchanged=1, updated=2)
        assert _adjusted(session) == [25.0, None, 26.0]


def _adjusted(session: Session) -> list[float | None]:
    session.expire_all()
    return list(session.exec(select(Bar.adj_close).order_by(col(Bar.time))))


def test_bars_are_read_by_start_until_and_count(engine: Engine) -> None:
    bars = walk(50)
    with writer(engine) as session:
        symbol = make_symbol(session).id
        upsert_bars(session, symbol, bars)
    with reader(engine) as session:
        closed_by = int(bars.time[30])
        assert same(read_bars(session, symbol, Timeframe.M1, until=closed_by), bars[:30])
        assert same(read_bars(session, symbol, Timeframe.M1, until=closed_by - 1), bars[:29])
        assert same(read_bars(session, symbol, Timeframe.M1, until=closed_by, count=5), bars[25:30])
        assert same(read_bars(session, symbol, Timeframe.M1, start=int(bars.time[45])), bars[45:])
        assert same(read_bars(session, symbol, Timeframe.M1, start=int(bars.time[45]), count=9), bars[45:])
        assert len(read_bars(session, symbol, Timeframe.M5)) == 0
        assert last_close(session, symbol, Timeframe.M1) == bars.as_of
        assert last_close(session, symbol, Timeframe.M5) is None


@pytest.mark.parametrize("calendar", list(Calendar))
def test_higher_timeframes_are_the_resampled_finest(sqlite_engine: Engine, calendar: Calendar) -> None:
    bars = walk(15 * 1440)
    # New York in January: Sunday 19:00 to Friday 19:00, or 04:00 to 20:00 where the market keeps hours.
    local = bars.time - 5 * 60 * MINUTE_MS
    trading = (bars.time // DAY + 3) % 7 < 5
    if calendar is Calendar.US_STOCKS:
        hour = local % DAY // (60 * MINUTE_MS)
        trading = ((local // DAY + 3) % 7 < 5) & (hour >= 4) & (hour < 20)
    bars = Bars.from_frame(Timeframe.M1, bars.frame()[trading])
    with writer(sqlite_engine) as session:
        symbol = make_symbol(session, calendar=calendar)
        assert store_bars(session, symbol, bars) == UpsertCount(inserted=len(bars))
        assert symbol.base_timeframe == 1
        for timeframe in Timeframe:
            stored = read_bars(session, symbol.id, timeframe)
            assert len(stored) > 0
            assert same(stored, resample(bars, timeframe, calendar, bars.as_of)), timeframe


@pytest.mark.parametrize("calendar", list(Calendar))
def test_storing_piece_by_piece_gives_the_same_as_at_once(sqlite_engine: Engine, calendar: Calendar) -> None:
    bars = walk(2000, timeframe=Timeframe.H1, start=ms("2024-02-05"))  # the clocks go forward on 10 March
    cuts = [0, 1, 2, 7, 100, 101, 163, 164, 165, 166, 300, 301, 1000, 1500, 2000]
    with writer(sqlite_engine) as session:
        whole, pieces, shuffled = (make_symbol(session, name, calendar=calendar) for name in "ABC")
        store_bars(session, whole, bars)
        for low, high in pairwise(cuts):
            store_bars(session, pieces, bars[low:high])
        for low, high in [(1000, 1500), (300, 301), (0, 300), (1500, 2000), (301, 1000), (200, 250)]:
            store_bars(session, shuffled, bars[low:high])
        for timeframe in (Timeframe.H1, Timeframe.H4, Timeframe.D1, Timeframe.W1):
            expected = read_bars(session, whole.id, timeframe)
            assert same(read_bars(session, pieces.id, timeframe), expected), timeframe
            assert same(read_bars(session, shuffled.id, timeframe), expected), timeframe


def test_a_corrected_bar_changes_every_bar_above_it(engine: Engine) -> None:
    bars = walk(3 * 1440)
    with writer(engine) as session:
        symbol = make_symbol(session)
        store_bars(session, symbol, bars)
        spike = bars[700:701]
        spike = replace(spike, high=spike.high + 500)
        assert store_bars(session, symbol, spike) == UpsertCount(updated=1)
        for timeframe in (Timeframe.M5, Timeframe.H1, Timeframe.D1):
            stored = read_bars(session, symbol.id, timeframe)
            assert (stored.high > 500).sum() == 1
            assert stored.high.max() == spike.high[0]


def test_a_week_appears_when_the_caller_knows_that_it_is_over(engine: Engine) -> None:
    days = walk(5, timeframe=Timeframe.D1)
    with writer(engine) as session:
        symbol = make_symbol(session)
        store_bars(session, symbol, days)
        assert len(read_bars(session, symbol.id, Timeframe.W1)) == 0
        store_bars(session, symbol, days, until=MONDAY + 7 * DAY)
        assert len(read_bars(session, symbol.id, Timeframe.W1)) == 1


def test_the_finest_timeframe_wins(engine: Engine) -> None:
    minutes = walk(3 * 1440, start=MONDAY + 2 * DAY)
    days = walk(10, timeframe=Timeframe.D1, seed=2)
    with writer(engine) as session:
        symbol = make_symbol(session, calendar="us_stocks")
        assert store_bars(session, symbol, days) == UpsertCount(inserted=10)
        assert store_bars(session, symbol, minutes) == UpsertCount(inserted=len(minutes))
        assert symbol.base_timeframe == 1
        stored = read_bars(session, symbol.id, Timeframe.D1)
        made = resample(minutes, Timeframe.D1, Calendar.US_STOCKS, minutes.as_of)
        # Tuesday evening to Friday morning New York: the bars of those dates replace the days stamped at midnight.
        assert set(made.time) <= set(stored.time)
        assert len(stored) == 10
        again = store_bars(session, symbol, days)
        assert again == UpsertCount(unchanged=10)
        assert same(read_bars(session, symbol.id, Timeframe.D1), stored)


def test_days_stamped_at_midnight_make_the_week_of_their_own_dates(engine: Engine) -> None:
    days = walk(12, timeframe=Timeframe.D1)
    days = Bars.from_frame(Timeframe.D1, days.frame()[(days.time // DAY + 3) % 7 < 5])
    for calendar in Calendar:
        with writer(engine) as session:
            symbol = make_symbol(session, f"D-{calendar}", calendar=calendar)
            store_bars(session, symbol, days, until=MONDAY + 15 * DAY)
            weeks = read_bars(session, symbol.id, Timeframe.W1)
        assert weeks.open.tolist() == [days.open[0], days.open[5]]
        assert weeks.close.tolist() == [days.close[4], days.close[9]]
        assert weeks.volume.tolist() == [days.volume[:5].sum(), days.volume[5:].sum()]


def test_writers_of_one_symbol_take_turns(engine: Engine) -> None:
    """Eight writers hand over the same bars at once: each bar is inserted by exactly one of them."""
    bars = walk(500)
    with writer(engine) as session:
        symbol_id = make_symbol(session).id

    def store(_: int) -> UpsertCount:
        with writer(engine) as session:
            symbol = session.get(Symbol, symbol_id)
            assert symbol is not None
            return store_bars(session, symbol, bars)

    with ThreadPoolExecutor(8) as pool:
        counts = sorted(count.inserted for count in pool.map(store, range(8)))
    assert counts == [0] * 7 + [500]
