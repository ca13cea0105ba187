"""What the rules of a challenge are made of: sums and shares, the clock of the firm's day, and the source of a rule."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.errors import ParameterError
from core.risk import money, plain

_NOON = time(12)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class Unit(StrEnum):
    """What an amount is a part of: `initial` and `snapshot` are percent of a balance, `money` is a sum."""

    INITIAL = "initial"
    SNAPSHOT = "snapshot"
    MONEY = "money"


class Consequence(StrEnum):
    """`hard` ends the phase; `pause` locks the account until the next reset."""

    HARD = "hard"
    PAUSE = "pause"


class Boundary(StrEnum):
    """Whether equity exactly on a floor still holds: `below` (it does) or `reached` (it does not)."""

    BELOW = "below"
    REACHED = "reached"

    def broken(self, equity: Decimal, floor: Decimal) -> bool:
        return equity < floor if self is Boundary.BELOW else equity <= floor


@dataclass(frozen=True)
class Amount:
    """A sum, or a share of a balance: `Amount(Decimal(5), Unit.INITIAL)` is 5 % of the phase's initial balance.

    Raises:
        ParameterError: it is not above zero, or more than 100 percent.
    """

    value: Decimal
    unit: Unit = Unit.INITIAL

    def __post_init__(self) -> None:
        if not (self.value.is_finite() and self.value > 0):
            raise ParameterError(f"The amount {self.value} has to be above zero: enter a larger one.", self.value)
        if self.unit is not Unit.MONEY and self.value > 100:  # noqa: PLR2004
            raise ParameterError(f"{plain(self.value)} % is more than the whole balance: enter up to 100.", self.value)

    def of(self, initial: Decimal, snapshot: Decimal | None = None) -> Decimal:
        """The sum in money, for the initial balance of the phase and the day's snapshot (default: the initial one)."""
        if self.unit is Unit.MONEY:
            return self.value
        base = snapshot if self.unit is Unit.SNAPSHOT and snapshot is not None else initial
        return base * self.value / 100

    def in_words(self, initial: Decimal | None = None) -> str:
        """In words, with the sum where the initial balance is told."""
        if self.unit is Unit.MONEY:
            return money(self.value)
        if self.unit is Unit.SNAPSHOT:
            return f"{plain(self.value)} % of it"
        told = "" if initial is None else f" ({money(self.of(initial))})"
        return f"{plain(self.value)} % of the initial balance{told}"


def percent(value: str, unit: Unit = Unit.INITIAL) -> Amount:
    """A share as it is written: `percent("5")`."""
    return Amount(Decimal(value), unit)


def sum_of(value: str | Decimal) -> Amount:
    """A sum of money as it is written: `sum_of("1500")`."""
    return Amount(Decimal(value), Unit.MONEY)


@dataclass(frozen=True)
class Reset:
    """When the firm's day begins: `at` ("HH:MM") on the clock of `zone` (IANA name), daylight saving included.

    Where a clock skips that time, the day begins when the clock jumps; where it shows it twice, at the first. A day
    that begins before noon bears the date it begins on, a later one the date of the morning after, as exchanges do.

    Raises:
        ParameterError: the zone or the time does not exist.
    """

    zone: str
    at: str = "00:00"

    def __post_init__(self) -> None:
        if not _CLOCK.fullmatch(self.at):
            raise ParameterError(f"'{self.at}' is no time of day: write it as 17:00.", self.at)
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ParameterError(
                f"There is no time zone '{self.zone}': name a place, as Europe/Prague.", self.zone
            ) from None

    @cached_property
    def _place(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @cached_property
    def _clock(self) -> time:
        return time.fromisoformat(self.at)

    def start(self, day: date) -> int:
        """UTC ms at which the day of this date begins."""
        begins = day - timedelta(days=1) if self._clock >= _NOON else day
        local = datetime.combine(begins, self._clock, tzinfo=self._place)
        after = local.astimezone(UTC)
        if after.astimezone(self._place).replace(tzinfo=None) != local.replace(tzinfo=None):
            # The clock skips this time: with the other fold the two readings lie on either side of the jump.
            after = _jump(after, local.replace(fold=1).astimezone(UTC), self._place)
        return (after - _EPOCH) // _MS

    def day(self, at: int) -> date:
        """The date of the day that the instant `at` (UTC ms) belongs to; the reset itself belongs to the new day."""
        local = (_EPOCH + at * _MS).astimezone(self._place).date()
        return next(day for day in (local + timedelta(days=step) for step in (1, 0, -1)) if self.start(day) <= at)

    def after(self, at: int) -> int:
        """UTC ms of the first reset after the instant `at`."""
        return self.start(self.day(at) + timedelta(days=1))

    def in_words(self) -> str:
        return f"The day begins at {self.at}, {self.zone} time."


def _jump(one: datetime, other: datetime, place: ZoneInfo) -> datetime:
    """The minute at which the clock jumps, between two moments around it."""
    before, after = sorted((one, other))
    offset = before.astimezone(place).utcoffset()
    while after - before > timedelta(minutes=1):
        middle = before + (after - before) // timedelta(minutes=1) // 2 * timedelta(minutes=1)
        before, after = (middle, after) if middle.astimezone(place).utcoffset() == offset else (before, middle)
    return after


@dataclass(frozen=True)
class Source:
    """Where a rule is stated, and the date on which the desk's figures were last compared with it."""

    url: str = ""
    checked_on: date | None = None

    def in_words(self) -> str:
        if not self.url:
            return "Your own rule."
        when = f", checked on {self.checked_on.isoformat()}" if self.checked_on else ""
        return f"{self.url}{when}. The firm's own page decides."
