"""Files of a data set as the page reads them: never one outside its folder."""

from __future__ import annotations

import os
from pathlib import Path

from core.errors import DatasetError
from core.settings import Settings
from db.models import DatasetBuild
from db.store.datasets import file_in


def datasets() -> Path:
    """The folder of the desk's data sets."""
    return Settings.from_mapping(os.environ).datasets


def image_bytes(build: DatasetBuild, name: str) -> bytes | None:
    """The PNG; None when it is gone."""
    try:
        return file_in(Path(build.folder), name).read_bytes()
    except (OSError, DatasetError):
        return None


def archive_of(build: DatasetBuild) -> Path | None:
    """The zip of a data set; None when there is none (any more)."""
    if not build.archive:
        return None
    try:
        path = file_in(datasets(), build.archive)
    except DatasetError:
        return None
    return path if path.is_file() else None
