"""What a file leaves open, decided once for all its lines: the decimal sign, and the order of day and month."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.journal.imports.rows import ImportFileError, Options
from core.journal.imports.values import decimal_sign

_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(?:\d{4}|\d{2})(?!\d)")
_MONTHS = 12


@dataclass
class _Seen:
    """An example of each kind of date that the cells hold."""

    day_first: str = ""
    month_first: str = ""
    either: str = ""


def settle(cells: Iterable[str], options: Options, fallback: str) -> tuple[Options, list[str]]:
    """The options with nothing left open, and what was assumed. What the person chose stays.

    `fallback` is the decimal sign of files of this kind, for one whose numbers do not show theirs ("": there is none,
    and a number that can be read in two ways is refused).

    Raises:
        ImportFileError: some dates have the day first and others the month.
    """
    signs: set[str | None] = set()
    seen = _Seen()
    for cell in cells:
        if "/" in cell:
            _look(cell, seen)
        elif options.decimal is None and ("," in cell or "." in cell):
            signs.add(decimal_sign(cell))
    signs.discard(None)
    shown = fallback if not signs else next(iter(signs)) if len(signs) == 1 else ""
    decimal = shown if options.decimal is None else options.decimal
    day_first, notes = _order(seen, options.day_first)
    return replace(options, decimal=decimal, day_first=day_first), notes


def _look(cell: str, seen: _Seen) -> None:
    found = _DATE.match(cell)
    if found is None:
        return
    first, second = int(found.group(1)), int(found.group(2))
    if first > _MONTHS >= second:
        seen.day_first = seen.day_first or found.group()
    elif second > _MONTHS >= first:
        seen.month_first = seen.month_first or found.group()
    elif first != second:
        seen.either = seen.either or found.group()


def _order(seen: _Seen, chosen: bool | None) -> tuple[bool, list[str]]:
    if chosen is not None:
        return chosen, []
    if seen.day_first and seen.month_first:
        raise ImportFileError(
            f"Some dates have the day first ({seen.day_first}), others the month ({seen.month_first}): choose the "
            "order, or export the file again with one."
        )
    if seen.either and not seen.day_first and not seen.month_first:
        return False, [f"No date says whether day or month comes first: {seen.either} is read with the month first."]
    return bool(seen.day_first), []
