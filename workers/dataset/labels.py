"""The label files of a build, and the manifest of everything in it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine

from core.dataset.classes import CLASSES
from core.dataset.formats import WrittenImage
from core.dataset.recipe import Recipe
from core.dataset.split import SPLITS
from db.engine import reader
from db.store.datasets import written_images
from workers.dataset.coco import write_coco
from workers.dataset.files import digest, inside, writing
from workers.dataset.parquet import write_parquet
from workers.dataset.plan import Plan
from workers.dataset.yolo import write_yolo

MANIFEST: Final = "manifest.json"
_WRITERS: Final = {"yolo": write_yolo, "coco": write_coco, "parquet": write_parquet}


class Images:
    """The images of a build, read as often as a format needs them."""

    def __init__(self, engine: Engine, build_id: int) -> None:
        self._engine, self._build_id = engine, build_id

    def of(self, split: str | None = None) -> Iterator[WrittenImage]:
        """All, or those of a split, by number."""
        with reader(self._engine) as session:
            yield from written_images(session, self._build_id, split)


def write_labels(engine: Engine, build_id: int, folder: Path, plan: Plan) -> str:
    """Write label files and manifest from the rows; returns the manifest's SHA-256.

    The manifest is written last: a data set that has one is complete. The same rows give the same bytes.

    Raises:
        DatasetError: the disk is full or the folder cannot be written.
    """
    recipe = Recipe.from_json(plan.recipe)
    inside(folder, MANIFEST).unlink(missing_ok=True)
    images = Images(engine, build_id)
    made: list[str] = []
    if recipe.kind == "dataset":
        made = _WRITERS[recipe.format](images, folder, recipe)
    return _write_manifest(images, folder, plan, made)


def _write_manifest(images: Images, folder: Path, plan: Plan, made: Sequence[str]) -> str:
    """Write it piece by piece: it names every file."""
    head = {
        "format": "chartroom-images 1",
        "code": plan.code,
        # The moment it was asked for is no part of it: the sources say which bars it knew.
        "recipe": {name: value for name, value in plan.recipe.items() if name != "until"},
        "classes": list(CLASSES),
        "counts": _counts(images),
        "sources": plan.sources,
        "boundaries": plan.boundaries,
        "left_out": plan.left_out,
        "notes": plan.notes,
    }
    path = inside(folder, MANIFEST)
    with writing(path) as file:
        text = json.dumps(head, indent=1)
        file.write(text[: text.rindex("\n}")].encode())
        file.write(b',\n "files": {')
        lead = "\n  "
        for name, sha256 in _hashes(images, folder, made):
            file.write(f"{lead}{json.dumps(name)}: {json.dumps(sha256)}".encode())
            lead = ",\n  "
        file.write(b"\n }\n}\n")
    return digest(path) or ""


def _hashes(images: Images, folder: Path, made: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name in made:
        yield name, digest(inside(folder, name)) or ""
    for image in images.of():
        yield image.path, image.sha256


def _counts(images: Images) -> dict[str, Any]:
    """Images by split, labels by split and class, and by what people said of them."""
    by_split: Counter[str] = Counter()
    by_class: dict[str, Counter[str]] = {}
    verdicts: Counter[str] = Counter()
    for image in images.of():
        by_split[image.split or "all"] += 1
        ours = by_class.setdefault(image.split or "all", Counter())
        for label in image.labels:
            ours[label.kind] += 1
            verdicts[label.verdict or "unreviewed"] += 1
    order = [*SPLITS, "all"]
    return {
        "images": {split: by_split[split] for split in order if split in by_split},
        "labels": {
            split: {kind: by_class[split][kind] for kind in CLASSES if by_class[split][kind]}
            for split in order
            if split in by_class
        },
        "verdicts": dict(sorted(verdicts.items())),
    }
