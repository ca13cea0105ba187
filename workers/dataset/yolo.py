"""YOLO: a text file beside each image, and `data.yaml`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from core.dataset.formats import WrittenImage, yolo_index, yolo_lines
from core.dataset.recipe import Recipe
from core.dataset.split import SPLITS
from workers.dataset.files import inside, write, writing

ENTRIES = "entries.jsonl"


class Read(Protocol):
    """Reads the images of a build again and again (`labels.Images`)."""

    def of(self, split: str | None = None) -> Iterator[WrittenImage]: ...


def write_yolo(images: Read, folder: Path, recipe: Recipe) -> list[str]:
    """Write `labels/SPLIT/NAME.txt`, `data.yaml`, and `entries.jsonl` with what YOLO has no place for; their names."""
    made: list[str] = []
    splits: set[str] = set()
    with writing(inside(folder, ENTRIES)) as entries:
        for image in images.of():
            name = image.path.replace("images/", "labels/", 1).removesuffix(".png") + ".txt"
            write(inside(folder, name), yolo_lines(image).encode())
            made.append(name)
            splits.add(image.split)
            line = {"image": image.path, "close": image.current_price, "entry_points": list(image.entries)}
            entries.write(json.dumps(line).encode() + b"\n")
    for split in SPLITS:
        # A trainer asks for every folder that data.yaml names, also for one that nothing fell into.
        inside(folder, f"images/{split}").mkdir(parents=True, exist_ok=True)
    index = yolo_index(f"{recipe.window} bars, every {recipe.stride}", sorted(splits))
    write(inside(folder, "data.yaml"), index.encode())
    return ["data.yaml", ENTRIES, *made]
