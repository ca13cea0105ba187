"""The life of an image data set: asked for, begun, image by image, done, failed, cancelled, taken up again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import CursorResult, Engine, update
from sqlmodel import Session, col, select

from core.dataset.recipe import Recipe
from core.errors import ConflictError, ParameterError
from db.engine import writer
from db.models import DatasetBuild, Symbol
from db.store.bars.series import last_close
from db.store.datasets import drop_images, get_build, insert_image
from db.store.revision import bump

OPEN: Final = ("queued", "running")
"""Builds that are being worked on, or wait for it."""


@dataclass(frozen=True)
class DrawnImage:
    """A finished file with its row, labels and entries, as `db.store.datasets.insert_image` takes them."""

    image: dict[str, Any]
    patterns: Sequence[dict[str, Any]]
    entries: Sequence[dict[str, Any]]


def ask_build(
    engine: Engine, recipe: Recipe, place: Path, now: datetime, *, name: str = "", queued: bool = False
) -> int:
    """Store an order for a data set; returns its id.

    A build for the workers (`queued`) gets a folder of its own below `place`; any other one is built in `place` itself.

    Raises:
        ParameterError: a symbol that does not exist, or has no bars of one of the timeframes.
    """
    with writer(engine) as session:
        check_sources(session, recipe)
        dated = recipe if recipe.until else replace(recipe, until=int(now.timestamp() * 1000))
        build = DatasetBuild(
            name=name or place.name,
            recipe=dated.to_json(),
            identity=recipe.identity(),
            folder=str(place),
            queued=queued,
            created_at=now,
        )
        session.add(build)
        session.flush()
        if queued:
            build.folder = str(place / f"{recipe.kind}-{build.id}")
            build.name = name or f"{recipe.kind}-{build.id}"
            session.add(build)
        bump(session)
        return build.id or 0


def check_sources(session: Session, recipe: Recipe) -> None:
    """Raises ParameterError for a symbol that does not exist, or has no bars of one of the timeframes."""
    for name in recipe.symbols:
        symbol = session.exec(select(Symbol).where(col(Symbol.name) == name)).first()
        if symbol is None or symbol.id is None:
            raise ParameterError(f"There is no symbol '{name}': import its bars first, or correct the name.", name)
        for timeframe in recipe.timeframes:
            if last_close(session, symbol.id, timeframe) is None:
                raise ParameterError(
                    f"{name} has no {timeframe.name} bars: choose another timeframe, or import finer bars.", name
                )


def begin_build(
    engine: Engine, build_id: int, total: int, notes: list[str], now: datetime, *, part: int | None = None
) -> bool:
    """Note that drawing begins or goes on, how many images there will be, and notes for people; whether it may.

    A piece of a queued build (`part`) may not when the build was cancelled, is over, or is at another piece.
    """
    with writer(engine) as session:
        build = get_build(session, build_id, lock=True)
        if part is not None and (build.status not in OPEN or build.part != part):
            return False
        changed = (build.status, build.total) != ("running", total)
        build.status, build.total, build.error, build.notes = "running", total, None, notes
        build.started_at = build.started_at or now
        session.add(build)
        if changed:
            bump(session)
        return True


def store_image(engine: Engine, build_id: int, drawn: DrawnImage) -> bool:
    """Store one image that has been written; False, and nothing stored, when the build is no longer running."""
    with writer(engine) as session:
        counting = (
            update(DatasetBuild)
            .where(col(DatasetBuild.id) == build_id, col(DatasetBuild.status) == "running")
            .values(done=col(DatasetBuild.done) + 1)
        )
        if not _changed(session, counting):
            return False
        insert_image(session, drawn.image, drawn.patterns, drawn.entries)
        return True


def forget_images(engine: Engine, build_id: int, numbers: Sequence[int]) -> None:
    """Drop images whose files are gone or not what they were."""
    with writer(engine) as session:
        drop_images(session, build_id, numbers)


def next_part(engine: Engine, build_id: int, part: int) -> int | None:
    """Close a piece of a queued build; the number of the next, None when somebody else goes on or nobody shall."""
    with writer(engine) as session:
        build = get_build(session, build_id, lock=True)
        if build.status != "running" or build.part != part:
            return None
        build.part += 1
        session.add(build)
        bump(session)
        return build.part


def finish_build(engine: Engine, build_id: int, manifest_sha256: str, now: datetime) -> None:
    """All images that can be drawn, and the label files, are written."""
    with writer(engine) as session:
        build = get_build(session, build_id, lock=True)
        build.total = build.done
        build.status, build.error, build.finished_at = "done", None, now
        build.manifest_sha256, build.labels_at = manifest_sha256, now
        session.add(build)
        bump(session)


def fail_build(engine: Engine, build_id: int, reason: str, now: datetime) -> None:
    """It cannot go on; what has been drawn stays, and it can be taken up again."""
    _end(engine, build_id, "failed", reason, now)


def cancel_build(engine: Engine, build_id: int, now: datetime) -> None:
    """Stop after the image in hand; what has been drawn stays. Cancelling twice changes nothing.

    Raises:
        ConflictError: it is over already.
    """
    _end(engine, build_id, "cancelled", None, now)


def resume_build(engine: Engine, build_id: int, now: datetime) -> int:
    """Take a stopped build up again; returns the number of the piece to ask for.

    Raises:
        ConflictError: it is done.
    """
    with writer(engine) as session:
        build = get_build(session, build_id, lock=True)
        if build.status == "done":
            raise ConflictError("This data set is complete.", build_id)
        build.status, build.error, build.finished_at = "queued", None, None
        build.queued = True
        build.part += 1
        session.add(build)
        bump(session)
        return build.part


def labels_written(engine: Engine, build_id: int, manifest_sha256: str, now: datetime) -> None:
    """The label files say what the reviews say now."""
    with writer(engine) as session:
        build = get_build(session, build_id, lock=True)
        build.manifest_sha256, build.labels_at = manifest_sha256, now
        session.add(build)
        bump(session)


def archive_written(engine: Engine, build_id: int, path: str, sha256: str, size: int, now: datetime) -> None:
    """The zip of a build lies at `path` below the data sets' folder."""
    with writer(engine) as session:
        build = get_build(session, build_id, lock=True)
        build.archive, build.archive_sha256, build.archive_size, build.archived_at = path, sha256, size, now
        session.add(build)
        bump(session)


def _end(engine: Engine, build_id: int, status: str, reason: str | None, now: datetime) -> None:
    with writer(engine) as session:
        build = get_build(session, build_id, lock=True)
        if build.status == "done" and status == "cancelled":
            raise ConflictError("This data set is complete already.", build_id)
        if build.status in OPEN:
            build.status, build.error, build.finished_at = status, reason, now
            session.add(build)
            bump(session)


def _changed(session: Session, statement: Any) -> bool:
    result = session.execute(statement)
    return isinstance(result, CursorResult) and result.rowcount == 1
