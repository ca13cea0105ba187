"""What is read from a broker's file: executions, cash, and lines that could not be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from core.errors import ChartroomError

ZERO = Decimal(0)


class ImportFileError(ChartroomError):
    """A file that holds no trades the desk can read."""


class RowError(Exception):
    """A line that holds no valid row; the message says why."""


@dataclass(frozen=True)
class Deal:
    """One execution. `side` is +1 for a buy and -1 for a sell; `quantity` is positive.

    `id` is the broker's ("": it has none), `position` names the position where the broker does ("": executions of a
    symbol net against each other). `fee` and `swap` are costs, in the account's currency, or, where the file names
    one and no rate, in `currency`. `stated` is the gross result the broker states, in the account's currency.
    `multiplier` is the money a unit gains per point, `rate` turns the symbol's currency into the account's; None where
    the file does not say.
    """

    line: int
    id: str
    symbol: str
    side: int
    quantity: Decimal
    price: Decimal
    at: datetime
    fee: Decimal = ZERO
    swap: Decimal = ZERO
    stated: Decimal | None = None
    position: str = ""
    stop: Decimal | None = None
    target: Decimal | None = None
    multiplier: Decimal | None = None
    rate: Decimal | None = None
    currency: str = ""
    told: str = ""
    """The time as the file writes it, for a row that may have no id."""
    also: tuple[str, ...] = ()
    """Ids under which the journal may have it from earlier imports (see `identity`)."""
    unnamed: bool = False
    """Whether `id` was made from the content."""


@dataclass(frozen=True)
class CashRow:
    """Money that went in (positive) or out; `kind` as in `db.models.CashMovement`."""

    line: int
    id: str
    kind: str
    amount: Decimal
    at: datetime
    text: str


@dataclass(frozen=True)
class Rejected:
    """A line that was left out, and why."""

    line: int
    reason: str


@dataclass
class Parsed:
    """Everything a file holds; `ignored` counts lines that are no executions (pending or cancelled orders, sums),
    `notes` say what was assumed in reading it.
    """

    format: str
    deals: list[Deal] = field(default_factory=list)
    cash: list[CashRow] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    ignored: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Options:
    """How to read what a file leaves open: the `zone` of times without one, `day_first` for 03/04/2026 (None: as the
    file's other dates show, else month first, as exports from the US have it), the `decimal` sign, `.` or `,` (None: as
    the file's numbers show; "": they do not), and for a table of one's own which column is which (see `generic`).
    """

    zone: str = "UTC"
    day_first: bool | None = None
    mapping: dict[str, str] | None = None
    decimal: str | None = None
