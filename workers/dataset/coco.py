"""COCO: one JSON file of instances a split."""

from __future__ import annotations

import json
from pathlib import Path
from typing import BinaryIO

from core.dataset.formats import coco_annotations, coco_categories, coco_image
from core.dataset.recipe import Recipe
from core.dataset.split import SPLITS
from workers.dataset.files import inside, writing
from workers.dataset.yolo import Read


def write_coco(images: Read, folder: Path, recipe: Recipe) -> list[str]:
    """Write `annotations/instances_SPLIT.json`; their names. Written piece by piece, read twice: memory stays small."""
    made = []
    for split in SPLITS:
        name = f"annotations/instances_{split}.json"
        with writing(inside(folder, name)) as file:
            _write(file, images, split, recipe)
        made.append(name)
    return made


def _write(file: BinaryIO, images: Read, split: str, recipe: Recipe) -> None:
    info = {"description": f"Chart patterns, {split}, {recipe.window} bars", "version": "1"}
    file.write(b'{"info": ' + json.dumps(info).encode() + b', "licenses": [],\n"images": [')
    for place, image in enumerate(images.of(split)):
        file.write((",\n" if place else "\n").encode() + json.dumps(coco_image(image)).encode())
    file.write(b'],\n"annotations": [')
    number = 1
    for image in images.of(split):
        for one in coco_annotations(image, number):
            file.write((",\n" if number > 1 else "\n").encode() + json.dumps(one).encode())
            number += 1
    file.write(b'],\n"categories": ' + json.dumps(coco_categories()).encode() + b"}\n")
