"""What pages read, on both data bases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from core.timeframe import Timeframe
from db.engine import reader, writer
from db.models import SignalOutcome, Symbol
from db.views import desk, journal, signals, strategies
from db.views.lineage import subjects as lineage
from db.views.signals import SignalFilter
from tests.factories import (
    HOUR,
    NOW,
    NOW_MS,
    add,
    add_bars,
    make_account,
    make_bars,
    make_run,
    make_signal,
    make_strategy,
    make_symbol,
    make_trade,
)

MINUTE = 60_000


@pytest.fixture
def symbol(engine: Engine) -> Symbol:
    """A symbol with ten M1 bars that close from 12:01 to 12:10, and two M5 bars over them."""
    with writer(engine) as session:
        made = make_symbol(session)
        rows = [(100.0 + i, 101.0 + i, 99.0 + i, 100.5 + i) for i in range(10)]
        add_bars(session, made, make_bars(rows, start=NOW_MS, timeframe=Timeframe.M1))
        add_bars(session, made, make_bars(rows[:2], start=NOW_MS, timeframe=Timeframe.M5))
    return made


def test_a_source_is_as_old_as_the_newest_bar_of_its_symbols(engine: Engine, symbol: Symbol) -> None:
    with writer(engine) as session:
        make_symbol(session, "SIM-2")
        behind = make_symbol(session, "SIM-3", base_timeframe=1)
        add_bars(session, behind, make_bars([(1.0, 2.0, 0.5, 1.5)], start=NOW_MS, timeframe=Timeframe.M1))
        make_symbol(session, "AAPL", source="sample")
    with reader(engine) as session:
        found = desk.source_ages(session)
    assert found == [
        desk.SourceAge("sample", 1, 0, None),
        desk.SourceAge("simulated", 3, 2, NOW_MS + 10 * MINUTE, "SIM-3", NOW_MS + MINUTE),
    ]


def test_the_mark_is_the_last_close_of_the_finest_timeframe(engine: Engine, symbol: Symbol) -> None:
    with reader(engine) as session:
        found = desk.last_prices(session, (symbol.id or 0, 999))
        assert desk.last_prices(session, ()) == {}
        assert desk.stored_timeframes(session, symbol.id or 0) == [Timeframe.M1, Timeframe.M5]
    assert found == {symbol.id: desk.LastPrice(109.5, NOW_MS + 10 * MINUTE)}


@pytest.mark.parametrize(
    ("around", "before", "after", "first", "count"),
    [(5, 3, 2, 2, 5), (5, 99, 99, 0, 10), (0, 3, 2, 0, 2), (99, 4, 5, 6, 4), (-99, 3, 3, 0, 0)],
)
def test_a_window_holds_what_was_known_and_what_followed(
    engine: Engine, symbol: Symbol, around: int, before: int, after: int, first: int, count: int
) -> None:
    with reader(engine) as session:
        moment = NOW_MS + around * MINUTE
        bars = desk.window(session, symbol.id or 0, Timeframe.M1, moment, before=before, after=after)
    assert bars.time.tolist() == [NOW_MS + (first + place) * MINUTE for place in range(count)]


def test_filters_and_limit_are_the_data_bases_work(engine: Engine, symbol: Symbol) -> None:
    with writer(engine) as session:
        strategies = [make_strategy(session, name) for name in ("A", "B")]
        for number in range(12):
            make_signal(
                session,
                symbol=symbol,
                strategy=strategies[number % 2],
                source_key=f"zone-{number}",
                direction=1 if number % 3 else -1,
                confidence=number / 12,
                status="new" if number < 6 else "expired",
            )
        wanted = [strategies[0].id or 0]
    with reader(engine) as session:
        newest = signals.signal_list(session, SignalFilter(), 3)
        some = signals.signal_list(
            session, SignalFilter(strategies=tuple(wanted), statuses=("new",), direction=1, confidence=0.3), 100
        )
        counts = signals.signal_counts(session)
        none = signals.signal_list(session, SignalFilter(symbols=(999,)), 5)
    assert newest["id"].tolist() == [12, 11, 10]
    assert some["id"].tolist() == [5]
    assert counts == {"new": 6, "accepted": 0, "rejected": 0, "expired": 6}
    assert list(none.columns) == list(newest.columns)
    assert none.empty


def test_a_bands_record_counts_what_ended_whatever_was_decided(engine: Engine, symbol: Symbol) -> None:
    ends = (("HIGH", "target"), ("HIGH", "stop"), ("LOW", "target"), ("HIGH", "expired"), ("HIGH", "never_filled"),
            ("HIGH", "open"))  # fmt: skip
    with writer(engine) as session:
        strategy = make_strategy(session)
        for number, (band, state) in enumerate(ends):
            signal = make_signal(session, symbol=symbol, strategy=strategy, source_key=str(number), band=band)
            add(session, SignalOutcome(signal_id=signal.id or 0, state=state, timeframe=5, through=NOW_MS))
    with reader(engine) as session:
        assert signals.band_record(session, strategy.id or 0, "HIGH") == signals.BandRecord(4, 3, 1)
        assert signals.band_record(session, 999, "HIGH") == signals.BandRecord(0, 0, 0)
        detail = signals.signal_detail(session, signal.id or 0)
        assert detail is not None
        assert detail.outcome is not None
        assert detail.outcome.state == "open"


def test_the_journals_rows_follow_the_filter(engine: Engine, symbol: Symbol) -> None:
    with writer(engine) as session:
        account, strategy = make_account(session), make_strategy(session)
        for number, result in enumerate((1.5, -1.0, 2.0, None)):
            signal = make_signal(session, symbol=symbol, strategy=strategy, source_key=str(number))
            fields = {"status": "closed", "r_multiple": result} if result else {}
            make_trade(session, account=account, symbol=symbol, signal_id=signal.id, **fields)
    with reader(engine) as session:
        assert len(journal.trades(session, journal.TradeFilter(status="open"))) == 1
        assert len(journal.trades(session, journal.TradeFilter(account.id, strategies=(strategy.id or 0,)), 2)) == 2


def test_one_signal_with_what_belongs_to_it(engine: Engine, symbol: Symbol) -> None:
    with writer(engine) as session:
        signal = make_signal(session, symbol=symbol, expires_at=NOW_MS + HOUR)
        trade = make_trade(
            session, account=make_account(session), symbol=symbol, signal_id=signal.id, opened_at=NOW + timedelta(1)
        )
    with reader(engine) as session:
        found = signals.signal_detail(session, signal.id or 0)
        assert signals.signal_detail(session, 999) is None
        assert lineage.subject(session, "trade", 999) is None
        subject = lineage.subject(session, "trade", trade.id or 0)
    assert found is not None
    assert (found.symbol.name, found.trade and found.trade.id, found.votes) == ("SIM-EURUSD", trade.id, [])
    assert subject == lineage.Subject("trade", trade.id or 0, "SIM-EURUSD", "simulated", 1, "open", trade.opened_at)


def test_signals_that_wait_come_before_newer_ones_that_are_decided(engine):
    with writer(engine) as session:
        strategy, symbol, run = make_strategy(session), make_symbol(session), make_run(session)
        for number, status in enumerate(("new", "expired", "new", "rejected", "accepted")):
            make_signal(session, strategy=strategy, symbol=symbol, run=run, source_key=f"zone-{number}", status=status)
    with reader(engine) as session:
        assert list(signals.waiting_first(session, 4)["id"]) == [3, 1, 5, 4]
        assert list(signals.waiting_first(session, 1)["id"]) == [3]


def test_a_strategy_without_runs_has_none_and_one_with_runs_has_its_newest_first(engine: Engine) -> None:
    with Session(engine) as session:
        symbol, first, second = make_symbol(session), make_strategy(session), make_strategy(session, "Other")
        plain = {"strategy_id": first.id, "symbol_id": symbol.id}
        made = [make_run(session, slot=NOW_MS + n, result={"reason": f"No {n}."}, **plain) for n in range(3)]
        signal = make_signal(session, symbol=symbol, strategy=first, run=made[1])
        make_run(session, slot=None, kind="import")
        found = strategies.runs(session, first.id or 0, 2)
        assert [(run.outcome, run.signal_id, run.failed) for run in found] == [
            ("No 2.", None, False),
            ("No 1.", signal.id, False),
        ]
        assert strategies.runs(session, second.id or 0, 2) == []
        assert strategies.newest_scan(session)[0] == made[2].id
        lines = strategies.strategy_lines(session)
        assert [(line.strategy.name, line.signals, line.record.ended) for line in lines] == [
            ("Other", 0, 0),
            ("SMC intraday", 1, 0),
        ]
