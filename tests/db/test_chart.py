"""The record of a chart image: once, traceable, on both data bases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import Engine
from sqlmodel import select

from core.bars import Bars
from core.errors import NotFoundError
from core.timeframe import Timeframe
from db.actions.chart import WINDOW, ChartInput, DrawnImage, load_chart, record_chart
from db.engine import reader, writer
from db.models import ChartExport, LineageStep
from db.store.bars.series import upsert_bars
from db.store.lineage.steps import Step, add_step, chain
from db.store.revision import current
from tests.factories import NOW, NOW_MS, make_run, make_signal, make_symbol

IMAGE = DrawnImage("signal-1.png", "ab" * 32, 1920, 1080)


def five_minutes(count: int, last_close: int) -> Bars:
    time = last_close - np.arange(count, 0, -1, dtype=np.int64) * Timeframe.M5.ms
    flat = np.full(count, 100.0)
    return Bars(Timeframe.M5, time, flat, flat + 1, flat - 1, flat, flat)


@pytest.fixture
def signal_id(engine: Engine) -> int:
    """A signal on M5 as of NOW with its step, and bars that run on after it."""
    with writer(engine) as session:
        symbol = make_symbol(session, tick_size=0.00001)
        run = make_run(session)
        signal = make_signal(session, symbol=symbol, run=run, timeframe=5, as_of=NOW_MS)
        upsert_bars(session, symbol.id, five_minutes(200, NOW_MS + 20 * Timeframe.M5.ms))
        made = Step("signal", "Signal", NOW, NOW, run_id=run.id, entity="signal", entity_id=signal.id)
        parent = add_step(session, made, [add_step(session, Step("bars", "Bars", NOW, NOW))])
        decided = Step("decision", "Rejected", NOW, NOW, entity="signal", entity_id=signal.id)
        add_step(session, decided, [parent])
        return signal.id


def loaded(engine: Engine, signal_id: int) -> ChartInput:
    given = load_chart(engine, signal_id)
    assert given is not None
    return given


def test_the_chart_shows_what_the_signal_saw_and_nothing_later(engine, signal_id):
    given = loaded(engine, signal_id)
    assert given.bars.as_of == NOW_MS == given.drawing.as_of
    assert len(given.bars) == WINDOW
    assert given.drawing.simulated
    assert given.drawing.price(1.5) == "1.50000"


def test_an_image_is_recorded_once_with_its_step_below_the_signals(engine, signal_id):
    given = loaded(engine, signal_id)
    with reader(engine) as session:
        before = current(session)
    image_id = record_chart(engine, given, IMAGE, NOW, NOW + timedelta(seconds=2))
    assert record_chart(engine, given, IMAGE, NOW, NOW) is None
    assert load_chart(engine, signal_id) is None
    with reader(engine) as session:
        row = session.exec(select(ChartExport)).one()
        assert (row.id, row.subject_id, row.subject, row.path) == (image_id, signal_id, "signal", "signal-1.png")
        steps = chain(session, "chart_export", image_id)
        assert [step.kind for step in steps.steps] == ["bars", "signal", "chart"]
        assert steps.steps[2].output == {"path": "signal-1.png", "sha256": IMAGE.sha256}
        assert (steps.steps[2].finished_at - steps.steps[2].started_at).total_seconds() == 2
        assert current(session) == before + 1


def test_many_at_once_record_one(engine, signal_id):
    given = loaded(engine, signal_id)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: record_chart(engine, given, IMAGE, NOW, NOW), range(8)))
    assert len([image_id for image_id in made if image_id is not None]) == 1
    with reader(engine) as session:
        assert len(session.exec(select(LineageStep).where(LineageStep.kind == "chart")).all()) == 1


def test_an_unknown_signal_is_named(engine):
    with pytest.raises(NotFoundError, match="77"):
        load_chart(engine, 77)
