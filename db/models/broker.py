"""Orders: what was committed to, how each leg came along, what was traded, and how the broker's side compares."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, SmallInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from db.money import Money


class OrderTicket(SQLModel, table=True):
    """What a person committed to with one click: an order with its exits, if it has any.

    `key` is made when the form is opened, so that one form makes one ticket. `broker` is `paper` or `ibkr`, `origin`
    `signal` or `hand`. `closes` is the trade that an order by hand is to close; `trade_id` the one its fills opened.
    `reduces`: it was let through because it only closes, whichever trades: it never opens one.
    """

    __tablename__ = "order_ticket"
    __table_args__ = (Index(None, "account_id", "id"), Index(None, "trade_id"))

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    account_id: int = Field(foreign_key="account.id")
    symbol_id: int = Field(foreign_key="symbol.id", index=True)
    signal_id: int | None = Field(default=None, foreign_key="signal.id", unique=True)
    closes: int | None = Field(default=None, foreign_key="trade.id")
    reduces: bool = False
    trade_id: int | None = Field(default=None, foreign_key="trade.id")
    broker: str
    origin: str
    note: str = ""
    created_at: datetime


class BrokerOrder(SQLModel, table=True):
    """One leg of a ticket, as `core.orders.Order` has it; every change is an `OrderTransition`.

    `reference` (`cr:{ticket}:{leg}`) is what the broker knows it by; `parent` that of the entry an exit belongs to.
    `side` is +1 buy, -1 sell; `until`, `attempt_at` and `send_before` are UTC ms. `wanted` are the terms somebody asked
    for last, when they differ. `attempt_*` is a placement that was begun at Interactive Brokers. `paper` is what the
    paper broker remembers of it. `error` is the last refusal or remark in words.
    """

    __tablename__ = "broker_order"
    __table_args__ = (Index(None, "status", "id"), Index(None, "ticket_id"), Index(None, "account_id", "id"))

    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="order_ticket.id")
    account_id: int = Field(foreign_key="account.id")
    symbol_id: int = Field(foreign_key="symbol.id")
    leg: str
    reference: str = Field(unique=True)
    parent: str | None = None
    side: int = Field(sa_type=SmallInteger)
    type: str
    quantity: Decimal = Field(sa_type=Money)
    limit_price: float | None = None
    stop_price: float | None = None
    trail: float | None = None
    trail_percent: float | None = None
    tif: str
    until: int | None = Field(default=None, sa_type=BigInteger)
    oca: str = ""
    status: str = "intent"
    cancelling: bool = False
    filled: Decimal = Field(default=Decimal(0), sa_type=Money)
    average_price: float | None = None
    wanted: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    attempt_number: int | None = None
    attempt_client: int | None = None
    attempt_at: int | None = Field(default=None, sa_type=BigInteger)
    send_before: int | None = Field(default=None, sa_type=BigInteger)
    paper: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    error: str = ""
    version: int = 1
    created_at: datetime
    updated_at: datetime


class OrderTransition(SQLModel, table=True):
    """One change of an order (`core.orders.Transition`): rows are only added. `time` (UTC ms) is the source's own."""

    __tablename__ = "order_transition"
    __table_args__ = (Index(None, "order_id"),)

    id: int | None = Field(default=None, primary_key=True)
    order_id: int = Field(foreign_key="broker_order.id")
    before: str
    after: str
    kind: str
    source: str
    time: int = Field(sa_type=BigInteger)
    detail: str = ""
    recorded_at: datetime


class OrderExecution(SQLModel, table=True):
    """One trade of an order, never changed: a broker's correction is a row of its own with a higher `revision`. What a
    person reported takes the name of the execution that proves it, with a `revision` below zero.

    `time` is UTC ms. `trade_fill_id` is the fill of the journal it became.
    """

    __tablename__ = "order_execution"
    __table_args__ = (UniqueConstraint("execution", "revision"), Index(None, "order_id"), Index(None, "time"))

    id: int | None = Field(default=None, primary_key=True)
    order_id: int = Field(foreign_key="broker_order.id")
    execution: str
    revision: int = 0
    quantity: Decimal = Field(sa_type=Money)
    price: Decimal = Field(sa_type=Money)
    commission: Decimal = Field(default=Decimal(0), sa_type=Money)
    time: int = Field(sa_type=BigInteger)
    trade_fill_id: int | None = Field(default=None, foreign_key="trade_fill.id")
    recorded_at: datetime


class OrderCharge(SQLModel, table=True):
    """The commission that the broker reported for an execution, after it: that of its newest revision."""

    __tablename__ = "order_charge"

    execution: str = Field(primary_key=True)
    revision: int = 0
    currency: str
    amount: Decimal = Field(sa_type=Money)
    recorded_at: datetime


class AccountGuard(SQLModel, table=True):
    """What stops new orders of an account (`core.guards.GuardRules`); None switches a guard off."""

    __tablename__ = "account_guard"

    account_id: int = Field(primary_key=True, foreign_key="account.id")
    daily_loss: Decimal | None = Field(default=None, sa_type=Money)
    max_drawdown: Decimal | None = Field(default=None, sa_type=Money)
    losses_in_a_row: int | None = None
    cool_down: int | None = None
    kill_switch: bool = False
    killed_at: datetime | None = None
    version: int = 1
    updated_at: datetime


class OrderRefusal(SQLModel, table=True):
    """An order that was not let through. `rule` names the guard or the rule of account or challenge that said no."""

    __tablename__ = "order_refusal"
    __table_args__ = (Index(None, "account_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    symbol_id: int = Field(foreign_key="symbol.id")
    signal_id: int | None = Field(default=None, foreign_key="signal.id")
    rule: str
    figure: Decimal | None = Field(default=None, sa_type=Money)
    limit: Decimal | None = Field(default=None, sa_type=Money)
    sentence: str
    request: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    refused_at: datetime


class BrokerLink(SQLModel, table=True):
    """How the connection to a broker stands (`workers.broker.base.LinkState`). `since` and `seen` are UTC ms: since
    when it is so, and when its owner last said so.
    """

    __tablename__ = "broker_link"

    broker: str = Field(primary_key=True)
    link: str
    since: int = Field(sa_type=BigInteger)
    seen: int = Field(sa_type=BigInteger)
    detail: str = ""
    account: str = ""
    live: bool = False


class BrokerDifference(SQLModel, table=True):
    """What a reconciliation found not to agree. It stays until it is gone or a person has decided.

    `resolution` is what the person chose, `note` their words; `gone_at` says when both sides agreed again.
    """

    __tablename__ = "broker_difference"
    __table_args__ = (Index(None, "broker", "kind", "subject"),)

    id: int | None = Field(default=None, primary_key=True)
    broker: str
    kind: str
    subject: str
    ours: str
    theirs: str
    sentence: str
    found_at: datetime
    seen_at: datetime
    gone_at: datetime | None = None
    resolution: str | None = None
    note: str = ""
    resolved_at: datetime | None = None


class BrokerContract(SQLModel, table=True):
    """What a symbol is called at a broker. `number` is the broker's own (a conid), once it was looked up."""

    __tablename__ = "broker_contract"

    key: str = Field(primary_key=True)
    symbol_id: int | None = Field(default=None, foreign_key="symbol.id", unique=True)
    symbol: str
    kind: str = "STK"
    exchange: str = "SMART"
    currency: str = "USD"
    primary: str = ""
    number: int | None = Field(default=None, sa_type=BigInteger)
    description: str = ""
    found_at: datetime | None = None
