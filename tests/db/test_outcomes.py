"""Every signal is followed to its end on stored bars, whatever the person decided."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlmodel import select

from core.timeframe import Timeframe
from db.actions.decide import accept_signal, reject_signal
from db.actions.follow import follow_signals
from db.actions.outcomes import follow_outcomes
from db.engine import reader, writer
from db.models import SignalOutcome, Symbol
from db.store.revision import current
from db.views.outcomes import outcome_table
from tests.db.desk import open_desk, signal_of
from tests.factories import NOW, NOW_MS, add_bars, make_bars

QUIET = (101.0, 102.0, 100.5, 101.0)
FILL = (101.0, 101.5, 99.5, 100.5)
TARGET = (105.0, 106.0, 105.0, 105.5)
STOP = (99.0, 99.0, 98.0, 98.5)
BOTH = (101.0, 106.0, 98.0, 100.0)
M5 = 300_000


def store(engine, signal_id, bars, *, start=NOW_MS, timeframe=Timeframe.M5):
    with writer(engine) as session:
        symbol = session.get_one(Symbol, signal_of(engine, signal_id).symbol_id)
        add_bars(session, symbol, make_bars(bars, start=start, timeframe=timeframe))


def follow(engine, signal_id, bars=(), *, after=timedelta(days=2), **where):
    """Store bars, follow; returns the outcome row and how many ended."""
    if bars:
        store(engine, signal_id, bars, **where)
    count = follow_outcomes(engine, signal_of(engine, signal_id).symbol_id, NOW + after)
    with reader(engine) as session:
        return session.exec(select(SignalOutcome)).one(), count


def decide(engine, signal_id, how):
    if how == "accepted":
        accept_signal(engine, signal_id, None, NOW)
    elif how == "rejected":
        reject_signal(engine, signal_id, "Against the news", NOW)
    else:
        assert follow_signals(engine, signal_of(engine, signal_id).symbol_id, NOW + timedelta(days=1)) == 1
    assert signal_of(engine, signal_id).status == how


@pytest.mark.parametrize("how", ["accepted", "rejected", "expired"])
def test_every_signal_is_followed_whatever_was_decided(engine, how):
    signal_id = open_desk(engine)
    decide(engine, signal_id, how)
    row, ended = follow(engine, signal_id, [QUIET, FILL, QUIET, TARGET, STOP])
    assert (row.signal_id, row.state, row.result_r, ended) == (signal_id, "target", 3.0, 1)
    assert (row.filled_at, row.ended_at, row.through) == (NOW_MS + 2 * M5, NOW_MS + 4 * M5, NOW_MS + 4 * M5)
    assert (row.fill_price, row.mfe_r, row.mae_r, row.bars_held) == (100.0, 3.0, -0.25, 3)


def test_the_table_for_the_pages(engine):
    signal_id = open_desk(engine)
    follow(engine, signal_id, [QUIET, FILL, QUIET, TARGET])
    with reader(engine) as session:
        (row,) = outcome_table(session).to_dict("records")
        assert outcome_table(session, strategy_id=99).empty
    told = (row["signal_id"], row["strategy"], row["symbol"], row["band"], row["status"], row["state"], row["result_r"])
    assert told == (signal_id, "SMC intraday", "SIM-EURUSD", "MEDIUM", "new", "target", 3.0)


def test_bar_by_bar_as_in_one_go(engine):
    signal_id = open_desk(engine)
    states = []
    for at, bar in enumerate([QUIET, FILL, QUIET, STOP, TARGET]):
        row, ended = follow(engine, signal_id, [bar], start=NOW_MS + at * M5)
        states.append((row.state, row.through, ended))
    assert states == [
        ("waiting", NOW_MS + M5, 0),
        ("open", NOW_MS + 2 * M5, 0),
        ("open", NOW_MS + 3 * M5, 0),
        ("stop", NOW_MS + 4 * M5, 1),
        ("stop", NOW_MS + 4 * M5, 0),
    ]
    assert (row.result_r, row.bars_held) == (-1.0, 3)


def test_it_waits_from_the_first_moment_and_sees_only_complete_bars(engine):
    signal_id = open_desk(engine)
    row, ended = follow(engine, signal_id)
    assert (row.state, row.through, ended) == ("waiting", NOW_MS, 0)
    row, ended = follow(engine, signal_id, [FILL, STOP], after=timedelta(minutes=9))
    assert (row.state, row.through, ended) == ("open", NOW_MS + M5, 0)


def test_pages_are_told_of_changes_only(engine):
    signal_id = open_desk(engine)
    revisions = []
    for at, bar in enumerate([QUIET, QUIET, FILL, QUIET, STOP, QUIET]):
        follow(engine, signal_id, [bar], start=NOW_MS + at * M5)
        with reader(engine) as session:
            revisions.append(current(session))
    assert revisions == [1, 1, 2, 2, 3, 3]


def test_finer_bars_decide_where_they_are_stored(engine):
    signal_id = open_desk(engine)
    store(engine, signal_id, [(101, 101, 99.5, 101), (101, 106, 101, 105), (105, 105, 98, 99), (99, 100, 99, 100)],
          timeframe=Timeframe.M1)  # fmt: skip
    row, _ended = follow(engine, signal_id, [BOTH])
    assert (row.state, row.timeframe, row.ended_at) == ("target", 1, NOW_MS + 2 * 60_000)


def test_without_finer_bars_the_stop_comes_first(engine):
    row, _ended = follow(engine, open_desk(engine), [BOTH])
    assert (row.state, row.timeframe, row.result_r) == ("stop", 5, -1.0)


def test_never_filled_within_its_time(engine):
    signal_id = open_desk(engine, expires_at=NOW_MS + 2 * M5)
    row, ended = follow(engine, signal_id, [QUIET, QUIET, FILL])
    assert (row.state, row.ended_at, row.result_r, ended) == ("never_filled", NOW_MS + 2 * M5, None, 1)


def test_prices_that_are_no_plan_have_no_outcome(engine):
    signal_id = open_desk(engine, stop=101.0)
    store(engine, signal_id, [QUIET])
    assert follow_outcomes(engine, signal_of(engine, signal_id).symbol_id, NOW) == 0
    assert follow_outcomes(engine, 99, NOW) == 0
    with reader(engine) as session:
        assert not session.exec(select(SignalOutcome)).all()


def test_eight_at_once_make_one_outcome(engine):
    signal_id = open_desk(engine)
    store(engine, signal_id, [QUIET, FILL, QUIET, STOP])
    symbol_id, gate = signal_of(engine, signal_id).symbol_id, Barrier(8)

    def at_once(_number):
        gate.wait()
        return follow_outcomes(engine, symbol_id, NOW + timedelta(days=2))

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(at_once, range(8))) == [0] * 7 + [1]
    with reader(engine) as session:
        assert session.exec(select(SignalOutcome)).one().bars_held == 3
