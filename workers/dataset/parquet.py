"""Parquet: one table a split, with the image's bytes, its labels and entries in nested columns."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from core.dataset.classes import NUMBER_OF
from core.dataset.formats import WrittenImage
from core.dataset.recipe import Recipe
from core.dataset.split import SPLITS
from workers.dataset.files import inside, writing
from workers.dataset.yolo import Read

ROWS: Final = 200
"""Images of a row group: what is in memory at once."""

_LABEL = pa.struct(
    [
        ("class", pa.int16()),
        ("kind", pa.string()),
        ("direction", pa.int8()),
        ("score", pa.float64()),
        ("status", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("known_at", pa.int64()),
        ("price_low", pa.float64()),
        ("price_high", pa.float64()),
        ("x0", pa.float64()),
        ("y0", pa.float64()),
        ("x1", pa.float64()),
        ("y1", pa.float64()),
        ("verdict", pa.string()),
    ]
)
_NUMBERS = ("entry", "stop", "target", "reward_risk", "confidence", "x", "y_entry", "y_stop", "y_target")
_ENTRY = pa.struct(
    [
        *((name, pa.string()) for name in ("kind", "entry_type", "band", "market_structure")),
        ("direction", pa.int8()),
        ("time", pa.int64()),
        *((name, pa.float64()) for name in _NUMBERS),
        ("context", pa.list_(pa.struct([("timeframe", pa.string()), ("trend", pa.string())]))),
    ]
)
_PLAIN = (
    ("number", pa.int32()), ("path", pa.string()), ("sha256", pa.string()), ("symbol", pa.string()),
    ("timeframe", pa.string()), ("chart_type", pa.string()), ("start", pa.int64()), ("end", pa.int64()),
    ("candles", pa.int32()), ("price_low", pa.float64()), ("price_high", pa.float64()),
    ("current_price", pa.float64()), ("width", pa.int32()), ("height", pa.int32()),
)  # fmt: skip
SCHEMA: Final = pa.schema(
    [*_PLAIN, ("image", pa.binary()), ("labels", pa.list_(_LABEL)), ("entry_points", pa.list_(_ENTRY))]
)


def write_parquet(images: Read, folder: Path, recipe: Recipe) -> list[str]:
    """Write `SPLIT.parquet`; their names. Boxes are shares of the image, 0..1 from the upper left corner."""
    made = []
    for split in SPLITS:
        name = f"{split}.parquet"
        with writing(inside(folder, name)) as file, pq.ParquetWriter(file, SCHEMA, compression="zstd") as writer:
            for some in _pieces(images.of(split)):
                writer.write_table(pa.Table.from_pylist([_row(folder, image) for image in some], SCHEMA))
        made.append(name)
    return made


def _pieces(images: Iterator[WrittenImage]) -> Iterator[list[WrittenImage]]:
    while some := list(islice(images, ROWS)):
        yield some


def _row(folder: Path, image: WrittenImage) -> dict[str, Any]:
    plain = {name: getattr(image, name) for name, _ in _PLAIN}
    labels = [
        {name: getattr(one, name) for name in ("kind", "direction", "score", "status", "start", "end", "known_at")}
        | {"class": NUMBER_OF[one.kind], "price_low": one.price_low, "price_high": one.price_high}
        | dict(zip(("x0", "y0", "x1", "y1"), one.box, strict=True))
        | {"verdict": one.verdict}
        for one in image.labels
    ]
    entries = [one | {"context": _context(one["context"])} for one in image.entries]
    png = inside(folder, image.path).read_bytes()
    return plain | {"image": png, "labels": labels, "entry_points": entries}


def _context(found: dict[str, str]) -> list[dict[str, str]]:
    return [{"timeframe": timeframe, "trend": trend} for timeframe, trend in found.items()]
