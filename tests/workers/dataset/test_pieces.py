"""A build in the workers' hands: piece by piece, others in between, stopped, taken up, packed."""

from __future__ import annotations

import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue
from sqlalchemy import Engine
from sqlmodel import Session, select

from core import jobs
from core.dataset.recipe import Recipe
from core.timeframe import Timeframe
from db.actions.dataset import ask_build, cancel_build, resume_build
from db.actions.dataset_review import LabelVerdict, judge_label
from db.engine import writer
from db.models import Bar, ChartImage, ChartPattern, DatasetBuild
from db.store.datasets import written_images
from tests.factories import NOW
from tests.workers.dataset.conftest import content, inhabit
from workers.dataset import builder
from workers.due import due_datasets
from workers.pool import DeskWorker
from workers.queue import give_up_unless_transient, submit
from workers.tasks import dataset as tasks

PIECE = 25
RECIPE = Recipe(("GOOG",), (Timeframe.D1,), ("candlestick", "renko"), days_back=500, window=60, stride=8, gap=5)


@pytest.fixture
def desk(furnished: Engine, home: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Engine:
    inhabit(monkeypatch, furnished, home)
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setattr(builder, "PIECE", PIECE)
    return furnished


def build_of(engine: Engine, build_id: int) -> DatasetBuild:
    with Session(engine) as session:
        return session.get_one(DatasetBuild, build_id)


def work_off(client: Redis) -> None:
    worker = DeskWorker([jobs.CHARTS], connection=client, exception_handlers=[give_up_unless_transient])
    worker.work(burst=True, logging_level="CRITICAL")


def asked(engine: Engine, home: Path) -> int:
    return ask_build(engine, RECIPE, home / "datasets", NOW, queued=True)


def test_pieces_let_others_in_between(desk: Engine, home: Path, redis_connection: Redis):
    build_id = asked(desk, home)
    submit(jobs.dataset_piece(build_id, 0))
    other = jobs.Job(jobs.CHARTS, "tests.workers.sample_jobs.count", ("other",), "other", "Other")
    submit(other)
    assert submit(due_datasets(desk)[0]) is False, "the minute's sweep knows that it waits already"
    order: list[str] = []
    queue = Queue(jobs.CHARTS, connection=redis_connection)
    while waiting := queue.job_ids:
        order.append(waiting[0])
        worker = DeskWorker([jobs.CHARTS], connection=redis_connection)
        worker.work(burst=True, max_jobs=1, logging_level="CRITICAL")
    assert order[:3] == [f"dataset-{build_id}-0", "other", f"dataset-{build_id}-1"]
    build = build_of(desk, build_id)
    assert (build.status, build.done, build.total) == ("done", build.total, build.done)
    assert PIECE * (build.part - 1) < build.done <= PIECE * (build.part + 1)
    assert build.part >= 2
    assert due_datasets(desk) == []
    manifest = json.loads((Path(build.folder) / "manifest.json").read_bytes())
    assert len([name for name in manifest["files"] if name.endswith(".png")]) == build.done

    alone = ask_build(desk, RECIPE, home / "alone", NOW)
    assert builder.build_all(desk, builder.open_work(desk, alone), lambda done, total: None).complete
    assert content(home / "alone") == content(Path(build.folder))


def test_cancelled_in_the_middle_and_taken_up_again(desk: Engine, home: Path, redis_connection: Redis):
    build_id = asked(desk, home)
    assert tasks.build_piece(build_id, 0) == PIECE
    cancel_build(desk, build_id, NOW)
    cancel_build(desk, build_id, NOW)
    assert due_datasets(desk) == []
    assert tasks.build_piece(build_id, 1) == 0, "a piece that was already asked for does nothing"
    assert build_of(desk, build_id).done == PIECE
    assert not (Path(build_of(desk, build_id).folder) / "manifest.json").exists()
    redis_connection.flushall()
    submit(jobs.dataset_piece(build_id, resume_build(desk, build_id, NOW)))
    work_off(redis_connection)
    assert build_of(desk, build_id).status == "done"


def test_a_worker_stops_at_the_image_in_its_hand(desk: Engine, home: Path, monkeypatch: pytest.MonkeyPatch):
    build_id = asked(desk, home)
    drawn = builder.store_image

    def cancelling(engine: Engine, number: int, image: object) -> bool:
        with Session(engine) as session:
            if session.exec(select(ChartImage)).first() is not None:
                cancel_build(engine, number, NOW)
        return drawn(engine, number, image)

    monkeypatch.setattr(builder, "store_image", cancelling)
    assert tasks.build_piece(build_id, 0) == 1
    assert (build_of(desk, build_id).status, build_of(desk, build_id).done) == ("cancelled", 1)


def test_bars_that_changed_end_the_build_with_a_reason(desk: Engine, home: Path, redis_connection: Redis):
    build_id = asked(desk, home)
    tasks.build_piece(build_id, 0)
    redis_connection.flushall()
    with writer(desk) as session:
        bar = session.exec(select(Bar).where(Bar.timeframe == 1440, Bar.symbol_id == 2)).all()[300]
        bar.close = bar.low
        session.add(bar)
    submit(jobs.dataset_piece(build_id, 1))
    work_off(redis_connection)
    build = build_of(desk, build_id)
    assert build.status == "failed"
    assert "The D1 bars of GOOG have changed since this build began" in str(build.error)
    failed = Queue(jobs.CHARTS, connection=redis_connection).failed_job_registry
    assert failed.get_job_ids(cleanup=False) == [f"dataset-{build_id}-1"]


def test_reviews_reach_the_label_files_and_the_archive(desk: Engine, home: Path, redis_connection: Redis):
    build_id = asked(desk, home)
    submit(jobs.dataset_piece(build_id, 0))
    work_off(redis_connection)
    folder = Path(build_of(desk, build_id).folder)
    with Session(desk) as session:
        image = next(iter(written_images(session, build_id)))
        patterns = session.exec(
            select(ChartPattern).join(ChartImage).where(ChartImage.path == image.path).order_by(ChartPattern.place)
        ).all()
        first, second, third = (pattern.id or 0 for pattern in patterns[:3])
    judge_label(desk, first, LabelVerdict("rejected"), NOW)
    judge_label(desk, second, LabelVerdict("corrected", "double_top", (0.25, 0.25, 0.75, 0.75)), NOW)
    judge_label(desk, third, LabelVerdict("accepted"), NOW + timedelta(seconds=1))
    path = folder / image.path.replace("images/", "labels/").replace(".png", ".txt")
    before = path.read_text().splitlines()
    submit(jobs.dataset_archive(build_id, 1))
    work_off(redis_connection)
    after = path.read_text().splitlines()
    assert after[1:] == before[2:]
    assert after[0].split()[1:] == ["0.500000"] * 4
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert manifest["counts"]["verdicts"]["corrected"] == 1
    build = build_of(desk, build_id)
    assert build.archive == f"archives/dataset-{build_id}-{build_id}.zip"
    packed = home / "datasets" / str(build.archive)
    assert packed.stat().st_size == build.archive_size
    with zipfile.ZipFile(packed) as archive:
        assert archive.testzip() is None
        names = {name.split("/", 1)[1] for name in archive.namelist()}
        assert names == set(content(folder))
        assert archive.read(f"dataset-{build_id}/{image.path}") == (folder / image.path).read_bytes()
