"""Building: draw what is missing, image by image, then write labels and manifest.

The order makes a killed process harmless: an image file is complete before its row exists, and a row exists before the
next image is begun. Going on means to compare the plan with the rows, and the rows with the files.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from core.dataset.recipe import Recipe
from core.errors import ChartroomError
from db.actions.dataset import begin_build, cancel_build, fail_build, finish_build, forget_images, store_image
from db.engine import reader
from db.store.datasets import drawn, get_build
from workers.dataset.draw import Artist
from workers.dataset.files import alone, digest, inside, make_folder, sweep, write
from workers.dataset.labels import write_labels
from workers.dataset.plan import Plan, kept_plan, planned

PIECE: Final = 200
"""Images of one job: other work of the queue waits no longer than that."""
PIECE_SECONDS: Final = 60.0

Progress = Callable[[int, int], None]
"""Called with the number of finished images and of all."""

Stop = Callable[[int], bool]
"""Whether to stop here, given the number of images drawn so far."""


class End(Enum):
    """Why drawing ended: nothing was left, it was told to stop, or the build was cancelled."""

    REACHED = 0
    STOPPED = 1
    CANCELLED = 2


@dataclass(frozen=True)
class Work:
    """A build as the one who does it needs it."""

    build_id: int
    folder: Path
    recipe: Recipe


@dataclass(frozen=True)
class Outcome:
    """What came of a call: the plan, the number of images drawn, and why it ended."""

    plan: Plan
    made: int
    end: End

    @property
    def complete(self) -> bool:
        """Whether nothing is left to do."""
        return self.end is End.REACHED


def now() -> datetime:
    """The wall clock, aware UTC."""
    return datetime.now(UTC)


def open_work(engine: Engine, build_id: int) -> Work:
    """Read a build. Raises NotFoundError when there is none."""
    with reader(engine) as session:
        build = get_build(session, build_id)
        return Work(build_id, Path(build.folder), Recipe.from_json(build.recipe))


def build_all(engine: Engine, work: Work, progress: Progress, stop: Stop = lambda made: False) -> Outcome:
    """Draw and write everything that is missing, in this process. A build that ends early says so in its row.

    `stop` is asked before every image: once it says so, the build counts as cancelled.

    Raises:
        ChartroomError: no bars, changed bars, a full disk, or another process in the same folder.
        KeyboardInterrupt: as it came.
    """
    make_folder(work.folder)
    with alone(work.folder):
        try:
            return _whole(engine, work, progress, stop)
        except ChartroomError as error:
            fail_build(engine, work.build_id, error.message, now())
            raise
        except KeyboardInterrupt:
            cancel_build(engine, work.build_id, now())
            raise


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
        made, end = _draw(engine, work, plan, lambda done, total: None, _after_a_piece())
        if end is End.REACHED and _audit(engine, work):
            end = End.STOPPED  # the next piece draws again what is gone
        if end is End.REACHED:
            _finish(engine, work, plan)
        return Outcome(plan, made, end)


def rewrite_labels(engine: Engine, work: Work, patience: float) -> str:
    """Write the label files of a complete build again, as the reviews say; the manifest's SHA-256."""
    with alone(work.folder, patience):
        return write_labels(engine, work.build_id, work.folder, kept_plan(work.folder))


def _whole(engine: Engine, work: Work, progress: Progress, stop: Stop) -> Outcome:
    plan = _prepare(engine, work)
    begin_build(engine, work.build_id, plan.total, plan.notes, now())
    _audit(engine, work)
    made, end = _draw(engine, work, plan, progress, stop)
    if end is End.STOPPED:
        cancel_build(engine, work.build_id, now())
    if end is End.REACHED:
        _finish(engine, work, plan)
    return Outcome(plan, made, end)


def _prepare(engine: Engine, work: Work) -> Plan:
    sweep(work.folder)
    return planned(engine, work.recipe, work.folder)


def _after_a_piece() -> Stop:
    """Says stop after as many images as a piece has, or when its time is over; never before the first."""
    until = time.monotonic() + PIECE_SECONDS
    return lambda made: made >= PIECE or (made > 0 and time.monotonic() > until)


def _draw(engine: Engine, work: Work, plan: Plan, progress: Progress, stop: Stop) -> tuple[int, End]:
    """Draw what is missing until `stop` says so, which is asked before every image; how many, and why it ended."""
    with reader(engine) as session:
        there = set(drawn(session, work.build_id))
    artist = Artist(engine, work.build_id, work.recipe, plan)
    made = 0
    progress(len(there), plan.total)
    for item in plan.items():
        if item.number in there:
            continue
        if stop(made):
            return made, End.STOPPED
        picture = artist.draw(item, now())
        if picture is None:
            continue
        write(inside(work.folder, picture.path), picture.png)
        if not store_image(engine, work.build_id, picture.drawn):
            return made, End.CANCELLED
        made += 1
        progress(len(there) + made, plan.total)
    return made, End.REACHED


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
