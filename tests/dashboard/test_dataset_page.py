"""The Dataset page over a real data set: gallery, judging, starting a build, taking it away."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue
from sqlalchemy import Engine
from sqlmodel import Session, select
from streamlit.testing.v1 import AppTest

from core import jobs
from core.dataset.recipe import Recipe
from core.timeframe import Timeframe
from db.actions.dataset import archive_written, ask_build, cancel_build
from db.engine import writer
from db.models import ChartImage, ChartPattern, DatasetBuild, Symbol
from db.store.revision import bump
from tests.dashboard.pages_under_test import open_page, run, text
from tests.dashboard.world import HOSTILE
from workers.dataset.builder import build_all, open_work

RECIPE = Recipe(
    ("AAPL",), (Timeframe.D1,), ("candlestick", "renko"), days_back=200, window=50, stride=15, gap=5, width=400,
    height=300,
)  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHARTROOM_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def built(sqlite_desk: Engine, home: Path) -> int:
    """The id of a data set of a dozen images."""
    build_id = ask_build(sqlite_desk, RECIPE, home / "datasets" / "first", datetime.now(UTC))
    assert build_all(sqlite_desk, open_work(sqlite_desk, build_id), lambda done, total: None).complete
    return build_id


def rows(engine: Engine, table: type) -> list:
    with Session(engine) as session:
        return list(session.exec(select(table).order_by(table.id)))


def busiest(engine: Engine) -> int:
    """The id of an image with several labels."""
    counted: dict[int, int] = {}
    for pattern in rows(engine, ChartPattern):
        counted[pattern.image_id] = counted.get(pattern.image_id, 0) + 1
    return max(counted, key=counted.__getitem__)


def labels_of(engine: Engine, image_id: int) -> list[ChartPattern]:
    return [pattern for pattern in rows(engine, ChartPattern) if pattern.image_id == image_id]


def shown(at: AppTest) -> int:
    """The number of images in the gallery."""
    return len([button for button in at.button if str(button.key).startswith("open_image_")])


def test_without_a_data_set_the_page_says_how_to_get_one(sqlite_desk: Engine, home: Path):
    seen = text(open_page("dataset"))
    assert "No data set yet." in seen
    assert "python -m workers dataset" in seen


def test_the_gallery_and_its_filters(sqlite_desk: Engine, built: int):
    at = open_page("dataset")
    images = rows(sqlite_desk, ChartImage)
    seen = text(at)
    assert f"<b>{len(images)} of {len(images)} images</b>" in seen
    assert shown(at) == min(15, len(images))
    assert f"1 to {min(15, len(images))} of {len(images)} images" in seen
    at.multiselect(key="dataset_types").select("renko")
    at.multiselect(key="dataset_splits").select("test")
    run(at)
    wanted = [image for image in images if (image.chart_type, image.split) == ("renko", "test")]
    assert shown(at) == len(wanted) > 0
    at.selectbox(key="dataset_reviewed").select("reviewed")
    assert "No image matches these filters." in text(run(at))


def test_the_boxes_lie_over_the_image_where_the_rows_say(sqlite_desk: Engine, built: int):
    image_id = busiest(sqlite_desk)
    seen = text(open_page("dataset", build=str(built), image=str(image_id)))
    assert seen.count('class="preview"') == 1
    assert "data:image/png;base64," in seen
    for pattern in labels_of(sqlite_desk, image_id):
        assert f"left:{pattern.x0:.4%};top:{pattern.y0:.4%}" in seen
    assert seen.count(" current") == 1


def test_labels_are_judged_by_clicks_and_taken_back(sqlite_desk: Engine, built: int):
    image_id = busiest(sqlite_desk)
    ids = [pattern.id for pattern in labels_of(sqlite_desk, image_id)]
    assert len(ids) > 4
    at = open_page("dataset", build=str(built), image=str(image_id))
    assert f"<b>0 of {len(ids)}</b> labels judged" in text(at)
    run(at, at.button(key="dataset_accepted").click())
    run(at, at.button(key="dataset_rejected").click())
    run(at, at.selectbox(key=f"dataset_kind_{ids[2]}").select("double_top"))
    at.session_state["dataset_move"] = True
    run(at)
    for side, pixels in (("left", 40.0), ("top", 30.0), ("right", 200.0), ("bottom", 150.0)):
        at.number_input(key=f"dataset_{side}_{ids[3]}").set_value(pixels)
    run(at)
    assert "left:10.0000%;top:10.0000%;width:40.0000%;height:40.0000%" in text(at), "the box moves with the fields"
    run(at, at.button(key="dataset_keep").click())
    said = [(one.verdict, one.label, one.box) for one in labels_of(sqlite_desk, image_id)[:4]]
    assert said == [
        ("accepted", None, None),
        ("rejected", None, None),
        ("corrected", "double_top", None),
        ("corrected", None, [0.1, 0.1, 0.5, 0.5]),
    ]
    assert "Double top" in text(at)
    run(at, at.button(key="dataset_rest").click())
    assert f"<b>{len(ids)} of {len(ids)}</b> labels judged" in text(at)
    assert next(image for image in rows(sqlite_desk, ChartImage) if image.id == image_id).validated
    run(at, at.button(key="dataset_undo").click())
    assert f"<b>4 of {len(ids)}</b> labels judged" in text(at), "one step takes all of the rest back"
    for _ in range(4):
        run(at, at.button(key="dataset_undo").click())
    assert [one.verdict for one in labels_of(sqlite_desk, image_id)[:4]] == [""] * 4
    assert at.button(key="dataset_undo").disabled


def test_a_box_inside_out_is_refused_in_words(sqlite_desk: Engine, built: int):
    image_id = busiest(sqlite_desk)
    first = labels_of(sqlite_desk, image_id)[0].id
    at = open_page("dataset", build=str(built), image=str(image_id))
    at.session_state["dataset_move"] = True
    run(at)
    at.number_input(key=f"dataset_left_{first}").set_value(390.0)
    at.number_input(key=f"dataset_right_{first}").set_value(10.0)
    run(at)
    run(at, at.button(key="dataset_keep").click())
    assert "The box has to lie in the image" in text(at).replace("\\", "")
    assert labels_of(sqlite_desk, image_id)[0].verdict == ""


@pytest.mark.parametrize("asked", ["999999", "0", "x"])
def test_an_address_that_names_no_image(sqlite_desk: Engine, built: int, asked: str):
    seen = text(open_page("dataset", build="7777", image=asked))
    assert ("There is no image 999999" in seen) == (asked == "999999")


def test_text_from_outside_is_no_markup(sqlite_desk: Engine, built: int):
    with writer(sqlite_desk) as session:
        session.get_one(Symbol, 2).name = HOSTILE
        build = session.get_one(DatasetBuild, built)
        build.name = build.error = HOSTILE
        build.notes = [HOSTILE]
        bump(session)
    for page in (open_page("dataset"), open_page("dataset", build=str(built), image=str(busiest(sqlite_desk)))):
        assert "<img src=x" not in text(page)


def test_a_build_is_started_watched_cancelled_and_resumed(
    sqlite_desk: Engine, home: Path, redis_url: str, redis_connection: Redis, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("REDIS_URL", redis_url)
    at = open_page("dataset")
    run(at, at.button(key="dataset_new").click())
    at.multiselect(key="dialog_symbols").set_value([])
    run(at, at.button(key="dialog_build").click())
    assert "Choose at least one symbol" in text(at).replace("\\", "")
    at.multiselect(key="dialog_symbols").set_value(["AAPL"])
    at.multiselect(key="dialog_timeframes").set_value(["D1"])
    at.number_input(key="dialog_stride").set_value(0)
    run(at, at.button(key="dialog_build").click())
    assert "The stride of 0 bars cannot be" in text(at).replace("\\", "")
    assert rows(sqlite_desk, DatasetBuild) == []
    at.number_input(key="dialog_stride").set_value(25)
    run(at, at.button(key="dialog_build").click())
    (build,) = rows(sqlite_desk, DatasetBuild)
    assert build.folder == str(home / "datasets" / f"dataset-{build.id}")
    assert (build.recipe["stride"], build.recipe["timeframes"]) == (25, ["D1"])
    queue = Queue(jobs.CHARTS, connection=redis_connection)
    assert queue.job_ids == [f"dataset-{build.id}-0"]
    assert ">queued</span>" in text(at)
    run(at, at.button(key="dataset_cancel").click())
    assert rows(sqlite_desk, DatasetBuild)[0].status == "cancelled"
    run(at, at.button(key="dataset_resume").click())
    assert rows(sqlite_desk, DatasetBuild)[0].status == "queued"
    assert f"dataset-{build.id}-1" in queue.job_ids


def test_the_archive_is_asked_for_and_only_one_of_ours_is_offered(
    sqlite_desk: Engine, built: int, home: Path, redis_url: str, redis_connection: Redis,
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    monkeypatch.setenv("REDIS_URL", redis_url)
    at = open_page("dataset")
    run(at, at.button(key="dataset_pack").click())
    waiting = Queue(jobs.CHARTS, connection=redis_connection).jobs
    assert [(job.func_name, job.args) for job in waiting] == [(jobs.DATASET_ARCHIVE, (built,))]
    outside, ours = home / "secret.zip", home / "datasets" / "archives" / "first.zip"
    ours.parent.mkdir()
    for path in (outside, ours):
        path.write_bytes(b"PK")
    for name, offered in (("../secret.zip", False), ("archives/first.zip", True), ("archives/gone.zip", False)):
        archive_written(sqlite_desk, built, name, "00", 2, datetime.now(UTC))
        found = [button.proto.label for button in run(open_page("dataset")).get("download_button")]
        assert bool(found) == offered, name


def test_labels_can_be_written_again_once_something_was_judged(sqlite_desk: Engine, built: int):
    at = open_page("dataset")
    assert "dataset_labels" not in {button.key for button in at.button}
    image = open_page("dataset", build=str(built), image=str(busiest(sqlite_desk)))
    run(image, image.button(key="dataset_rejected").click())
    at = open_page("dataset")
    assert "dataset_labels" in {button.key for button in at.button}
    run(at, at.button(key="dataset_labels").click())
    assert re.search("queue is not set up", text(at).replace("\\", ""))


def test_nothing_moves_where_nobody_works(sqlite_desk: Engine, home: Path):
    build_id = ask_build(sqlite_desk, RECIPE, home / "datasets", datetime.now(UTC), queued=True)
    assert "dataset_cancel" in {button.key for button in open_page("dataset").button}
    cancel_build(sqlite_desk, build_id, datetime.now(UTC))
    assert "dataset_resume" in {button.key for button in open_page("dataset").button}
