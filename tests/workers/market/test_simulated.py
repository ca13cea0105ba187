"""Facts about the simulated market: reproducible to the bit, honest bars, real sessions, real structure."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from core.bars import COLUMNS, Bars, validate
from core.errors import MarketDataError
from core.patterns.detect import detect
from core.patterns.events import Kind
from core.resample import resample
from core.timeframe import MINUTE_MS, Timeframe
from db.engine import reader
from db.models import Symbol
from db.seed import seed
from tests.factories import NOW
from workers.market import regimes, simulated
from workers.market.regimes import EPOCH_MS, MARKETS
from workers.market.simulated import DAY_MS, SimulatedFeed

DAYS = 3000
names = st.sampled_from(sorted(MARKETS))
seeds = st.integers(0, 2**31 - 1)


def at(*moment: int, zone: str = "UTC") -> int:
    return int(datetime(*moment, tzinfo=ZoneInfo(zone)).timestamp()) * 1000


def fetch(name: str, since: int | None, until: int, seed: int = 7) -> Bars:
    return SimulatedFeed(seed).fetch(name, since, until).bars


def between(bars: Bars, start: int, end: int) -> Bars:
    return bars[int(np.searchsorted(bars.time, start)) : int(np.searchsorted(bars.time, end))]


def assert_same(one: Bars, other: Bars) -> None:
    for column in COLUMNS:
        np.testing.assert_array_equal(getattr(one, column), getattr(other, column), strict=True)


starts = st.builds(lambda minute: EPOCH_MS + minute * MINUTE_MS, st.integers(0, DAYS * 1440))
lengths = st.integers(1, 4000).map(lambda minutes: minutes * MINUTE_MS)


@settings(max_examples=40)
@given(names, seeds, starts, st.tuples(lengths, lengths, lengths))
def test_overlapping_fetches_agree_to_the_bit(name, seed, start, spans):
    end, other, other_end = start + spans[0], start + spans[1], start + spans[1] + spans[2]
    one = fetch(name, start, end, seed)
    simulated._day.cache_clear()
    regimes.midnights.cache_clear()
    two = fetch(name, other, other_end, seed)
    assert_same(between(one, other, other_end), between(two, start, end))


@settings(max_examples=30)
@given(names, seeds, st.integers(0, DAYS), st.integers(0, DAY_MS), st.integers(0, 3 * DAY_MS))
def test_every_bar_keeps_the_contract_and_the_range_asked_for(name, seed, day, offset, length):
    since = EPOCH_MS + day * DAY_MS + offset
    bars = validate(fetch(name, since, since + length, seed))
    if len(bars):
        assert bars.time[0] >= since
        assert bars.as_of <= since + length
    assert (bars.time % MINUTE_MS == 0).all()
    assert (np.round(bars.close, MARKETS[name].decimals) == bars.close).all()


@settings(max_examples=20)
@given(names, seeds)
def test_prices_stay_near_their_base_for_ten_years(name, seed):
    level = regimes.midnights(seed, name, 4096).level
    assert (np.abs(level) < 60 * MARKETS[name].volatility).all()


def test_a_longer_chain_begins_with_the_shorter_one():
    short, long = (regimes.midnights(3, "SIM-BTCUSD", days) for days in (1024, 2048))
    np.testing.assert_array_equal(short.level, long.level[:1025])


def test_fetching_minute_by_minute_gives_the_history_of_one_fetch():
    start, end = at(2026, 3, 3, 22, 30), at(2026, 3, 4, 1, 30)
    whole, since, pieces = fetch("SIM-XAUUSD", start, end), start, []
    for until in range(start, end + 1, MINUTE_MS):
        bars = fetch("SIM-XAUUSD", since, until)
        pieces.append(bars)
        since = bars.as_of if len(bars) else since
    assert_same(simulated._join(pieces), whole)
    assert len(whole) == 180


def test_the_open_minute_is_withheld_until_it_is_complete():
    start = at(2026, 3, 3, 12)
    assert len(fetch("SIM-BTCUSD", start, start + MINUTE_MS - 1)) == 0
    assert list(fetch("SIM-BTCUSD", start, start + MINUTE_MS).time) == [start]


def test_the_first_fetch_is_120_days():
    until = at(2026, 11, 20, 12)
    bars = fetch("SIM-BTCUSD", None, until, seed=99)
    assert len(bars) == 120 * 1440
    assert bars.time[0] == until - 120 * DAY_MS


def test_nothing_exists_before_the_epoch():
    assert len(fetch("SIM-BTCUSD", None, EPOCH_MS)) == 0
    assert fetch("SIM-BTCUSD", 0, EPOCH_MS + DAY_MS).time[0] == EPOCH_MS


# 2026: New York changes its clocks on 8 March, so Friday 17:00 is 22:00 UTC on the 6th and Sunday 17:00 is 21:00 UTC.
@pytest.mark.parametrize("name", ["SIM-EURUSD", "SIM-XAUUSD"])
def test_the_weekend_is_closed_by_new_york_time_across_a_change_of_clocks(name):
    bars = fetch(name, at(2026, 3, 6, 0), at(2026, 3, 9, 12))
    jump = int(np.argmax(np.diff(bars.time)))
    assert bars.close_time[jump] == at(2026, 3, 6, 22) == at(2026, 3, 6, 17, zone="America/New_York")
    assert bars.time[jump + 1] == at(2026, 3, 8, 21) == at(2026, 3, 8, 17, zone="America/New_York")
    assert np.sum(np.diff(bars.time) != MINUTE_MS) == 1


def test_bitcoin_trades_through_the_weekend():
    bars = fetch("SIM-BTCUSD", at(2026, 3, 6), at(2026, 3, 10))
    assert len(bars) == 4 * 1440


def test_asia_is_quiet_and_london_and_new_york_are_lively():
    bars = fetch("SIM-EURUSD", at(2026, 6, 1), at(2026, 8, 1))
    hour = bars.time // 3_600_000 % 24
    size = {part: np.mean((bars.high - bars.low)[(hour >= part) & (hour < part + 2)]) for part in (2, 8, 13)}
    volume = {part: np.mean(bars.volume[(hour >= part) & (hour < part + 2)]) for part in (2, 8, 13)}
    for figure in (size, volume):
        assert figure[8] > 1.3 * figure[2]
        assert figure[13] > figure[8]


def test_new_york_open_moves_with_daylight_saving():
    """The rush at 09:30 New York is 14:30 UTC in winter and 13:30 UTC in summer."""
    for month, rush, calm in ((1, 14, 13), (6, 13, 14)):
        bars = fetch("SIM-EURUSD", at(2026, month, 5), at(2026, month, 26))
        minute = bars.time // MINUTE_MS % 1440
        span = [np.mean((bars.high - bars.low)[np.abs(minute - hour * 60 - 35) < 5]) for hour in (rush, calm)]
        assert span[0] > 1.1 * span[1]


def test_seeds_and_symbols_differ():
    start, end = at(2026, 3, 3), at(2026, 3, 4)
    first = fetch("SIM-BTCUSD", start, end, seed=1)
    assert not np.array_equal(first.close, fetch("SIM-BTCUSD", start, end, seed=2).close)
    euro, gold = (np.diff(np.log(fetch(name, start, end).close)) for name in ("SIM-EURUSD", "SIM-XAUUSD"))
    assert abs(np.corrcoef(euro, gold)[0, 1]) < 0.2


def test_the_global_generator_is_left_alone():
    state = np.random.get_state()[1].copy()
    fetch("SIM-BTCUSD", at(2030, 1, 1), at(2030, 1, 2))
    np.testing.assert_array_equal(np.random.get_state()[1], state)


def test_an_unknown_symbol_is_named():
    with pytest.raises(MarketDataError, match="'SIM-DOGE' is no simulated symbol: use one of SIM-EURUSD"):
        fetch("SIM-DOGE", None, at(2026, 1, 1))


def test_the_epoch_is_a_monday_midnight():
    assert datetime.fromtimestamp(EPOCH_MS / 1000, UTC).strftime("%a %Y-%m-%d %H:%M") == "Mon 2024-01-01 00:00"


@pytest.mark.parametrize("name", sorted(MARKETS))
def test_smart_money_structure_occurs_on_every_timeframe_of_the_default_strategy(name):
    until = at(2026, 11, 20, 12)
    minutes = fetch(name, None, until)
    for timeframe in (Timeframe.H4, Timeframe.M15, Timeframe.M5):
        log = detect(resample(minutes, timeframe, MARKETS[name].calendar, until)[-500:])
        seen = {Kind(kind) for kind in log.events["kind"]}
        assert seen >= {Kind.SWING_HIGH, Kind.SWING_LOW, Kind.BOS, Kind.CHOCH, Kind.ORDER_BLOCK, Kind.FAIR_VALUE_GAP}


def test_the_symbols_that_a_first_run_adds_are_the_simulated_ones_with_their_ticks(sqlite_engine):
    seed(sqlite_engine, NOW, simulated=True)
    with reader(sqlite_engine) as session:
        stored = session.exec(select(Symbol).where(Symbol.source == "simulated")).all()
    assert {symbol.name: (symbol.tick_size, symbol.calendar) for symbol in stored} == {
        name: (pytest.approx(10.0**-market.decimals), market.calendar.value) for name, market in MARKETS.items()
    }
