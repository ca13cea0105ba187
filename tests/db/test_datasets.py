"""Builds and reviews of image data sets: what may happen when, and what is written in the end."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from core.dataset.recipe import Recipe
from core.errors import ConflictError, DatasetError, DeskError, NotFoundError, ParameterError
from core.timeframe import Timeframe
from db.actions import dataset as builds
from db.actions.dataset_review import LabelVerdict, accept_rest, judge_label
from db.engine import reader, writer
from db.models import ChartImage, ChartPattern, DatasetBuild
from db.store.datasets import file_in, written_images
from db.views import datasets as views
from tests.factories import NOW, add_bars, make_symbol
from tests.series import random_bars

RECIPE = Recipe(("A",), (Timeframe.H1,))
BOX = {"x0": 0.1, "y0": 0.2, "x1": 0.3, "y1": 0.4}


def drawn(build_id: int, number: int, *kinds: str, **fields: object) -> builds.DrawnImage:
    """An image of symbol 1 with labels of these kinds and an entry on the first."""
    image = {
        "build_id": build_id, "number": number, "symbol_id": 1, "timeframe": 60, "chart_type": "line", "start": 0,
        "end": number, "candles": 9, "price_low": 1.0, "price_high": 2.0, "current_price": 1.5, "width": 800,
        "height": 600, "path": f"images/{number}.png", "sha256": "00", "split": "train", "training": True,
        "validated": False, "created_at": NOW,
    }  # fmt: skip
    pattern = {"direction": 1, "start": 0, "end": 1, "known_at": 2, "price_low": 1.0, "price_high": 1.2, "status": ""}
    patterns = [
        pattern | BOX | {"kind": kind, "place": place, "score": 0.5 + place / 10, "verdict": ""}
        for place, kind in enumerate(kinds)
    ]
    entry = {
        "place": 0, "kind": "sweep", "entry_type": "BUY", "direction": 1, "time": 9, "entry": 1.5, "stop": 1.0,
        "target": 2.5, "reward_risk": 2.0, "confidence": 0.7, "band": "HIGH", "market_structure": "up",
        "context": {"H4": "down"}, "x": 0.9, "y_entry": 0.5, "y_stop": 1.1, "y_target": -0.4,
    }  # fmt: skip
    return builds.DrawnImage(image | fields, patterns, [entry] if kinds else [])


@pytest.fixture
def build_id(engine: Engine) -> int:
    """A running build with two images: three labels on the first, one on the second."""
    with writer(engine) as session:
        add_bars(session, make_symbol(session, "A"), random_bars(1, 50, timeframe=Timeframe.H1))
    made = builds.ask_build(engine, RECIPE, Path("/data"), NOW, queued=True)
    assert builds.begin_build(engine, made, 2, ["a note"], NOW, part=0)
    assert builds.store_image(engine, made, drawn(made, 0, "sweep", "level", "bos"))
    assert builds.store_image(engine, made, drawn(made, 1, "level", split="test"))
    return made


def build_of(engine: Engine, build_id: int) -> DatasetBuild:
    with Session(engine) as session:
        return session.get_one(DatasetBuild, build_id)


def patterns(engine: Engine) -> list[ChartPattern]:
    with Session(engine) as session:
        return list(session.exec(select(ChartPattern).order_by(ChartPattern.id)))


def written(engine: Engine, build_id: int, split: str | None = None) -> list[list[tuple[str, object]]]:
    with reader(engine) as session:
        found = list(written_images(session, build_id, split))
    return [[(label.kind, label.box) for label in image.labels] for image in found]


def test_a_build_from_the_order_to_the_end(engine: Engine, build_id: int):
    build = build_of(engine, build_id)
    assert (build.status, build.done, build.total, build.notes) == ("running", 2, 2, ["a note"])
    assert build.folder == f"/data/dataset-{build_id}"
    assert Recipe.from_json(build.recipe).symbols == ("A",)
    assert builds.next_part(engine, build_id, 0) == 1
    assert builds.next_part(engine, build_id, 0) is None, "a piece is closed once"
    assert not builds.begin_build(engine, build_id, 2, [], NOW, part=0)
    builds.finish_build(engine, build_id, "ff", NOW)
    assert build_of(engine, build_id).status == "done"
    for act in (builds.cancel_build, builds.resume_build):
        with pytest.raises(ConflictError, match="complete"):
            act(engine, build_id, NOW)
    builds.fail_build(engine, build_id, "too late", NOW)
    assert build_of(engine, build_id).status == "done"


def test_nothing_is_stored_for_a_build_that_was_cancelled(engine: Engine, build_id: int):
    builds.cancel_build(engine, build_id, NOW)
    assert not builds.store_image(engine, build_id, drawn(build_id, 2, "bos"))
    assert not builds.begin_build(engine, build_id, 2, [], NOW, part=0)
    assert builds.next_part(engine, build_id, 0) is None
    assert build_of(engine, build_id).done == 2
    part = builds.resume_build(engine, build_id, NOW)
    assert builds.begin_build(engine, build_id, 3, [], NOW, part=part)
    builds.forget_images(engine, build_id, [0])
    assert build_of(engine, build_id).done == 1
    assert len(patterns(engine)) == 1
    assert builds.store_image(engine, build_id, drawn(build_id, 0, "bos"))


def test_what_cannot_be_asked_for(engine: Engine, build_id: int):
    with pytest.raises(ParameterError, match="There is no symbol 'B'"):
        builds.ask_build(engine, Recipe(("B",), (Timeframe.H1,)), Path("/x"), NOW)
    with pytest.raises(ParameterError, match="A has no W1 bars"):
        builds.ask_build(engine, Recipe(("A",), (Timeframe.W1,)), Path("/x"), NOW)
    with pytest.raises(NotFoundError):
        builds.cancel_build(engine, 99, NOW)


def test_reviews_decide_what_is_written(engine: Engine, build_id: int):
    plain = tuple(BOX.values())
    first, second, third, other = (pattern.id or 0 for pattern in patterns(engine))
    assert judge_label(engine, first, LabelVerdict("rejected"), NOW) == LabelVerdict("")
    moved = LabelVerdict("corrected", None, (0.5, 0.5, 0.6, 0.6))
    judge_label(engine, second, moved, NOW)
    assert judge_label(engine, second, LabelVerdict("corrected", "choch"), NOW) == moved
    assert written(engine, build_id) == [[("choch", plain), ("bos", plain)], [("level", plain)]]
    assert written(engine, build_id, "test") == [[("level", plain)]]
    with reader(engine) as session:
        assert [len(image.entries) for image in written_images(session, build_id)] == [0, 1]
        assert [image.validated for image in written_images(session, build_id)] == [False, False]
    assert len(accept_rest(engine, 1, NOW)) == 1
    with reader(engine) as session:
        assert session.get_one(ChartImage, 1).validated
        assert not session.get_one(ChartImage, 2).validated
    judge_label(engine, third, LabelVerdict(""), NOW)
    with reader(engine) as session:
        assert not session.get_one(ChartImage, 1).validated, "taken back: not all labels are judged any more"
    assert patterns(engine)[2].reviewed_at is None
    assert other == 4


@pytest.mark.parametrize(
    "said",
    [
        LabelVerdict("perhaps"),
        LabelVerdict("corrected"),
        LabelVerdict("corrected", "sweep"),
        LabelVerdict("accepted", "bos"),
        LabelVerdict("corrected", None, (0.5, 0.1, 0.4, 0.2)),
        LabelVerdict("corrected", None, (0.5, 0.1, 1.2, 0.2)),
        LabelVerdict("corrected", None, (0.1, float("nan"), 0.2, 0.2)),
    ],
)
def test_a_verdict_that_says_nothing_is_refused(engine: Engine, build_id: int, said: LabelVerdict):
    with pytest.raises(DeskError):
        judge_label(engine, patterns(engine)[0].id or 0, said, NOW)
    with pytest.raises(ParameterError, match="no kind"):
        judge_label(engine, patterns(engine)[0].id or 0, LabelVerdict("corrected", "magic"), NOW)
    assert patterns(engine)[0].verdict == ""


def test_the_gallery_finds_images_by_what_is_on_them(engine: Engine, build_id: int):
    def numbers(**wanted: object) -> list[int]:
        with reader(engine) as session:
            found, total = views.gallery(session, views.ImageFilter(build_id, **wanted), 0, 10)
        assert total == len(found)
        return [thumb.number for thumb in found]

    assert numbers() == [0, 1]
    assert numbers(kinds=("level",)) == [0, 1]
    assert numbers(kinds=("bos",)) == [0]
    assert numbers(kinds=("level",), score=0.6) == [0]
    assert numbers(splits=("test",)) == [1]
    assert numbers(symbols=(1,), timeframes=(60,), types=("renko",)) == []
    judge_label(engine, patterns(engine)[0].id or 0, LabelVerdict("rejected"), NOW)
    accept_rest(engine, 2, NOW)
    assert (numbers(review=views.PARTLY), numbers(review=views.REVIEWED), numbers(review=views.UNREVIEWED)) == (
        [0],
        [1],
        [],
    )
    with reader(engine) as session:
        counted = views.counts(session, build_id)
        assert counted.splits == {"train": 1, "test": 1}
        assert counted.verdicts == {"": 2, "rejected": 1, "accepted": 1}
        assert views.neighbours(session, views.ImageFilter(build_id), 0) == (None, 2)
        assert views.newest_review(session, build_id) == NOW


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "", ".", "link/x"])
def test_no_file_outside_the_folder(tmp_path: Path, name: str):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "link").symlink_to(tmp_path)
    with pytest.raises(DatasetError, match="lies outside"):
        file_in(tmp_path / "set", name)
    assert file_in(tmp_path / "set", "images/a.png").name == "a.png"
