"""Figures as an answer may cite them: each with a key, its exact value, its unit and how it is computed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from core.analyst.citing import RATIO, Figure
from core.analyst.numbers import COUNT, PERCENT, R, numbers_in

DATE: Final = "date"
HOURS: Final = "hours"

Value = Decimal | float | int | datetime | timedelta | None


@dataclass(frozen=True)
class Column:
    """What a column of a table holds: `unit` as `core.analyst.citing.Figure` has it, `money` for the currency."""

    title: str
    unit: str
    definition: str


@dataclass(frozen=True)
class Table:
    """A table of figures: `rows` are (group, one key for each column; empty where there is no figure)."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    note: str = ""


@dataclass(frozen=True)
class Group:
    """A row's name. Text from outside may be spoken of in quotation marks only, unless it is a word like `EURUSD`."""

    name: str
    outside: bool = False
    mentions: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    other: bool = False
    """Whether it is what the question does not name."""


@dataclass
class Ledger:
    """Collects tables and numbers their figures F1, F2 ... in order. `dates` are days that every figure is about, by
    the clock of `zone`, `about` the weekdays.
    """

    currency: str
    dates: tuple[str, ...] = ()
    zone: str = "UTC"
    about: tuple[str, ...] = ()
    figures: dict[str, Figure] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)

    def add(
        self, key: str, title: str, columns: Iterable[Column], rows: Iterable[tuple[Group, Iterable[Value]]],
        note: str = "",
    ) -> None:  # fmt: skip
        """Add a table; a value of None or NaN is no figure. A table without rows is left out."""
        columns = tuple(columns)
        made = [
            (group.name, tuple(self._figure(key, title, group, *pair) for pair in zip(columns, values, strict=True)))
            for group, values in rows
        ]
        if made:
            self.tables.append(Table(key, title, columns, tuple(made), note))

    def _figure(self, table: str, title: str, group: Group, column: Column, value: Value) -> str:
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            return ""
        key = f"F{len(self.figures) + 1}"
        unit = self.currency if column.unit == "money" else column.unit
        exact, written = exactly(value, unit, self.zone)
        mentions, quotes = _names(group)
        self.figures[key] = Figure(
            key=key,
            title=f"{column.title}, {group.name}",
            value=exact,
            unit=unit,
            written=written,
            definition=column.definition,
            table=table,
            group=group.name,
            mentions=mentions if group.other else (*mentions, *self.about),
            quotes=quotes,
            dates=(*self.dates, *group.dates, *([exact] if isinstance(exact, str) else [])),
        )
        return key


def exactly(value: Any, unit: str, zone: str) -> tuple[Decimal | str, str]:
    """A value as it is compared, and as people and the model read it. Shares (0.4) become per cent (40), times the days
    of `zone`.
    """
    if isinstance(value, datetime):
        day = value.astimezone(ZoneInfo(zone)).date().isoformat()
        return day, day
    if isinstance(value, timedelta):
        value = value.total_seconds() / 3600
    number = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    if unit == PERCENT:
        number *= 100
    return number, _written(number, unit)


def _written(number: Decimal, unit: str) -> str:
    if unit == COUNT:
        return f"{number:.0f}"
    if unit == PERCENT:
        return f"{number:.1f} %"
    if unit == R:
        return f"{number:.2f} R"
    if unit == RATIO:
        return f"{number:.2f}"
    if unit == HOURS:
        return f"{number:.1f} hours"
    return f"{number:,.2f} {unit}"


def _names(group: Group) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(what may be mentioned as it stands, what between quotation marks only)."""
    if not group.outside:
        return (group.name, *group.mentions), ()
    # A name that is one word and whose digits are part of it, such as US30, cannot be taken for a statement.
    word = " " not in group.name and all(one.name == group.name for one in numbers_in(group.name))
    return ((group.name,), ()) if word else ((), (group.name,))
