"""What the Dataset page shows: builds and how far they are, the gallery, one image with its labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlmodel import Session, col

from db.models import ChartImage, ChartPattern, DatasetBuild, EntryPoint, Symbol

UNREVIEWED, REVIEWED, PARTLY = "open", "reviewed", "partly"


@dataclass(frozen=True)
class ImageFilter:
    """Which images of a build are shown; empty means all. `review` is `open`, `partly`, `reviewed` or nothing.

    An image passes a kind or score when one of its labels does; both have to be true of the same label.
    """

    build_id: int
    symbols: tuple[int, ...] = ()
    timeframes: tuple[int, ...] = ()
    types: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    score: float = 0.0
    review: str = ""


@dataclass(frozen=True)
class Thumb:
    """An image in the gallery, with its number of labels and how many of them are judged."""

    id: int
    number: int
    symbol: str
    timeframe: int
    chart_type: str
    end: int
    split: str
    path: str
    labels: int
    judged: int


@dataclass(frozen=True)
class ImageDetail:
    """One image with everything on it."""

    image: ChartImage
    symbol: Symbol
    build: DatasetBuild
    patterns: list[ChartPattern]
    entries: list[EntryPoint]


@dataclass(frozen=True)
class Counts:
    """What a build holds: images by split, labels by kind, and labels by verdict (empty: not judged)."""

    splits: dict[str, int]
    kinds: dict[str, int]
    verdicts: dict[str, int]
    choices: dict[str, list[Any]] = field(default_factory=dict)


def builds(session: Session) -> list[DatasetBuild]:
    """Every build, the newest first."""
    return list(session.scalars(select(DatasetBuild).order_by(col(DatasetBuild.id).desc())))


def counts(session: Session, build_id: int) -> Counts:
    """Figures of a build, and what its images can be filtered by."""
    ours = col(ChartImage.build_id) == build_id
    labelled = select(col(ChartPattern.kind), func.count()).join(
        ChartImage, col(ChartPattern.image_id) == col(ChartImage.id)
    )
    judged = select(col(ChartPattern.verdict), func.count()).join(
        ChartImage, col(ChartPattern.image_id) == col(ChartImage.id)
    )
    symbols = (
        select(col(Symbol.id), col(Symbol.name))
        .where(exists().where(ours, col(ChartImage.symbol_id) == col(Symbol.id)))
        .order_by(col(Symbol.name))
    )
    return Counts(
        splits=_table(session, select(col(ChartImage.split), func.count()).where(ours).group_by(ChartImage.split)),
        kinds=_table(session, labelled.where(ours).group_by(col(ChartPattern.kind))),
        verdicts=_table(session, judged.where(ours).group_by(col(ChartPattern.verdict))),
        choices={
            "symbols": [tuple(row) for row in session.execute(symbols)],
            "timeframes": _distinct(session, col(ChartImage.timeframe), ours),
            "types": _distinct(session, col(ChartImage.chart_type), ours),
        },
    )


def gallery(session: Session, wanted: ImageFilter, first: int, count: int) -> tuple[list[Thumb], int]:
    """`count` images from the `first` on, in the order of the build, and how many there are in all."""
    where = _conditions(wanted)
    total = session.execute(select(func.count()).select_from(ChartImage).where(*where)).scalar_one()
    query = (
        select(ChartImage, col(Symbol.name), _labels(), _labels(col(ChartPattern.verdict) != ""))
        .join(Symbol, col(ChartImage.symbol_id) == col(Symbol.id))
        .where(*where)
        .order_by(col(ChartImage.number))
        .offset(first)
        .limit(count)
    )
    return [_thumb(*row) for row in session.execute(query)], total


def neighbours(session: Session, wanted: ImageFilter, number: int) -> tuple[int | None, int | None]:
    """Ids of the images before and after the one with this number, among those wanted."""
    where = _conditions(wanted)
    before = select(col(ChartImage.id)).where(*where, col(ChartImage.number) < number)
    after = select(col(ChartImage.id)).where(*where, col(ChartImage.number) > number)
    return (
        session.execute(before.order_by(col(ChartImage.number).desc()).limit(1)).scalar(),
        session.execute(after.order_by(col(ChartImage.number)).limit(1)).scalar(),
    )


def image_detail(session: Session, image_id: int) -> ImageDetail | None:
    """An image with its labels and entries; None when there is none."""
    image = session.get(ChartImage, image_id)
    if image is None:
        return None
    symbol, build = session.get(Symbol, image.symbol_id), session.get(DatasetBuild, image.build_id)
    assert symbol is not None
    assert build is not None
    patterns = select(ChartPattern).where(col(ChartPattern.image_id) == image_id).order_by(col(ChartPattern.place))
    entries = select(EntryPoint).where(col(EntryPoint.image_id) == image_id).order_by(col(EntryPoint.place))
    return ImageDetail(image, symbol, build, list(session.scalars(patterns)), list(session.scalars(entries)))


def last_drawn(session: Session, build_id: int) -> datetime | None:
    """When the newest image of a build was drawn."""
    query = select(ChartImage).where(col(ChartImage.build_id) == build_id).order_by(col(ChartImage.id).desc())
    newest = session.scalars(query.limit(1)).first()
    return newest.created_at if newest else None


def newest_review(session: Session, build_id: int) -> datetime | None:
    """When a label of the build was judged last."""
    query = (
        select(ChartPattern)
        .join(ChartImage, col(ChartPattern.image_id) == col(ChartImage.id))
        .where(col(ChartImage.build_id) == build_id, col(ChartPattern.reviewed_at).is_not(None))
        .order_by(col(ChartPattern.reviewed_at).desc())
    )
    newest = session.scalars(query.limit(1)).first()
    return newest.reviewed_at if newest else None


def _conditions(wanted: ImageFilter) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [col(ChartImage.build_id) == wanted.build_id]
    for column, values in (
        (ChartImage.symbol_id, wanted.symbols),
        (ChartImage.timeframe, wanted.timeframes),
        (ChartImage.chart_type, wanted.types),
        (ChartImage.split, wanted.splits),
    ):
        if values:
            where.append(col(column).in_(values))
    mine = col(ChartPattern.image_id) == col(ChartImage.id)
    fit: list[ColumnElement[bool]] = [col(ChartPattern.kind).in_(wanted.kinds)] if wanted.kinds else []
    if wanted.score > 0:
        fit.append(col(ChartPattern.score) >= wanted.score)
    if fit:
        where.append(exists().where(mine, *fit))
    judged = exists().where(mine, col(ChartPattern.verdict) != "")
    if wanted.review == REVIEWED:
        where.append(col(ChartImage.validated).is_(True))
    elif wanted.review == UNREVIEWED:
        where += [col(ChartImage.validated).is_(False), ~judged]
    elif wanted.review == PARTLY:
        where += [col(ChartImage.validated).is_(False), judged]
    return where


def _labels(*more: ColumnElement[bool]) -> Any:
    mine = col(ChartPattern.image_id) == col(ChartImage.id)
    return select(func.count()).select_from(ChartPattern).where(mine, *more).correlate(ChartImage).scalar_subquery()


def _thumb(image: ChartImage, symbol: str, labels: int, judged: int) -> Thumb:
    return Thumb(
        image.id or 0, image.number, symbol, image.timeframe, image.chart_type, image.end, image.split, image.path,
        labels, judged,
    )  # fmt: skip


def _table(session: Session, query: Any) -> dict[str, int]:
    return {str(name): int(number) for name, number in session.execute(query)}


def _distinct(session: Session, column: Any, *where: ColumnElement[bool]) -> list[Any]:
    return sorted(session.scalars(select(column).where(*where).distinct()))
