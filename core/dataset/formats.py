"""What the label files say: classes and boxes in the conventions of YOLO and COCO."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from core.dataset.classes import CLASSES, NUMBER_OF
from core.dataset.labels import Box

LEAST_PIXELS: Final = 4.0
"""A written box is at least this wide and high: a swing or a level is a line, which no detector can learn."""


@dataclass(frozen=True)
class WrittenLabel:
    """A label as it is written: after the review, with the class and box that count."""

    kind: str
    direction: int
    score: float
    status: str
    start: int
    end: int
    known_at: int
    price_low: float
    price_high: float
    box: Box
    verdict: str


@dataclass(frozen=True)
class WrittenImage:
    """An image with everything that label files say about it. `path` is relative to the data set, with slashes."""

    number: int
    path: str
    sha256: str
    split: str
    symbol: str
    timeframe: str
    chart_type: str
    start: int
    end: int
    candles: int
    price_low: float
    price_high: float
    current_price: float
    width: int
    height: int
    training: bool
    validated: bool
    labels: Sequence[WrittenLabel] = field(default_factory=tuple)
    entries: Sequence[dict[str, Any]] = field(default_factory=tuple)


def pixels(box: Box, width: int, height: int) -> Box:
    """A box as (x, y, width, height) in pixels: widened to `LEAST_PIXELS` about its middle, within the image."""
    left, across = _widened(box[0] * width, box[2] * width, width)
    top, down = _widened(box[1] * height, box[3] * height, height)
    return left, top, across, down


def yolo_lines(image: WrittenImage) -> str:
    """One line a label: class number, middle and size of the box as shares of the image."""
    lines = []
    for label in image.labels:
        x, y, width, height = pixels(label.box, image.width, image.height)
        shares = (
            (x + width / 2) / image.width,
            (y + height / 2) / image.height,
            width / image.width,
            height / image.height,
        )
        lines.append(f"{NUMBER_OF[label.kind]} " + " ".join(f"{share:.6f}" for share in shares))
    return "".join(f"{line}\n" for line in lines)


def yolo_index(name: str, splits: Sequence[str]) -> str:
    """The text of `data.yaml`. Names are lower-case letters, digits and underscores: YAML needs no quotes for them."""
    folders = {"train": "train", "val": "validation", "test": "test"}
    lines = [f"# {name}", *(f"{key}: images/{part}" for key, part in folders.items() if part in splits)]
    lines += [f"nc: {len(CLASSES)}", "names:", *(f"  {number}: {kind}" for number, kind in enumerate(CLASSES))]
    return "\n".join(lines) + "\n"


def coco_categories() -> list[dict[str, Any]]:
    """Category 1 is class 0: COCO counts from one."""
    return [{"id": number + 1, "name": kind, "supercategory": "pattern"} for number, kind in enumerate(CLASSES)]


def coco_image(image: WrittenImage) -> dict[str, Any]:
    """An entry of `images`; what COCO does not know stands under keys of its own."""
    return {
        "id": image.number + 1,
        "file_name": image.path,
        "width": image.width,
        "height": image.height,
        "symbol": image.symbol,
        "timeframe": image.timeframe,
        "chart_type": image.chart_type,
        "start": image.start,
        "end": image.end,
        "price_low": image.price_low,
        "price_high": image.price_high,
        "validated": image.validated,
        "entry_points": list(image.entries),
    }


def coco_annotations(image: WrittenImage, first: int) -> list[dict[str, Any]]:
    """Entries of `annotations`, numbered from `first`."""
    found = []
    for place, label in enumerate(image.labels):
        x, y, width, height = (round(value, 3) for value in pixels(label.box, image.width, image.height))
        found.append(
            {
                "id": first + place,
                "image_id": image.number + 1,
                "category_id": NUMBER_OF[label.kind] + 1,
                "bbox": [x, y, width, height],
                "area": round(width * height, 3),
                "iscrowd": 0,
                "segmentation": [[x, y, x + width, y, x + width, y + height, x, y + height]],
                "score": label.score,
                "attributes": {"direction": label.direction, "status": label.status, "verdict": label.verdict},
            }
        )
    return found


def _widened(low: float, high: float, limit: int) -> tuple[float, float]:
    size = min(max(high - low, LEAST_PIXELS), float(limit))
    return min(max((low + high - size) / 2, 0.0), limit - size), size
