"""The journal of record: trades, the fills they are made of, what was changed, and what the trader says about them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Index, SmallInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from db.money import Money


class Trade(SQLModel, table=True):
    """A position the person took. One signal makes at most one trade; a manual trade has none.

    What follows from the fills is kept here for speed, and written only by `core.journal.figures`: `quantity` (all
    that was entered), `open_quantity`, `entry_price` and `exit_price` (averages), `fees` and `swap` (costs are
    positive), `risk` (money lost at the first stop), `pnl` (realised so far, after all costs; None before the first
    exit of a trade without costs) and, at the close, `r_multiple` = pnl / risk. A trade without a stop has neither risk
    nor R.

    `point_value` is the money, in the symbol's currency, that one unit makes per point: the symbol's, or what an
    imported file says of this contract. `fx_rate` is what one unit of that currency is worth in the account's: that of
    the import for as long as the trade lives, and 1 where both are the same, for only a file brings a foreign trade
    into the journal. Whatever the trade makes, floats or risks counts by `per_point`; an exit that a file states counts
    as stated.

    `status` is `open` or `closed`. `first_stop` defines R, `stop` is the one in force. `worst_price` and `best_price`
    are the extremes of the stored bars while the trade was open. `version` counts the changes: whoever edits names the
    one they saw. A trade with `deleted_at` is cleared and belongs to no figure.
    """

    __table_args__ = (
        # The newest of an account come in the order of this index; open ones are few of all.
        Index("ix_trade_account_id", "account_id", "deleted_at", "id"),
        Index("ix_trade_status", "status", "account_id"),
        Index("ix_trade_closed_at", "account_id", "deleted_at", "closed_at"),
        Index("ix_trade_symbol_id", "symbol_id"),
        Index("ix_trade_clearing_id", "clearing_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    symbol_id: int = Field(foreign_key="symbol.id")
    signal_id: int | None = Field(default=None, foreign_key="signal.id", unique=True)
    status: str = "open"
    direction: int = Field(sa_type=SmallInteger)
    quantity: Decimal = Field(sa_type=Money)
    open_quantity: Decimal = Field(sa_type=Money)
    point_value: Decimal = Field(sa_type=Money)
    fx_rate: Decimal = Field(default=Decimal(1), sa_type=Money)
    entry_price: float
    exit_price: float | None = None
    first_stop: float | None = None
    stop: float | None = None
    target: float | None = None
    risk: Decimal | None = Field(default=None, sa_type=Money)
    fees: Decimal = Field(default=Decimal(0), sa_type=Money)
    swap: Decimal = Field(default=Decimal(0), sa_type=Money)
    pnl: Decimal | None = Field(default=None, sa_type=Money)
    r_multiple: float | None = None
    opened_at: datetime
    closed_at: datetime | None = None
    worst_price: float | None = None
    best_price: float | None = None
    setup: str = ""
    emotion: str = ""
    rating: int | None = Field(default=None, sa_type=SmallInteger)
    note: str = ""
    playbook_id: int | None = Field(default=None, foreign_key="playbook.id")
    import_id: int | None = Field(default=None, foreign_key="import_batch.id")
    external_id: str | None = None
    version: int = 1
    deleted_at: datetime | None = None
    clearing_id: int | None = Field(default=None, foreign_key="clearing.id")

    @property
    def per_point(self) -> Decimal:
        """Money, in the account's currency, that one unit makes when the price moves by 1 its way."""
        return self.point_value * self.fx_rate


class TradeFill(SQLModel, table=True):
    """One execution. Rows are only added, in the order of time; what the broker of an order corrects later (commission,
    price, quantity) is changed in place and leaves a `TradeChange`.

    `kind` is `entry` or `exit`. `fee` and `swap` are costs (negative: a credit). `stated` is what the broker says this
    fill made before costs, in the account's currency, where it says so. `realised` is what it made after costs, `stop`
    the stop in force at that time. An `external_id` enters an account once.
    """

    __tablename__ = "trade_fill"
    __table_args__ = (
        UniqueConstraint("account_id", "external_id"),
        Index(None, "trade_id"),
        Index(None, "account_id", "at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    trade_id: int = Field(foreign_key="trade.id")
    account_id: int = Field(foreign_key="account.id")
    kind: str
    quantity: Decimal = Field(sa_type=Money)
    price: float
    fee: Decimal = Field(default=Decimal(0), sa_type=Money)
    swap: Decimal = Field(default=Decimal(0), sa_type=Money)
    stated: Decimal | None = Field(default=None, sa_type=Money)
    realised: Decimal = Field(default=Decimal(0), sa_type=Money)
    stop: float | None = None
    at: datetime
    booked_at: datetime
    external_id: str | None = None
    import_id: int | None = Field(default=None, foreign_key="import_batch.id")


class TradeChange(SQLModel, table=True):
    """One change of a trade: `field` went from `before` to `after`. `stop` is also the field of a break-even move.

    `at` is when it happened in the market, `booked_at` when it was written down. `version` is the trade's afterwards.
    """

    __tablename__ = "trade_change"
    __table_args__ = (Index(None, "trade_id"),)

    id: int | None = Field(default=None, primary_key=True)
    trade_id: int = Field(foreign_key="trade.id")
    field: str
    before: Any = Field(default=None, sa_type=JSON)
    after: Any = Field(default=None, sa_type=JSON)
    note: str = ""
    at: datetime
    booked_at: datetime
    version: int


class Tag(SQLModel, table=True):
    """A word to sort trades by."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)


class TradeTag(SQLModel, table=True):
    """A trade bears a tag."""

    __tablename__ = "trade_tag"

    trade_id: int = Field(primary_key=True, foreign_key="trade.id")
    tag_id: int = Field(primary_key=True, foreign_key="tag.id", index=True)


class Playbook(SQLModel, table=True):
    """A way to trade, in rules that can be checked trade by trade."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    description: str = ""
    created_at: datetime
    archived_at: datetime | None = None
    version: int = 1


class PlaybookRule(SQLModel, table=True):
    """One rule of a playbook. A rule that was taken out stays for the trades that were checked by it."""

    __tablename__ = "playbook_rule"

    id: int | None = Field(default=None, primary_key=True)
    playbook_id: int = Field(foreign_key="playbook.id", index=True)
    position: int = Field(sa_type=SmallInteger)
    text: str
    archived_at: datetime | None = None


class TradeRule(SQLModel, table=True):
    """Whether a trade kept a rule of its playbook."""

    __tablename__ = "trade_rule"

    trade_id: int = Field(primary_key=True, foreign_key="trade.id")
    rule_id: int = Field(primary_key=True, foreign_key="playbook_rule.id", index=True)
    kept: bool


class TradeImage(SQLModel, table=True):
    """A screenshot of a trade. `path` is relative to the uploads folder; a removed one keeps its row."""

    __tablename__ = "trade_image"
    __table_args__ = (Index(None, "trade_id"),)

    id: int | None = Field(default=None, primary_key=True)
    trade_id: int = Field(foreign_key="trade.id")
    path: str
    sha256: str
    format: str
    width: int
    height: int
    size: int
    caption: str = ""
    added_at: datetime
    removed_at: datetime | None = None


class SavedFilter(SQLModel, table=True):
    """A filter that the person gave a name, by page; `definition` is the page's own."""

    __tablename__ = "saved_filter"
    __table_args__ = (UniqueConstraint("page", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    page: str
    name: str
    definition: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_at: datetime
