"""Whether every number of an answer is a figure that the answer cites.

The rule, in words for the page: a number passes when it equals a figure that its sentence cites, or is that figure
rounded to the decimals that are written. Counts are exact, money and percentages may be rounded to whole ones, R,
ratios and times keep one decimal at least, and nothing is rounded to zero. A unit that is written has
to be the figure's. A number without a sign may stand for a negative result only where its clause speaks of a loss, and
for a positive one only where it does not.
Dates, months, weekdays and times of day have to be those of a cited figure. Everything else is marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from core.analyst.gain_words import direction, told
from core.analyst.numbers import CLOCK, COUNT, DATE, MONEY, NTH, PERCENT, TIMES, WEEKDAY, Number, R, numbers_in

RULE: Final = (
    "A number passes when it equals a figure that its sentence cites, or is that figure rounded to the decimals that "
    "are written: counts exactly, money and percentages to whole ones at most, R, ratios and times with one decimal at "
    "least. A written unit has to be the figure's, a percentage has to have its own, and dates, months, weekdays and "
    "times of day have to be those of a cited figure. A figure of losses may not stand where the words around it speak "
    "of wins only, nor one of wins where they speak of losses only. Words for numbers, weekdays, months, gains and "
    "losses are read in English and German; in other languages only the digits are looked up. All other words are the "
    "model's own: read them beside the names of the figures under each sentence."
)
READ: Final = frozenset({"English", "German"})
"""Languages whose words for numbers, days, gains and losses are read."""
RATIO: Final = "ratio"
LEAST_PLACES: Final = {R: 1, RATIO: 1, PERCENT: 0, "hours": 1, "days": 1, "minutes": 0}
"""Decimals that a rounded number keeps at least, by the figure's unit; a count is not rounded, money to whole ones."""

MAGNITUDES: Final = ("Average loss", "Maximum drawdown", "Losing R")
"""Losses that stand as positive numbers, by the beginning of the figure's title."""

_ALONE: Final = re.compile(
    r"(?:st|nd|rd|th)?(?=\s*(?:$|[.,;:!?)\u2013\u2014-])"
    r"|\s+(?:of|and|or|in|on|at|to|was|were|is|the|you|your|with|for|had|when|but|as|by|from|until|through|it)\b)"
)
"""What follows a day of the month: no noun, which would make it the 2nd of something else."""
_QUOTES: Final = "\"'\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019"
_UNSIGNED: Final = frozenset({COUNT, PERCENT, RATIO, "date", "hours", "days", "minutes"})
_YEARS: Final = range(1900, 2101)
_OF_WINS: Final = re.compile(r"\b(?:win|wins|winning|hit rate)\b", re.IGNORECASE)
_OF_LOSSES: Final = re.compile(r"\b(?:loss|losses|losing|drawdown)\b", re.IGNORECASE)
_CITED: Final = re.compile(r"\bF\d+\b")


@dataclass(frozen=True)
class Figure:
    """One figure that code computed. `value` is exact: a number, or an ISO date for the unit `date`.

    `unit` is `R`, `%` (40 is 40 %), `count`, `ratio`, `hours`, `date`, or a currency. `written` is the value as people
    read it, `title` says what it is, `definition` how it is computed, `table` and `group` where it stands.

    An answer may speak of `mentions` as they stand (a symbol, `14:00`), and of `quotes`, which people wrote, in
    quotation marks only: digits in them are no figures. `dates` are the days (ISO) it is about.
    """

    key: str
    title: str
    value: Decimal | str
    unit: str
    written: str
    definition: str
    table: str
    group: str = ""
    mentions: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mark:
    """`text[start:end]` of a sentence is a number: backed by the figure `key`, or by none, and then `reason` says why.

    `key` of digits in a name is empty, with no reason either.
    """

    start: int
    end: int
    key: str = ""
    reason: str = ""

    @property
    def passes(self) -> bool:
        return not self.reason


@dataclass(frozen=True)
class CheckedSentence:
    """A sentence with its citations, those that exist and those that do not, and every number in it."""

    text: str
    cites: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = field(default=())

    @property
    def failed(self) -> tuple[Mark, ...]:
        """The numbers that are not in the evidence."""
        return tuple(mark for mark in self.marks if not mark.passes)


def check_sentence(
    text: str, cites: Iterable[str], figures: Mapping[str, Figure], language: str = "English"
) -> CheckedSentence:
    """Find every number of a sentence among the figures it cites: by `cites`, or by a key such as F3 in the text."""
    said = dict.fromkeys([*(one.strip(" []()") for one in cites), *_CITED.findall(text)])
    known = [figures[key] for key in said if key in figures]
    unknown = tuple(key for key in said if key and key not in figures)
    names = _names(text, known)
    marks = [_mark(text, number, known, names, language in READ) for number in numbers_in(text, language)]
    return CheckedSentence(text, tuple(one.key for one in known), unknown, tuple(marks))


