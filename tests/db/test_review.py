"""Judging events on both data bases: one row an event, the last click wins, and back again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, func, select

from core.errors import DeskError, NotFoundError, ParameterError
from core.timeframe import Calendar, Timeframe
from db.actions.review import EventKey, Verdict, review_event, take_back_review
from db.engine import reader, writer
from db.models import PatternReview
from db.store import revision
from db.views import patterns
from tests.factories import NOW, NOW_MS, add_bars, make_symbol
from tests.series import random_bars

VALID, INVALID = Verdict("valid"), Verdict("invalid")


@pytest.fixture
def key(engine: Engine) -> EventKey:
    with writer(engine) as session:
        symbol = make_symbol(session)
        make_symbol(session, "AAPL")
        add_bars(session, symbol, random_bars(1, 400))
    return EventKey(symbol.id or 0, 15, "order_block", 1, NOW_MS, NOW_MS + 900_000)


def stored(engine: Engine, key: EventKey) -> dict[EventKey, Verdict]:
    with reader(engine) as session:
        return patterns.verdicts(session, key.symbol_id, key.timeframe)


def changes(engine: Engine) -> int:
    with reader(engine) as session:
        return revision.current(session)


def test_the_last_click_wins_and_the_same_click_changes_nothing(engine: Engine, key: EventKey) -> None:
    before = changes(engine)
    assert review_event(engine, key, VALID, NOW) is None
    assert review_event(engine, key, VALID, NOW + timedelta(seconds=1)) == VALID
    assert changes(engine) == before + 1
    relabelled = Verdict("relabelled", "fair_value_gap", "no swing was broken")
    assert review_event(engine, key, relabelled, NOW) == VALID
    assert stored(engine, key) == {key: relabelled}
    with Session(engine) as session:
        assert session.exec(select(PatternReview)).one().reviewed_at == NOW


def test_taking_back_restores_what_stood_there(engine: Engine, key: EventKey) -> None:
    first = review_event(engine, key, VALID, NOW)
    second = review_event(engine, key, INVALID, NOW)
    take_back_review(engine, key, second, NOW)
    assert stored(engine, key) == {key: VALID}
    take_back_review(engine, key, first, NOW)
    now = changes(engine)
    take_back_review(engine, key, first, NOW)
    assert (stored(engine, key), changes(engine)) == ({}, now)


@pytest.mark.parametrize("field", ["timeframe", "kind", "direction", "start", "end"])
def test_each_part_of_the_name_makes_another_event(engine: Engine, key: EventKey, field: str) -> None:
    other = replace(key, **{field: {"timeframe": 5, "kind": "choch", "direction": -1}.get(field, NOW_MS + 1)})
    review_event(engine, key, VALID, NOW)
    review_event(engine, other, INVALID, NOW)
    assert stored(engine, key)[key] == VALID
    assert stored(engine, other)[other] == INVALID


@pytest.mark.parametrize(
    ("verdict", "sentence"),
    [
        (Verdict("perhaps"), "is no verdict"),
        (Verdict("relabelled"), "Choose the kind"),
        (Verdict("relabelled", "order_block"), "Choose the kind"),
        (Verdict("valid", "choch"), "Only a relabelled event"),
    ],
)
def test_a_verdict_that_makes_no_sense(engine: Engine, key: EventKey, verdict: Verdict, sentence: str) -> None:
    with pytest.raises(DeskError, match=sentence):
        review_event(engine, key, verdict, NOW)
    assert stored(engine, key) == {}


def test_what_does_not_exist(engine: Engine, key: EventKey) -> None:
    with pytest.raises(NotFoundError):
        review_event(engine, replace(key, symbol_id=999), VALID, NOW)
    with pytest.raises(ParameterError):
        review_event(engine, replace(key, kind="unicorn"), VALID, NOW)
    with pytest.raises(ParameterError):
        review_event(engine, key, Verdict("relabelled", "unicorn"), NOW)


def test_clicks_at_once_make_one_row(engine: Engine, key: EventKey) -> None:
    together = Barrier(6)

    def click(verdict: Verdict) -> None:
        together.wait()
        review_event(engine, key, verdict, NOW)

    threads = [Thread(target=click, args=(one,)) for one in (VALID, INVALID) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(engine) as session:
        assert session.exec(select(func.count()).select_from(PatternReview)).one() == 1


def test_a_history_and_the_symbols_that_have_one(engine: Engine, key: EventKey) -> None:
    with reader(engine) as session:
        assert [one.name for one in patterns.symbols_with_bars(session)] == ["SIM-EURUSD"]
        bars = random_bars(1, 400)
        seen = patterns.history(session, key.symbol_id, Timeframe.M15, Calendar.UTC, int(bars.close_time[299]))
    assert len(seen.bars) == len(seen.atr) == 300
    assert int(seen.log.events["known_at"].max()) <= int(bars.close_time[299])
