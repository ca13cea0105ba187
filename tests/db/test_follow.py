"""Later bars settle the signals that nobody took."""

from datetime import timedelta

import pytest

from core.timeframe import Timeframe
from db.actions.decide import accept_signal, reject_signal
from db.actions.follow import follow_signals
from db.engine import reader, writer
from db.models import Signal, Symbol
from db.store.revision import current
from tests.db.desk import kinds, open_desk, signal_of
from tests.factories import HOUR, NOW, NOW_MS, add_bars, make_bars

QUIET = (101.0, 102.0, 100.5, 101.0)
ENTRY = (101.0, 101.0, 99.0, 100.0)
STOP = (99.0, 99.0, 98.0, 98.5)
TARGET = (105.0, 106.0, 105.0, 105.5)
BOTH = (100.0, 106.0, 98.0, 100.0)
M5 = 300_000


def follow(engine, signal_id, bars, *, after=timedelta(minutes=30), timeframe=Timeframe.M5, start=NOW_MS):
    """Store bars from `start`, then follow; returns the signal and how many were expired."""
    symbol_id = signal_of(engine, signal_id).symbol_id
    with writer(engine) as session:
        add_bars(session, session.get_one(Symbol, symbol_id), make_bars(bars, start=start, timeframe=timeframe))
    count = follow_signals(engine, symbol_id, NOW + after)
    return signal_of(engine, signal_id), count


@pytest.mark.parametrize(
    ("bars", "reason"),
    [
        ([TARGET], "Target reached at 2026-11-20 12:05 UTC before it was taken"),
        ([QUIET, ENTRY, STOP, TARGET], "Stop reached at 2026-11-20 12:15 UTC before it was taken"),
        ([QUIET, TARGET, STOP], "Target reached at 2026-11-20 12:10 UTC before it was taken"),
        ([BOTH], "Stop reached at 2026-11-20 12:05 UTC before it was taken"),
    ],
)
def test_the_first_of_stop_and_target_ends_a_signal(engine, bars, reason):
    signal_id = open_desk(engine)
    signal, count = follow(engine, signal_id, bars)
    assert (signal.status, signal.reason, count) == ("expired", reason, 1)
    assert signal.decided_at == NOW + timedelta(minutes=30)
    assert kinds(engine, "signal", signal_id) == ["bars", "signal", "expiry"]
    assert follow_signals(engine, signal.symbol_id, NOW) == 0
    with reader(engine) as session:
        assert current(session) == 1


def test_a_short_is_the_mirror(engine):
    signal_id = open_desk(engine, direction=-1, stop=102.0, target=94.0)
    signal, _count = follow(engine, signal_id, [(99.0, 101.9, 94.1, 99.0), (99.0, 99.0, 94.0, 95.0)])
    assert signal.reason == "Target reached at 2026-11-20 12:10 UTC before it was taken"
    other = open_desk_short(engine, signal)
    signal, _count = follow(engine, other, [(101.0, 102.0, 101.0, 101.0)], start=NOW_MS + 2 * M5)
    assert signal.reason == "Stop reached at 2026-11-20 12:15 UTC before it was taken"


def open_desk_short(engine, signal):
    """The same short again, on another zone, seen two bars later."""
    with writer(engine) as session:
        fields = signal.model_dump(exclude={"id", "status", "reason", "decided_at"})
        again = Signal(**fields | {"source_key": "zone-2", "as_of": NOW_MS + 2 * M5})
        session.add(again)
        session.flush()
        return again.id


def test_a_signal_whose_entry_traded_can_still_be_taken(engine):
    signal_id = open_desk(engine)
    signal, count = follow(engine, signal_id, [QUIET, ENTRY, QUIET])
    assert (signal.status, count) == ("new", 0)
    assert accept_signal(engine, signal_id, None, NOW + timedelta(minutes=30))
    with reader(engine) as session:
        assert current(session) == 1


