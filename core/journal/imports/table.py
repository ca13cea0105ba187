"""Lines under a header: cells by the name of their column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.journal.imports.grid import Line
from core.journal.imports.rows import ZERO, Options, Parsed, Rejected, RowError
from core.journal.imports.values import moment, number, positive, side


def plain_name(cell: str) -> str:
    """A heading without case and signs: `S / L` is `s l`, `B/S` is `b s`."""
    return " ".join(re.sub(r"[^a-z0-9&_]+", " ", cell.lower()).split())


def columns_of(line: Line) -> dict[str, int]:
    """Place of each heading; one that comes again is called `time 2`."""
    found: dict[str, int] = {}
    for place, cell in enumerate(line.cells):
        name, count = plain_name(cell), 1
        while name and name in found:
            count += 1
            name = f"{plain_name(cell)} {count}"
        if name:
            found[name] = place
    return found


@dataclass(frozen=True)
class Row:
    """A line read by its columns. A column may go by several names; the first that is there counts."""

    line: Line
    columns: dict[str, int]
    headings: tuple[str, ...]
    options: Options

    def text(self, *names: str) -> str:
        """What the column holds, empty where it is not there."""
        place = self._place(names)
        return self.line.cells[place] if place is not None and place < len(self.line.cells) else ""

    def need(self, *names: str) -> str:
        """What the column holds. Raises RowError when that is nothing."""
        found = self.text(*names)
        if not found:
            raise RowError(f"the {self._called(names)} is missing")
        return found

    def number(self, *names: str) -> Decimal:
        return number(self.need(*names), self._called(names), self._point)

    def positive(self, *names: str) -> Decimal:
        return positive(self.need(*names), self._called(names), self._point)

    def amount(self, *names: str) -> Decimal:
        """A number, 0 where there is none."""
        found = self.text(*names)
        return number(found, self._called(names), self._point) if found and found not in {"-", "--"} else ZERO

    def level(self, *names: str) -> Decimal | None:
        """A price, None where there is none or 0."""
        return self.amount(*names) or None

    def moment(self, *names: str) -> datetime:
        place = self._place(names)
        heading = self.headings[place] if place is not None else ""
        return moment(self.need(*names), self.options, heading)

    def side(self, *names: str) -> int:
        return side(self.need(*names))

    @property
    def _point(self) -> str:
        return "." if self.options.decimal is None else self.options.decimal

    def _called(self, names: Sequence[str]) -> str:
        """The name that this file has for it."""
        return next((name for name in names if name in self.columns), names[0])

    def _place(self, names: Sequence[str]) -> int | None:
        for name in names:
            if name in self.columns:
                return self.columns[name]
        # A heading with a unit, as `opening time utc 2` or `net usd`.
        for name in names:
            for known, place in self.columns.items():
                if known.startswith(f"{name} ") and not known.removeprefix(f"{name} ").isdecimal():
                    return place
        return None


def read_rows(
    parsed: Parsed, header: Line, lines: Iterable[Line], options: Options, take: Callable[[Row], bool]
) -> None:
    """Hand each line to `take`, which puts what it holds into `parsed` and says whether it held anything; a line that
    it refuses is reported.
    """
    columns = columns_of(header)
    for line in lines:
        if line.fault:
            parsed.rejected.append(Rejected(line.number, line.fault))
            continue
        try:
            if not take(Row(line, columns, header.cells, options)):
                parsed.ignored += 1
        except RowError as error:
            parsed.rejected.append(Rejected(line.number, str(error)))
