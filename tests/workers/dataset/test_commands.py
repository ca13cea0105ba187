"""The commands as a shell calls them: what they write, and what they refuse."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import yaml
from PIL import Image
from sqlalchemy import Engine
from sqlmodel import Session, select
from typer.testing import CliRunner, Result

from core.dataset.classes import CLASSES
from core.dataset.split import SPLITS
from core.timeframe import Timeframe
from db.engine import reader, writer
from db.models import ChartImage, ChartPattern, DatasetBuild, EntryPoint, Symbol
from tests.factories import add_bars, make_symbol
from tests.series import random_bars
from tests.workers.dataset.conftest import content, environment, inhabit
from tests.workers.desk_process import ROOT
from workers.cli import app
from workers.dataset.files import alone

DAILY = ("--timeframes", "1d", "--symbols", "AAPL,GOOG", "--days-back", "700", "--window", "60", "--gap", "10")


@pytest.fixture
def desk(furnished: Engine, home: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    inhabit(monkeypatch, furnished, home)
    return furnished


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def built(out: Path, *arguments: str) -> dict:
    """Build into `out`; the manifest, which has been held against the files."""
    done = run("dataset", *DAILY, "--out", out, *arguments)
    assert done.exit_code == 0, done.output
    manifest = json.loads((out / "manifest.json").read_bytes())
    files = content(out)
    del files["manifest.json"]
    assert manifest["files"] == files
    assert not list(out.rglob("*.part"))
    return manifest


def rows(engine: Engine, table: type) -> list:
    with Session(engine) as session:
        return list(session.exec(select(table).order_by(table.id)))


def test_yolo(desk: Engine, tmp_path: Path):
    manifest = built(tmp_path / "out", "--types", "candlestick,renko,point_figure,line,heikin_ashi")
    index = yaml.safe_load((tmp_path / "out" / "data.yaml").read_text())
    assert [index["names"][number] for number in range(index["nc"])] == list(CLASSES)
    assert index["val"] == "images/validation"
    labels = 0
    for image in rows(desk, ChartImage):
        assert Image.open(tmp_path / "out" / image.path).size == (800, 600)
        text = (tmp_path / "out" / image.path.replace("images/", "labels/").replace(".png", ".txt")).read_text()
        for line in text.splitlines():
            number, x, y, width, height = line.split()
            assert 0 <= int(number) < len(CLASSES)
            assert 0 <= float(x) - float(width) / 2 <= float(x) + float(width) / 2 <= 1.000001
            assert 0 <= float(y) - float(height) / 2 <= float(y) + float(height) / 2 <= 1.000001
            labels += 1
    assert labels == sum(sum(kinds.values()) for kinds in manifest["counts"]["labels"].values())
    assert labels == len(rows(desk, ChartPattern)) > 500
    assert set(manifest["counts"]["images"]) == set(SPLITS)
    assert [source["symbol"] for source in manifest["sources"]] == ["AAPL", "GOOG"]
    assert {len(source["sha256"]) for source in manifest["sources"]} == {64}
    assert manifest["code"]
    lines = (tmp_path / "out" / "entries.jsonl").read_text().splitlines()
    assert sum(len(json.loads(line)["entry_points"]) for line in lines) == len(rows(desk, EntryPoint)) > 20


def test_coco(desk: Engine, tmp_path: Path):
    manifest = built(tmp_path / "out", "--format", "coco", "--size", "640x480")
    ids: list[int] = []
    for split in SPLITS:
        found = json.loads((tmp_path / "out" / "annotations" / f"instances_{split}.json").read_bytes())
        assert {"info", "licenses", "images", "annotations", "categories"} == set(found)
        assert len(found["images"]) == manifest["counts"]["images"][split]
        images = {image["id"]: image for image in found["images"]}
        categories = {category["id"]: category["name"] for category in found["categories"]}
        assert list(categories.values()) == list(CLASSES)
        numbers = [one["id"] for one in found["annotations"]]
        assert len(set(numbers)) == len(numbers) == sum(manifest["counts"]["labels"][split].values())
        for one in found["annotations"]:
            x, y, width, height = one["bbox"]
            assert one["image_id"] in images
            assert one["category_id"] in categories
            assert x >= 0
            assert y >= 0
            assert x + width <= 640.01
            assert y + height <= 480.01
            assert one["area"] == pytest.approx(width * height, rel=1e-4)
        for image in found["images"]:
            assert Image.open(tmp_path / "out" / image["file_name"]).size == (640, 480)
        ids += images
    assert len(set(ids)) == len(ids)


def test_parquet(desk: Engine, tmp_path: Path):
    manifest = built(tmp_path / "out", "--format", "parquet")
    stored = {image.path: image for image in rows(desk, ChartImage)}
    for split in SPLITS:
        table = pq.read_table(tmp_path / "out" / f"{split}.parquet").to_pylist()
        assert len(table) == manifest["counts"]["images"][split]
        for row in table:
            assert row["image"] == (tmp_path / "out" / row["path"]).read_bytes()
            assert row["start"] == stored[row["path"]].start
            assert all(CLASSES[label["class"]] == label["kind"] for label in row["labels"])
            assert all(label["known_at"] <= row["end"] for label in row["labels"])
            assert all(entry["time"] == row["end"] for entry in row["entry_points"])
    assert sum(len(row["labels"]) for row in table) == sum(manifest["counts"]["labels"]["test"].values())


def test_charts_draw_the_newest_windows(desk: Engine, home: Path):
    done = run("charts", "--timeframes", "1h,15m", "--symbols", "WALK", "--types", "candlestick,renko", "--annotate")
    assert done.exit_code == 0, done.output
    images = rows(desk, ChartImage)
    newest = {image.timeframe: max(one.end for one in images if one.timeframe == image.timeframe) for image in images}
    assert newest == {15: 2000 * 15 * 60_000, 60: 500 * 60 * 60_000}
    assert {image.split for image in images} == {""}
    assert not any(image.training for image in images)
    build = rows(desk, DatasetBuild)[0]
    assert Path(build.folder).parent == home / "datasets"
    assert {"manifest.json", "images"} == {path.name for path in Path(build.folder).iterdir()} - {".build"}
    drawn = np.array(Image.open(Path(build.folder) / images[0].path))
    again = run("charts", "--timeframes", "1h,15m", "--symbols", "WALK", "--types", "candlestick,renko")
    assert again.exit_code == 0
    plain = rows(desk, DatasetBuild)[1]
    bare = np.array(Image.open(Path(plain.folder) / images[0].path))
    assert drawn.shape != bare.shape or (drawn != bare).any(), "annotations are drawn when asked for, and only then"


def test_going_on_changes_nothing_and_repairs_what_is_gone(desk: Engine, tmp_path: Path):
    out = tmp_path / "out"
    built(out)
    before = content(out)
    done = run("dataset", *DAILY, "--out", out)
    assert (done.exit_code, done.output.startswith("0 images drawn")) == (0, True)
    assert content(out) == before
    pictures = sorted(out.rglob("*.png"))
    pictures[0].unlink()
    pictures[1].write_bytes(b"no picture")
    done = run("dataset", *DAILY, "--out", out)
    assert done.output.startswith("2 images drawn")
    assert content(out) == before
    assert len(rows(desk, DatasetBuild)) == 1


@pytest.mark.parametrize("command", ["charts", "dataset"])
def test_a_finished_build_is_never_silently_stale(desk: Engine, tmp_path: Path, command: str):
    ordered = (command, "--timeframes", "1h", "--symbols", "WALK", "--window", "60", "--out")
    assert run(*ordered, tmp_path / "out").exit_code == 0
    before = content(tmp_path / "out")
    done = run(*ordered, tmp_path / "a" / ".." / "out")
    assert (done.exit_code, done.output.startswith("0 images drawn, complete in")) == (0, True)
    assert f"{tmp_path / 'out'}\n" in done.output
    with writer(desk) as session:
        walk = session.exec(select(Symbol).where(Symbol.name == "WALK")).one()
        add_bars(session, walk, random_bars(7, 505, timeframe=Timeframe.H1)[500:])
    done = run(*ordered, tmp_path / "out")
    assert done.exit_code == 2, done.output
    assert "end at 1970-01-21 20:00 while WALK has H1 bars to 1970-01-22 01:00 UTC: name another --out" in done.output
    assert content(tmp_path / "out") == before
    done = run(*ordered, tmp_path / "new")
    assert (done.exit_code, done.output.startswith("0 ")) == (0, False)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--symbols", "NOBODY", "--timeframes", "1d"), 2, "There is no symbol 'NOBODY'"),
        (("--symbols", "AAPL", "--timeframes", "1h"), 2, "AAPL has no H1 bars"),
        (("--symbols", "AAPL", "--timeframes", "7h"), 2, "'7h' is no timeframe"),
        (("--symbols", "AAPL", "--timeframes", ","), 2, "at least one timeframe"),
        (("--symbols", "AAPL", "--timeframes", "1d", "--stride", "0"), 2, "The stride of 0"),
        (("--symbols", "AAPL", "--timeframes", "1d", "--window", "601"), 2, "fewer than a window of 601"),
        (("--symbols", "AAPL", "--timeframes", "1d", "--size", "big"), 2, "'big' is no size"),
        (("--symbols", "AAPL", "--timeframes", "1d", "--types", "kagi"), 2, "'kagi' is no chart type"),
        (("--symbols", "AAPL", "--timeframes", "1d", "--out", "{file}"), 2, "is a file"),
        (("--symbols", "AAPL", "--timeframes", "1d", "--out", ""), 2, "--out names no folder"),
        (("--symbols", "AAPL", "--timeframes", "1d", "--out", "{full}"), 2, "holds something else"),
        (("--symbols", "AAPL", "--timeframes", "1d", "--out", "{file}/deeper"), 1, "cannot be written"),
    ],
)
def test_bad_input_is_one_sentence(desk: Engine, tmp_path: Path, arguments: tuple[str, ...], code: int, words: str):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    places = {"{file}": str(tmp_path / "file"), "{full}": str(tmp_path / "full")}
    given = []
    for argument in arguments:
        for name, place in places.items():
            argument = argument.replace(name, place)  # noqa: PLW2901
        given.append(argument)
    done = run("dataset", *([] if "--out" in given else ["--out", tmp_path / "out"]), *given)
    assert (done.exit_code, words in done.output) == (code, True), done.output
    assert "Traceback" not in done.output
    assert (tmp_path / "full" / "mine.txt").read_text() == "mine"
    assert not list(tmp_path.rglob("*.png"))
    assert not (tmp_path / "out" / "manifest.json").exists()
    assert rows(desk, DatasetBuild) == []


def test_a_folder_of_another_data_set_is_left_alone(desk: Engine, tmp_path: Path):
    built(tmp_path / "out")
    before = content(tmp_path / "out")
    done = run("dataset", *DAILY, "--stride", "30", "--out", tmp_path / "out")
    assert (done.exit_code, "holds something else" in done.output) == (2, True)
    assert content(tmp_path / "out") == before


def test_a_second_process_in_the_same_folder_is_turned_away(desk: Engine, tmp_path: Path):
    with alone(tmp_path / "out"):
        done = run("dataset", *DAILY, "--out", tmp_path / "out")
    assert (done.exit_code, "Another process is working in" in done.output) == (1, True)
    built(tmp_path / "out")


def test_a_name_cannot_lead_out_of_the_folder(desk: Engine, tmp_path: Path):
    from tests.real_bars import sample_bars

    with writer(desk) as session:
        for name in ("../../evil/X", "EUR/USD", "EUR-USD"):
            add_bars(session, make_symbol(session, name), sample_bars("AAPL"))
    out = tmp_path / "a" / "b" / "out"
    done = run(
        "dataset", "--timeframes", "1d", "--symbols", "../../evil/X,EUR/USD,EUR-USD", "--days-back", "200",
        "--window", "60", "--out", out,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    images = rows(desk, ChartImage)
    assert len({image.path for image in images}) == len(images) > 10
    outside = [path for path in tmp_path.rglob("*.png") if not path.is_relative_to(out)]
    assert outside == []


def test_a_full_disk_is_one_sentence_and_leaves_nothing_half_written(desk: Engine, home: Path, tmp_path: Path):
    # The data base has to be writable: only the images, each larger than the limit, have no room.
    code = "import resource; import workers.dataset.files as f; from workers.cli import main\n"
    code += "opened = f.writing\n"
    code += (
        "from contextlib import contextmanager\n"
        "@contextmanager\n"
        "def limited(path):\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (6000, resource.RLIM_INFINITY))\n"
        "    try:\n"
        "        with opened(path) as file: yield file\n"
        "    finally: resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n"
        "f.writing = limited\n"
        "main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "dataset", *DAILY, "--out", str(tmp_path / "out")],
        env=environment(desk, home),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1, done.stderr
    assert "cannot be written (File too large): make room" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in (tmp_path / "out").rglob("*") if path.suffix in {".png", ".part"}] == []
    with reader(desk) as session:
        assert session.exec(select(ChartImage)).first() is None
    assert rows(desk, DatasetBuild)[0].status == "failed"
