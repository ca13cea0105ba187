"""Rows of image data sets: builds, their images, and labels as they stand after the review."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlmodel import Session, col

from core.dataset.formats import WrittenImage, WrittenLabel
from core.errors import DatasetError, NotFoundError
from core.timeframe import Timeframe
from db.models import ChartImage, ChartPattern, DatasetBuild, EntryPoint, Symbol

_AT_ONCE = 100
_ENTRY = (
    "kind", "entry_type", "direction", "time", "entry", "stop", "target", "reward_risk", "confidence", "band",
    "market_structure", "context", "x", "y_entry", "y_stop", "y_target",
)  # fmt: skip


def get_build(session: Session, build_id: int, *, lock: bool = False) -> DatasetBuild:
    """A build as it is now.

    Raises:
        NotFoundError: there is none.
    """
    build = session.get(DatasetBuild, build_id, populate_existing=True, with_for_update=lock or None)
    if build is None:
        raise NotFoundError(f"There is no data set {build_id}: choose one from the list.", build_id)
    return build


def build_in(session: Session, folder: str) -> DatasetBuild | None:
    """The newest build in a folder."""
    query = select(DatasetBuild).where(col(DatasetBuild.folder) == folder).order_by(col(DatasetBuild.id).desc())
    return session.scalars(query.limit(1)).first()


def unfinished(session: Session, identity: str) -> DatasetBuild | None:
    """The newest build from the command line with this recipe that is not done."""
    query = (
        select(DatasetBuild)
        .where(col(DatasetBuild.identity) == identity, ~col(DatasetBuild.queued))
        .order_by(col(DatasetBuild.id).desc())
    )
    found = session.scalars(query.limit(1)).first()
    return found if found is not None and found.status != "done" else None


def drawn(session: Session, build_id: int) -> dict[int, tuple[str, str]]:
    """Path and SHA-256 of every image of a build that has been drawn, by its number."""
    query = select(col(ChartImage.number), col(ChartImage.path), col(ChartImage.sha256))
    rows = session.execute(query.where(col(ChartImage.build_id) == build_id))
    return {number: (path, sha256) for number, path, sha256 in rows}


def insert_image(
    session: Session, image: dict[str, Any], patterns: Sequence[dict[str, Any]], entries: Sequence[dict[str, Any]]
) -> int:
    """One image with its labels and entries; returns its id."""
    # Past the ORM: a build stores some hundred images a second.
    connection = session.connection()
    made = connection.execute(insert(ChartImage).returning(col(ChartImage.id)), image).scalar_one()
    for table, rows in ((ChartPattern, patterns), (EntryPoint, entries)):
        if rows:
            connection.execute(insert(table), [row | {"image_id": made} for row in rows])
    return int(made or 0)


def drop_images(session: Session, build_id: int, numbers: Sequence[int]) -> None:
    """Forget images with their labels, so that they are drawn again."""
    for part in range(0, len(numbers), _AT_ONCE):
        some = list(numbers[part : part + _AT_ONCE])
        ours = select(col(ChartImage.id)).where(col(ChartImage.build_id) == build_id, col(ChartImage.number).in_(some))
        for table in (EntryPoint, ChartPattern):
            session.execute(delete(table).where(col(table.image_id).in_(ours)))
        session.execute(delete(ChartImage).where(col(ChartImage.id).in_(ours)))
    counted = select(func.count()).select_from(ChartImage).where(col(ChartImage.build_id) == build_id)
    session.execute(update(DatasetBuild).where(col(DatasetBuild.id) == build_id).values(done=counted.scalar_subquery()))


def written_images(session: Session, build_id: int, split: str | None = None) -> Iterator[WrittenImage]:
    """Every image of a build, or of one split, by number: with the labels that count after the review.

    Read in pieces, so that a large build needs no more memory than a small one.
    """
    last = -1
    while True:
        query = (
            select(ChartImage, col(Symbol.name))
            .join(Symbol, col(ChartImage.symbol_id) == col(Symbol.id))
            .where(col(ChartImage.build_id) == build_id, col(ChartImage.number) > last)
        )
        if split is not None:
            query = query.where(col(ChartImage.split) == split)
        rows = session.execute(query.order_by(col(ChartImage.number)).limit(_AT_ONCE)).all()
        if not rows:
            return
        yield from _written(session, [(image, name) for image, name in rows])
        last = rows[-1][0].number
        session.expunge_all()


def judged_class(pattern: ChartPattern) -> str:
    """The kind that counts: the person's, else the detector's."""
    return pattern.label or pattern.kind


def judged_box(pattern: ChartPattern) -> tuple[float, float, float, float]:
    """The box that counts: the person's, else the pattern's own."""
    if pattern.box:
        x0, y0, x1, y1 = pattern.box
        return x0, y0, x1, y1
    return pattern.x0, pattern.y0, pattern.x1, pattern.y1


def file_in(folder: Path, name: str) -> Path:
    """The file `name` of a data set, or of the folder of archives.

    Raises:
        DatasetError: the name leads out of the folder, by itself or by a link.
    """
    path = (folder / name).resolve()
    if not name or path == folder.resolve() or not path.is_relative_to(folder.resolve()):
        raise DatasetError(f"'{name}' lies outside {folder}.", name)
    return path


def _written(session: Session, rows: Sequence[tuple[ChartImage, str]]) -> Iterator[WrittenImage]:
    ids = [image.id for image, _ in rows]
    patterns = _grouped(session, ChartPattern, ids)
    entries = _grouped(session, EntryPoint, ids)
    for image, name in rows:
        kept = [one for one in patterns.get(image.id, []) if one.verdict != "rejected"]
        places = {one.place for one in kept}
        offered = [one for one in entries.get(image.id, []) if one.place in places]
        yield _image(image, name, [_label(one) for one in kept], [_entry(one) for one in offered])


def _grouped(session: Session, table: Any, ids: Sequence[int | None]) -> dict[int | None, list[Any]]:
    found: dict[int | None, list[Any]] = {}
    for row in session.scalars(select(table).where(table.image_id.in_(ids)).order_by(table.image_id, table.place)):
        found.setdefault(row.image_id, []).append(row)
    return found


def _label(one: ChartPattern) -> WrittenLabel:
    return WrittenLabel(
        kind=judged_class(one),
        direction=one.direction,
        score=one.score,
        status=one.status,
        start=one.start,
        end=one.end,
        known_at=one.known_at,
        price_low=one.price_low,
        price_high=one.price_high,
        box=judged_box(one),
        verdict=one.verdict,
    )


def _entry(one: EntryPoint) -> dict[str, Any]:
    return {name: getattr(one, name) for name in _ENTRY}


def _image(
    image: ChartImage, symbol: str, labels: Sequence[WrittenLabel], entries: Sequence[dict[str, Any]]
) -> WrittenImage:
    return WrittenImage(
        number=image.number,
        path=image.path,
        sha256=image.sha256,
        split=image.split,
        symbol=symbol,
        timeframe=Timeframe(image.timeframe).name,
        chart_type=image.chart_type,
        start=image.start,
        end=image.end,
        candles=image.candles,
        price_low=image.price_low,
        price_high=image.price_high,
        current_price=image.current_price,
        width=image.width,
        height=image.height,
        training=image.training,
        validated=image.validated,
        labels=labels,
        entries=entries,
    )
