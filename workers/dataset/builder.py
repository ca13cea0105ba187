"""Building: draw what is missing, image by image, then write labels and manifest.

The order makes a killed process harmless: an image file is complete before its row exists, and a row exists before the
next image is begun. Going on means to compare the plan with the rows, and the rows with the files.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from core.dataset.recipe import Recipe
from db.actions.dataset import begin_build, finish_build, forget_images, store_image
from db.engine import reader
from db.store.datasets import drawn, get_build
from workers.dataset.draw import Artist
from workers.dataset.files import alone, digest, inside, make_folder, sweep, write
from workers.dataset.labels import write_labels
from workers.dataset.plan import Plan, planned

PIECE: Final = 200
"""Images of one job: other work of the queue waits no longer than that."""
PIECE_SECONDS: Final = 60.0

Progress = Callable[[int, int], None]
"""Called with the number of finished images and of all."""


@dataclass(frozen=True)
class Work:
    """A build as the one who does it needs it."""

    build_id: int
    folder: Path
    recipe: Recipe


@dataclass(frozen=True)
class Outcome:
    """What came of a call: `complete` says that nothing is left to do, `stopped` that somebody cancelled it."""

    plan: Plan
    made: int
    complete: bool
    stopped: bool = False


def now() -> datetime:
    """The wall clock, aware UTC."""
    return datetime.now(UTC)


def open_work(engine: Engine, build_id: int) -> Work:
    """Read a build. Raises NotFoundError when there is none."""
    with reader(engine) as session:
        build = get_build(session, build_id)
        return Work(build_id, Path(build.folder), Recipe.from_json(build.recipe))


def build_all(engine: Engine, work: Work, progress: Progress) -> Outcome:
    """Draw and write everything that is missing, in this process.

    Raises:
        ChartroomError: no bars, changed bars, a full disk, or another process in the same folder.
    """
    make_folder(work.folder)
    with alone(work.folder):
        plan = _prepare(engine, work)
        begin_build(engine, work.build_id, plan.total, plan.notes, now())
        _audit(engine, work)
        made, stopped = _draw(engine, work, plan, None, progress)
        if stopped:
            return Outcome(plan, made, complete=False, stopped=True)
        _finish(engine, work, plan)
        return Outcome(plan, made, complete=True)


def build_piece(engine: Engine, work: Work, part: int, patience: float) -> Outcome | None:
    """Draw one piece of a queued build; None when this piece is no longer wanted.

    Raises:
        ChartroomError: as `build_all` does; ConflictError when another process keeps the folder for too long.
    """
    make_folder(work.folder)
    with alone(work.folder, patience):
        plan = _prepare(engine, work)
        if not begin_build(engine, work.build_id, plan.total, plan.notes, now(), part=part):
            return None
        if part == 0:
            _audit(engine, work)
        made, stopped = _draw(engine, work, plan, time.monotonic() + PIECE_SECONDS, lambda done, total: None)
        if stopped:
            return Outcome(plan, made, complete=False, stopped=True)
        with reader(engine) as session:
            left = plan.total - len(drawn(session, work.build_id))
        if made and left:
            return Outcome(plan, made, complete=False)
        # Nothing was left to draw, so what is missing cannot be drawn: a window without a single brick.
        if _audit(engine, work):
            return Outcome(plan, made, complete=False)
        _finish(engine, work, plan)
        return Outcome(plan, made, complete=True)


def rewrite_labels(engine: Engine, work: Work, patience: float) -> str:
    """Write the label files of a complete build again, as the reviews say; the manifest's SHA-256."""
    with alone(work.folder, patience):
        plan = planned(engine, work.recipe, work.folder)
        return write_labels(engine, work.build_id, work.folder, plan)


def _prepare(engine: Engine, work: Work) -> Plan:
    sweep(work.folder)
    return planned(engine, work.recipe, work.folder)


def _draw(engine: Engine, work: Work, plan: Plan, until: float | None, progress: Progress) -> tuple[int, bool]:
    """Draw what is missing, up to a piece of it when there is a moment to stop at.

    Returns how many were drawn, and whether the build was cancelled meanwhile.
    """
    with reader(engine) as session:
        there = set(drawn(session, work.build_id))
    artist = Artist(engine, work.build_id, work.recipe, plan)
    made = 0
    progress(len(there), plan.total)
    for item in plan.items():
        if item.number in there:
            continue
        if until is not None and (made >= PIECE or time.monotonic() > until):
            break
        picture = artist.draw(item, now())
        if picture is None:
            continue
        write(inside(work.folder, picture.path), picture.png)
        if not store_image(engine, work.build_id, picture.drawn):
            return made, True
        made += 1
        progress(len(there) + made, plan.total)
    return made, False


def _audit(engine: Engine, work: Work) -> int:
    """Forget images whose file is missing or is not what was written; how many."""
    with reader(engine) as session:
        rows = drawn(session, work.build_id)
    bad = [number for number, (path, sha256) in rows.items() if digest(inside(work.folder, path)) != sha256]
    if bad:
        forget_images(engine, work.build_id, bad)
    return len(bad)


def _finish(engine: Engine, work: Work, plan: Plan) -> None:
    manifest = write_labels(engine, work.build_id, work.folder, plan)
    finish_build(engine, work.build_id, manifest, now())