def equals(value: Decimal, places: int, figure: Figure) -> bool:
    """Whether a number that was written with `places` decimals is the figure, by the rule of this module."""
    if isinstance(figure.value, str):
        return False
    if value == figure.value:
        return True
    if figure.unit == COUNT or places < LEAST_PLACES.get(figure.unit, 0):
        return False
    # Either way at a tie: both are taught.
    near = abs(value - figure.value) <= Decimal(5).scaleb(-places - 1)
    return near and value != 0


def as_json(sentences: Sequence[CheckedSentence]) -> list[dict[str, Any]]:
    """The checked sentences as they are stored."""
    return [
        {
            "text": one.text,
            "cites": list(one.cites),
            "unknown": list(one.unknown),
            "marks": [[mark.start, mark.end, mark.key, mark.reason] for mark in one.marks],
        }
        for one in sentences
    ]


def _mark(text: str, number: Number, known: Sequence[Figure], names: Sequence[tuple[int, int]], read: bool) -> Mark:
    place = number.start, number.end
    if any(start <= number.start and number.end <= end for start, end in names):
        return Mark(*place)
    if number.name and any(one.key == number.name for one in known):
        return Mark(*place, number.name)
    if not known:
        return Mark(*place, reason="no figure is cited for it")
    for figure in known:
        if _backs(figure, number, text, read):
            return Mark(*place, figure.key)
    return Mark(*place, reason="not in the evidence cited")


def _backs(figure: Figure, number: Number, text: str, read: bool) -> bool:
    if number.unit == DATE:
        return _dated(figure, number)
    if number.unit == CLOCK:
        return number.clock in figure.mentions
    if number.unit == WEEKDAY:
        return _on_weekday(figure, number.name)
    if (
        number.unit == NTH
        and _ALONE.match(text, number.end)
        and any(day[8:].lstrip("0") == f"{value}" for value, _ in number.readings for day in figure.dates)
    ):
        return True
    if _year(figure, number):
        return True
    return _fits(figure, number) and any(_signed(figure, number, reading, text, read) for reading in number.readings)


def _fits(figure: Figure, number: Number) -> bool:
    """Whether the written unit is the figure's; a number without one may be any but a percentage."""
    if not number.unit:
        return figure.unit != PERCENT
    if number.unit == MONEY:
        return number.currency in {"", figure.unit}
    return figure.unit == {TIMES: RATIO, NTH: COUNT}.get(number.unit, number.unit)


def _signed(figure: Figure, number: Number, reading: tuple[Decimal, int], text: str, read: bool) -> bool:
    """Whether sign and amount are the figure's. What the clause says of gain or loss stands for a sign that is not
    written, and must not speak against the figure.
    """
    value, places = reading
    if number.sign == "-":
        return equals(-value, places, figure)
    if not read:
        # The verb says whether it is a loss, and nobody here reads it.
        return equals(value, places, figure) or (not number.sign and equals(-value, places, figure))
    kind = kind_of(figure)
    if kind and told(text, number.start, number.end) not in {"", kind}:
        return False
    said, plainly = direction(text, number.start, number.end)
    if equals(value, places, figure):
        against = said == "-" and plainly and value != 0
        return not (against and has_sign(figure))
    return not number.sign and said == "-" and equals(-value, places, figure)


def has_sign(figure: Figure) -> bool:
    """Whether a figure is a result, which is a gain or a loss by its sign: money or R."""
    return figure.unit not in _UNSIGNED and not figure.title.startswith(MAGNITUDES)


def kind_of(figure: Figure) -> str:
    """`+` for a figure about wins and `-` for one about losses, where its own sign does not say so; else nothing."""
    if has_sign(figure):
        return ""
    title = figure.title.partition(",")[0]
    return "+" if _OF_WINS.search(title) else "-" if _OF_LOSSES.search(title) else ""


def _dated(figure: Figure, number: Number) -> bool:
    assert number.date is not None
    for day in figure.dates:
        whole = tuple(int(part) for part in day.split("-"))
        if all(said is None or said == is_ for said, is_ in zip(number.date, whole, strict=True)):
            return True
    return False


def _on_weekday(figure: Figure, name: str) -> bool:
    """Whether a figure is of a weekday: its group, or the one day it is about."""
    if any(name in said for said in (figure.title, figure.group, *figure.mentions)):
        return True
    days = set(figure.dates)
    return len(days) == 1 and date.fromisoformat(days.pop()).strftime("%A") == name


def _year(figure: Figure, number: Number) -> bool:
    bare = not (number.unit or number.sign)
    return bare and any(
        places == 0 and value in _YEARS and any(day.startswith(f"{value}-") for day in figure.dates)
        for value, places in number.readings
    )


def _names(text: str, known: Sequence[Figure]) -> list[tuple[int, int]]:
    """Where the text speaks of a name of a cited figure: as it stands, or between quotation marks."""
    found: list[tuple[int, int]] = []
    for figure in known:
        for name in figure.mentions:
            pattern = rf"(?<!\w){re.escape(name)}(?!\w|[.,]\d)"
            found += [one.span() for one in re.finditer(pattern, text, re.IGNORECASE)]
        for name in figure.quotes:
            pattern = rf"[{_QUOTES}]{re.escape(name)}[{_QUOTES}]"
            found += [one.span() for one in re.finditer(pattern, text, re.IGNORECASE)]
    return found
