"""Image data sets: drawn piece by piece, labels written again, packed."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from core import jobs
from core.errors import ConflictError
from core.settings import Settings
from db.actions.dataset import archive_written, fail_build, labels_written, next_part
from db.engine import default_engine
from workers.dataset import archive, builder
from workers.queue import TRANSIENT, submit

PATIENCE = 90.0
"""Seconds that a process which was told to stop may need for the image in its hand."""


def build_piece(build_id: int, part: int) -> int:
    """Draw one piece and ask for the next; how many images it drew. Whatever cannot pass by itself ends the build."""
    engine = default_engine()
    try:
        outcome = builder.build_piece(engine, builder.open_work(engine, build_id), part, PATIENCE)
    except ConflictError as error:
        raise TimeoutError(error.message) from error  # whoever has the folder will be done: later again
    except TRANSIENT:
        raise
    except Exception as error:
        fail_build(engine, build_id, getattr(error, "message", f"{type(error).__name__}: {error}"), datetime.now(UTC))
        raise
    if outcome is None:
        return 0
    following = next_part(engine, build_id, part) if outcome.end is builder.End.STOPPED else None
    if following is not None:
        submit(jobs.dataset_piece(build_id, following))
    return outcome.made


def write_labels(build_id: int) -> None:
    """Write the label files of a complete build again."""
    engine = default_engine()
    work = builder.open_work(engine, build_id)
    manifest = builder.rewrite_labels(engine, work, PATIENCE)
    labels_written(engine, build_id, manifest, datetime.now(UTC))


def pack(build_id: int) -> str:
    """Write the labels as they stand, then the zip; its path below the data sets' folder."""
    write_labels(build_id)
    engine = default_engine()
    work = builder.open_work(engine, build_id)
    datasets = Settings.from_mapping(os.environ).datasets
    found = archive.pack(work.folder, datasets, build_id, work.folder.name)
    archive_written(engine, build_id, found.path, found.sha256, found.size, datetime.now(UTC))
    return found.path