def test_bars_from_before_the_signal_do_not_count(engine):
    signal_id = open_desk(engine)
    signal, count = follow(engine, signal_id, [STOP, TARGET], start=NOW_MS - 2 * M5)
    assert (signal.status, count) == ("new", 0)


def test_bars_after_the_end_do_not_count_but_the_end_does(engine):
    signal_id = open_desk(engine, expires_at=NOW_MS + 2 * M5)
    signal, _count = follow(engine, signal_id, [QUIET, QUIET, TARGET])
    assert (signal.status, signal.reason) == ("expired", "Not taken by 2026-11-20 12:10 UTC")


def test_the_finest_bars_tell_which_came_first(engine):
    signal_id = open_desk(engine)
    symbol_id = signal_of(engine, signal_id).symbol_id
    with writer(engine) as session:
        symbol = session.get_one(Symbol, symbol_id)
        add_bars(session, symbol, make_bars([BOTH], start=NOW_MS, timeframe=Timeframe.M5))
    signal, _count = follow(engine, signal_id, [QUIET, TARGET, QUIET, STOP, QUIET], timeframe=Timeframe.M1)
    assert signal.reason == "Target reached at 2026-11-20 12:02 UTC before it was taken"


def test_fine_bars_that_cover_only_a_part_hide_nothing(engine):
    signal_id = open_desk(engine)
    symbol_id = signal_of(engine, signal_id).symbol_id
    with writer(engine) as session:
        symbol = session.get_one(Symbol, symbol_id)
        add_bars(session, symbol, make_bars([QUIET] * 5, start=NOW_MS - M5, timeframe=Timeframe.M1))
    signal, _count = follow(engine, signal_id, [QUIET, STOP])
    assert signal.reason == "Stop reached at 2026-11-20 12:10 UTC before it was taken"


def test_a_fed_signal_expires_by_the_clock(engine):
    signal_id = open_desk(engine)
    symbol_id = signal_of(engine, signal_id).symbol_id
    assert follow_signals(engine, symbol_id, NOW + timedelta(hours=4, seconds=-1)) == 0
    assert follow_signals(engine, symbol_id, NOW + timedelta(hours=4)) == 1
    assert signal_of(engine, signal_id).reason == "Not taken by 2026-11-20 16:00 UTC"


@pytest.mark.parametrize("source", ["sample", "file"])
def test_a_signal_without_a_feed_expires_by_its_bars_only(engine, source):
    signal_id = open_desk(engine, symbol={"source": source})
    years = timedelta(days=4000)
    signal, count = follow(engine, signal_id, [QUIET] * 3, timeframe=Timeframe.H1, after=years)
    assert (signal.status, count) == ("new", 0)
    late = NOW_MS + 3 * HOUR
    signal, count = follow(engine, signal_id, [QUIET], timeframe=Timeframe.H1, after=years, start=late)
    assert (signal.reason, count) == ("Not taken by 2026-11-20 16:00 UTC", 1)


@pytest.mark.parametrize("decision", ["accepted", "rejected"])
def test_a_decision_is_never_overridden(engine, decision):
    signal_id = open_desk(engine)
    if decision == "accepted":
        accept_signal(engine, signal_id, None, NOW)
    else:
        reject_signal(engine, signal_id, "No", NOW)
    signal, count = follow(engine, signal_id, [STOP])
    assert (signal.status, count) == (decision, 0)


def test_other_symbols_are_left_alone(engine):
    signal_id = open_desk(engine)
    with writer(engine) as session:
        symbol = Symbol(name="SIM-OTHER", source="simulated", created_at=NOW)
        session.add(symbol)
        session.flush()
        add_bars(session, symbol, make_bars([STOP], start=NOW_MS, timeframe=Timeframe.M5))
        other = symbol.id
    assert follow_signals(engine, other, NOW + timedelta(days=1)) == 0
    assert follow_signals(engine, 99, NOW) == 0
    assert signal_of(engine, signal_id).status == "new"
