"""Pictures: charts that were exported for a person, and labelled images for machine learning."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, SmallInteger, UniqueConstraint
from sqlmodel import Field, SQLModel


class ChartExport(SQLModel, table=True):
    """A chart as a file for a person. `path` is relative to the charts folder.

    `subject`/`subject_id` name what it shows (`signal`, `trade`, `chart`, `patterns`). `once` names an export that the
    desk makes by itself and once only (`signal-12`, `trade-3-entry`); what a person asked for has none. `request` is
    everything it is drawn from. `status` is `queued`, `done` or `failed` (with `error`); file, hash and `finished_at`
    are there when it is done. `width` and `height` are pixels of the finished image.
    """

    __tablename__ = "chart_export"
    __table_args__ = (UniqueConstraint("once"), Index(None, "subject", "subject_id"))

    id: int | None = Field(default=None, primary_key=True)
    subject: str
    subject_id: int | None = None
    once: str | None = None
    title: str
    format: str
    theme: str = "dark"
    width: int
    height: int
    scale: float = 1.0
    request: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    status: str = "queued"
    error: str | None = None
    path: str | None = None
    sha256: str | None = None
    size: int | None = None
    created_at: datetime
    finished_at: datetime | None = None


class DatasetBuild(SQLModel, table=True):
    """One set of chart images, asked for by the page or the command line.

    `recipe` is everything that decides its content (`core.dataset.recipe.Recipe`), `identity` its hash without the
    moment it was asked; `folder` is where it lies, absolute. `queued` says whether the workers build it piece by piece,
    `part` counts their pieces. `status` is `queued`, `running`, `cancelled`, `done` or `failed` (with `error`). `done`
    counts finished images of `total`. `notes` are sentences about what the splits lack. `labels_at` is when the
    label files were written last. `archive` is the path of
    the zip below the data sets' folder.
    """

    __tablename__ = "dataset_build"
    __table_args__ = (Index(None, "status"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str
    recipe: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    identity: str
    folder: str
    queued: bool = False
    part: int = 0
    status: str = "queued"
    total: int = 0
    done: int = 0
    error: str | None = None
    notes: list[str] = Field(default_factory=list, sa_type=JSON)
    manifest_sha256: str | None = None
    labels_at: datetime | None = None
    archive: str | None = None
    archive_sha256: str | None = None
    archive_size: int | None = Field(default=None, sa_type=BigInteger)
    archived_at: datetime | None = None
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None


class ChartImage(SQLModel, table=True):
    """One drawn window of bars for machine learning.

    `number` is its place in the build, from 0. `start` and `end` (UTC ms) are the open time of its first and the close
    time of its last bar. `price_low` and `price_high` span its price axis, `current_price` is its last close. `path` is
    relative to the build's folder. `split` is `train`, `validation`, `test`, or empty for an image that belongs to no
    split. `training` says whether it may be learnt from, `validated` whether a person has judged all its labels.
    """

    __tablename__ = "chart_image"
    __table_args__ = (
        UniqueConstraint("build_id", "symbol_id", "timeframe", "chart_type", "end"),
        Index(None, "build_id", "number"),
        Index(None, "symbol_id", "timeframe"),
    )

    id: int | None = Field(default=None, primary_key=True)
    build_id: int = Field(foreign_key="dataset_build.id")
    number: int
    symbol_id: int = Field(foreign_key="symbol.id")
    timeframe: int = Field(sa_type=SmallInteger)
    chart_type: str
    start: int = Field(sa_type=BigInteger)
    end: int = Field(sa_type=BigInteger)
    candles: int
    price_low: float
    price_high: float
    current_price: float
    width: int
    height: int
    path: str
    sha256: str
    split: str = ""
    training: bool = True
    validated: bool = False
    created_at: datetime


class ChartPattern(SQLModel, table=True):
    """A pattern on an image: the event in time and price, and its box in the image.

    `place` numbers the image's labels from 0. `x0`, `y0`, `x1`, `y1` are shares of width and height, 0..1 from the
    upper left corner. `verdict` is empty until a person says `accepted`, `rejected` or `corrected`; a corrected label
    has the person's `label` (a kind), the person's `box` (four such shares), or both.
    """

    __tablename__ = "chart_pattern"
    __table_args__ = (UniqueConstraint("image_id", "place"), Index(None, "kind", "verdict"))

    id: int | None = Field(default=None, primary_key=True)
    image_id: int = Field(foreign_key="chart_image.id")
    place: int = Field(sa_type=SmallInteger)
    kind: str
    direction: int = Field(sa_type=SmallInteger)
    start: int = Field(sa_type=BigInteger)
    end: int = Field(sa_type=BigInteger)
    known_at: int = Field(sa_type=BigInteger)
    price_low: float
    price_high: float
    score: float
    status: str = ""
    x0: float
    y0: float
    x1: float
    y1: float
    verdict: str = ""
    label: str | None = None
    box: list[float] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    reviewed_at: datetime | None = None


class EntryPoint(SQLModel, table=True):
    """A suggested entry on an image, in time, price and shares of the image (0..1 from the upper left corner).

    `place` is that of the pattern it stands on. `time` is the last close of the window (UTC ms), at which the order
    could be placed. A stop or target off the price axis has a share beyond 0..1. `market_structure` is `up`, `down` or
    `none`; `context` the same of the other timeframes.
    """

    __tablename__ = "entry_point"
    __table_args__ = (UniqueConstraint("image_id", "place"),)

    id: int | None = Field(default=None, primary_key=True)
    image_id: int = Field(foreign_key="chart_image.id")
    place: int = Field(sa_type=SmallInteger)
    kind: str
    entry_type: str
    direction: int = Field(sa_type=SmallInteger)
    time: int = Field(sa_type=BigInteger)
    entry: float
    stop: float
    target: float
    reward_risk: float
    confidence: float
    band: str
    market_structure: str
    context: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    x: float
    y_entry: float
    y_stop: float
    y_target: float
