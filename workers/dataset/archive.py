"""A data set as one zip: the same files give the same bytes."""

from __future__ import annotations

import re
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import DatasetError
from workers.dataset.files import PART, STATE, digest, inside, writing

FOLDER: Final = "archives"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Archive:
    """A finished zip: its path below the data sets' folder, SHA-256 and size in bytes."""

    path: str
    sha256: str
    size: int


def pack(folder: Path, datasets: Path, build_id: int, name: str) -> Archive:
    """Write `folder` as a zip into the archives below `datasets`; memory does not grow with it.

    Images are stored as they are, text is compressed.

    Raises:
        DatasetError: the data set is not there, or the disk is full.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file() and _belongs(path.relative_to(folder)))
    if not files:
        raise DatasetError(f"{folder} holds no data set any more.", folder)
    plain = re.sub(r"[^A-Za-z0-9-]+", "-", name).strip("-")[:60] or "dataset"
    target = inside(datasets, f"{FOLDER}/{plain}-{build_id}.zip")
    with writing(target) as file, zipfile.ZipFile(file, "w", allowZip64=True) as archive:
        for path in files:
            _add(archive, path, f"{plain}/{path.relative_to(folder).as_posix()}")
    return Archive(target.relative_to(datasets).as_posix(), digest(target) or "", target.stat().st_size)


def _belongs(path: Path) -> bool:
    return path.parts[0] != STATE and path.suffix != PART


def _add(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.external_attr = 0o644 << 16
    packed = path.suffix in {".png", ".parquet"}
    entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
    with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
        shutil.copyfileobj(source, target, _BLOCK)
