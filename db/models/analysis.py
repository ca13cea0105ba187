"""What the workers computed: strategies, runs, events, snapshots, charts, signals and the votes behind them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, SmallInteger, UniqueConstraint, text
from sqlmodel import Field, SQLModel

# Counting the signals of a page reads this part of the table only, and from the index alone.
_SHOWN = text("deleted_at IS NULL")


class Strategy(SQLModel, table=True):
    """A configured strategy. `kind` names the code, `parameters` its settings, `schedule` is a cron line in UTC.

    `version` counts the changes: whoever changes a strategy names the version they saw.
    """

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    kind: str
    parameters: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    schedule: str
    active: bool = True
    version: int = 1
    created_at: datetime


class StrategySymbol(SQLModel, table=True):
    """Which symbols a strategy watches."""

    __tablename__ = "strategy_symbol"

    strategy_id: int = Field(primary_key=True, foreign_key="strategy.id")
    symbol_id: int = Field(primary_key=True, foreign_key="symbol.id")


class Run(SQLModel, table=True):
    """One execution of a piece of work, written whole at its end.

    `kind` is `scan` or `import`; `slot` (UTC ms) is the scheduled moment a scan stands for, and is unique per strategy
    and symbol, so that a slot is scanned once however many schedulers or retries ask. `status` is `done` or `failed`;
    `result` holds the outcome in words and figures.
    """

    __table_args__ = (UniqueConstraint("strategy_id", "symbol_id", "slot"), Index(None, "kind", "id"))

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    strategy_id: int | None = Field(default=None, foreign_key="strategy.id")
    symbol_id: int | None = Field(default=None, foreign_key="symbol.id")
    slot: int | None = Field(default=None, sa_type=BigInteger)
    status: str
    started_at: datetime
    finished_at: datetime
    code_version: str
    result: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    error: str | None = None


class PatternLog(SQLModel, table=True):
    """The append-only log of events of one symbol, timeframe and detector setting.

    `through` (UTC ms) is the close time of the last bar the log has seen: only what became known later is ever added.
    """

    __tablename__ = "pattern_log"
    __table_args__ = (UniqueConstraint("symbol_id", "timeframe", "settings_hash"),)

    id: int | None = Field(default=None, primary_key=True)
    symbol_id: int = Field(foreign_key="symbol.id")
    timeframe: int = Field(sa_type=SmallInteger)
    settings_hash: str
    settings: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    through: int = Field(sa_type=BigInteger)


class PatternEvent(SQLModel, table=True):
    """One event of the event contract (see `core.patterns.events`). Times are UTC ms. Never changed, never deleted."""

    __tablename__ = "pattern_event"
    __table_args__ = (
        UniqueConstraint("log_id", "kind", "direction", "start", "end"),
        Index(None, "log_id", "known_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    log_id: int = Field(foreign_key="pattern_log.id")
    kind: str
    direction: int = Field(sa_type=SmallInteger)
    start: int = Field(sa_type=BigInteger)
    end: int = Field(sa_type=BigInteger)
    price_low: float
    price_high: float
    level: float
    known_at: int = Field(sa_type=BigInteger)
    score: float


class PatternStatus(SQLModel, table=True):
    """What happened to an event later, and when it was known.

    `status` is `touched`, `filled`, `mitigated`, `invalidated` or `swept`.
    """

    __tablename__ = "pattern_status"

    event_id: int = Field(primary_key=True, foreign_key="pattern_event.id")
    status: str = Field(primary_key=True)
    known_at: int = Field(sa_type=BigInteger)


class PatternReview(SQLModel, table=True):
    """What a person says about an event, which is named by what makes it unique in its log. The last word counts.

    `verdict` is `valid`, `invalid` or `relabelled`, which alone has a `label`: the kind it should have been.
    """

    __tablename__ = "pattern_review"
    __table_args__ = (UniqueConstraint("symbol_id", "timeframe", "kind", "direction", "start", "end"),)

    id: int | None = Field(default=None, primary_key=True)
    symbol_id: int = Field(foreign_key="symbol.id")
    timeframe: int = Field(sa_type=SmallInteger)
    kind: str
    direction: int = Field(sa_type=SmallInteger)
    start: int = Field(sa_type=BigInteger)
    end: int = Field(sa_type=BigInteger)
    verdict: str
    label: str | None = None
    note: str = ""
    reviewed_at: datetime


class IndicatorSnapshot(SQLModel, table=True):
    """Indicator values of one run and timeframe, as of `as_of` (UTC ms)."""

    __tablename__ = "indicator_snapshot"

    id: int | None = Field(default=None, primary_key=True)
    run_id: int = Field(foreign_key="run.id", index=True)
    timeframe: int = Field(sa_type=SmallInteger)
    as_of: int = Field(sa_type=BigInteger)
    values: dict[str, float | None] = Field(default_factory=dict, sa_type=JSON)


class Signal(SQLModel, table=True):
    """A suggestion: direction, entry, stop, targets, stamped with the last closed bar it saw (`as_of`, UTC ms).

    `source_key` names the zone it stands on; one zone makes one signal per strategy and symbol. `status` is `new`,
    `accepted`, `rejected` or `expired`. `expires_at` (UTC ms) is when it can no longer be taken. `reason`
    says why it was rejected or expired. `evidence` holds the zones and markers that the chart draws. A signal with
    `deleted_at` is cleared: no page shows it.
    """

    __table_args__ = (
        UniqueConstraint("strategy_id", "symbol_id", "source_key"),
        Index("ix_signal_status_id", "status", "id"),
        Index("ix_signal_status_shown", "status", sqlite_where=_SHOWN, postgresql_where=_SHOWN),
        Index("ix_signal_symbol_id_id", "symbol_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    strategy_id: int = Field(foreign_key="strategy.id", index=True)
    symbol_id: int = Field(foreign_key="symbol.id")
    run_id: int = Field(foreign_key="run.id")
    source_key: str
    timeframe: int = Field(sa_type=SmallInteger)
    direction: int = Field(sa_type=SmallInteger)
    entry_type: str
    entry: float
    stop: float
    target: float
    targets: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    reward_risk: float
    confidence: float
    band: str
    as_of: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
    status: str = "new"
    reason: str | None = None
    evidence: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    created_at: datetime
    decided_at: datetime | None = None
    deleted_at: datetime | None = None
    clearing_id: int | None = Field(default=None, foreign_key="clearing.id", index=True)


class SignalVote(SQLModel, table=True):
    """One piece of evidence behind a signal: `vote` -1, 0 or +1 for its direction, `strength` 0..1, stated `weight`."""

    __tablename__ = "signal_vote"

    id: int | None = Field(default=None, primary_key=True)
    signal_id: int = Field(foreign_key="signal.id", index=True)
    family: str
    name: str
    vote: int = Field(sa_type=SmallInteger)
    weight: float
    strength: float
    detail: str


class SignalOutcome(SQLModel, table=True):
    """What became of a signal, had it been taken as suggested (see `core.signals.outcome.Outcome`). Times are UTC ms.

    `state` is `waiting`, `open`, `target`, `stop`, `expired` or `never_filled`. R counts from `fill_price`.
    `timeframe` (minutes) is that of the last bar looked at, `through` its close time.
    """

    __tablename__ = "signal_outcome"
    __table_args__ = (Index(None, "state"),)

    signal_id: int = Field(primary_key=True, foreign_key="signal.id")
    state: str
    filled_at: int | None = Field(default=None, sa_type=BigInteger)
    fill_price: float | None = None
    ended_at: int | None = Field(default=None, sa_type=BigInteger)
    result_r: float | None = None
    mfe_r: float | None = None
    mae_r: float | None = None
    bars_held: int = 0
    timeframe: int = Field(sa_type=SmallInteger)
    through: int = Field(sa_type=BigInteger)
