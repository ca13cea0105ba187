"""Times as exports spell them, a whole column at a time: one look at each spelling that occurs, not at each row.

A spelling is the field with every digit replaced by 0 (`0000.00.00 00:00`). It is understood once, by a regular
expression; the numbers of all rows spelt alike then come from fixed byte places.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.bars import Times
from core.timeframe import MINUTE_MS
from workers.market.files.text import Bytes, Places

DAY_MS = 1440 * MINUTE_MS
UNREADABLE, INSTANT, YEAR_FIRST, YEAR_LAST = range(4)
LOCAL = -32_768
"""`offset` of a time that names no zone."""
_SPELLINGS, _LONGEST = 200, 48
_HOURS, _NOON, _SIXTY, _MILLI, _LONGEST_MONTH = 24, 12, 60, 3, 31
_EPOCH_FROM, _SECONDS_BELOW, _MILLIS_BELOW, _MICROS_BELOW = 10**8, 10**11, 10**14, 10**17
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_DATE = (
    r"(?P<year>0000)(?P<s>[-./])(?P<first>00?)(?P=s)(?P<second>00?)"
    r"|(?P<first_l>00?)(?P<t>[-./])(?P<second_l>00?)(?P=t)(?P<year_l>0000)"
    r"|(?P<second_m>00?)[ -](?P<name>[A-Za-z]{3})[ -](?P<year_m>0000)"
    r"|(?P<year_c>0000)(?P<first_c>00)(?P<second_c>00)"
)
_CLOCK = (
    r"(?P<hour>00?):(?P<minute>00)(?::(?P<sec>00)(?:[.,](?P<fraction>0{1,9}))?)?(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
    r"|(?P<hour_c>00)(?P<minute_c>00)(?P<sec_c>00)?"
)
_ZONE = r"(?P<utc>Z|UTC|GMT)?(?: ?(?P<sign>[+-])(?P<zh>00)(?::?(?P<zm>00))?)?"
_MOMENT = re.compile(rf"(?:{_DATE})(?:(?:T| ?[,;|\t] ?| {{1,2}}|(?<=00000000)(?=0000))(?:{_CLOCK}) ?{_ZONE})?")


@dataclass(frozen=True)
class Stamps:
    """Parsed times, one a row: `style` says how to read the rest.

    INSTANT: `ms` is UTC epoch ms. YEAR_FIRST: `first` is the month and `second` the day of `year`. YEAR_LAST: which of
    the two is the month only the whole column can tell. For both, `ms` counts from midnight and `offset` is minutes
    east of UTC or LOCAL. UNREADABLE: nothing holds.
    """

    style: NDArray[np.int8]
    year: NDArray[np.int16]
    first: NDArray[np.int16]
    second: NDArray[np.int16]
    ms: Times
    offset: NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.style)

    @classmethod
    def empty(cls, rows: int) -> Stamps:
        year, first, second, offset = np.zeros((4, rows), np.int16)
        return cls(np.zeros(rows, np.int8), year, first, second, np.zeros(rows, np.int64), offset)

    @classmethod
    def join(cls, parts: list[Stamps]) -> Stamps:
        names = ("style", "year", "first", "second", "ms", "offset")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def parse_stamps(text: Bytes, start: Places, end: Places) -> Stamps:
    """Read the fields [start, end) of `text`, whatever mixture of spellings they hold."""
    stamps = Stamps.empty(len(start))
    left = np.flatnonzero((end > start) & (end - start <= _LONGEST))
    for _ in range(_SPELLINGS):
        if not len(left):
            break
        width = int(end[left[0]] - start[left[0]])
        fits = left[end[left] - start[left] == width]
        chars = text[start[fits][:, None] + np.arange(width)]
        spelt = np.where((chars >= ord("0")) & (chars <= ord("9")), ord("0"), chars)
        alike = (spelt == spelt[0]).all(axis=1)
        _fill(stamps, fits[alike], chars[alike] - ord("0"), bytes(spelt[0]).decode("latin-1"))
        left = np.setdiff1d(left, fits[alike], assume_unique=True)
    return stamps


def is_stamp(field: str) -> bool:
    """Whether a field is spelt like a time."""
    raw = np.frombuffer(field.strip().encode("latin-1", "replace"), np.uint8)
    return bool(len(raw)) and bool(parse_stamps(raw, np.array([0]), np.array([len(raw)])).style[0])


def _fill(stamps: Stamps, rows: NDArray[np.int64], digits: NDArray[np.uint8], spelling: str) -> None:
    if re.fullmatch(r"0{9,19}(\.0+)?", spelling) and not _compact(spelling, digits):
        _fill_epoch(stamps, rows, digits, spelling)
        return
    match = _understand(spelling)
    if match is None:
        return
    names = {name.split("_")[0]: match.span(name) for name, value in match.groupdict().items() if value is not None}
    value = {name: _number(digits, *span) for name, span in names.items() if name not in _WORDS}
    if "name" in names:
        value["first"] = np.full(len(rows), _MONTHS.index(match["name"].lower()) + 1)
    stamps.style[rows] = YEAR_LAST if match["year_l"] else YEAR_FIRST
    for part in ("year", "first", "second"):
        getattr(stamps, part)[rows] = value[part]
    stamps.ms[rows], valid = _clock(value, match, len(rows))
    stamps.offset[rows] = _offset(value, match)
    stamps.style[rows[~valid]] = UNREADABLE


_WORDS = ("s", "t", "name", "half", "utc", "sign")


@lru_cache(maxsize=1024)
def _understand(spelling: str) -> re.Match[str] | None:
    match = _MOMENT.fullmatch(spelling)
    known = match is None or match["name"] is None or match["name"].lower() in _MONTHS
    return match if known else None


def _compact(spelling: str, digits: NDArray[np.uint8]) -> bool:
    """Whether a run of digits is YYYYMMDDhhmm(ss) and no count since the epoch."""
    if len(spelling) not in (12, 14):
        return False
    century, month, day = (_number(digits[:1], *span)[0] for span in ((0, 2), (4, 6), (6, 8)))
    return bool(century in (19, 20) and 1 <= month <= len(_MONTHS) and 1 <= day <= _LONGEST_MONTH)


def _fill_epoch(stamps: Stamps, rows: NDArray[np.int64], digits: NDArray[np.uint8], spelling: str) -> None:
    """Seconds, milli-, micro- or nanoseconds since 1970, told apart by their size."""
    whole, _, fraction = spelling.partition(".")
    count = _number(digits, 0, len(whole))
    bounds = (_SECONDS_BELOW, _MILLIS_BELOW, _MICROS_BELOW)
    place = np.searchsorted(np.array(bounds), count, side="right")
    seconds = place == 0
    part = np.zeros(len(rows), np.int64)
    if fraction:
        part = _number(digits, len(whole) + 1, len(whole) + 1 + min(3, len(fraction))) * 10 ** max(0, 3 - len(fraction))
    stamps.ms[rows] = np.where(seconds, count * 1000 + part, count // np.array([1, 1, 1000, 1_000_000])[place])
    stamps.style[rows] = np.where(count >= _EPOCH_FROM, INSTANT, UNREADABLE)


def _clock(value: dict[str, Times], match: re.Match[str], rows: int) -> tuple[Times, NDArray[np.bool_]]:
    """Milliseconds since midnight, and whether the clock can show them."""
    zero = np.zeros(rows, np.int64)
    hour, minute, second = (value.get(name, zero) for name in ("hour", "minute", "sec"))
    valid = (hour < _HOURS) & (minute < _SIXTY) & (second < _SIXTY)
    if match["half"]:
        valid &= (hour >= 1) & (hour <= _NOON)
        hour = hour % _NOON + (_NOON if match["half"] in "Pp" else 0)
    fraction = value.get("fraction", zero)
    places = len(match["fraction"] or "000")
    milli = fraction * 10 ** max(0, _MILLI - places) // 10 ** max(0, places - _MILLI)
    return ((hour * 60 + minute) * 60 + second) * 1000 + milli, valid


def _offset(value: dict[str, Times], match: re.Match[str]) -> Times | int:
    if match["sign"] is None:
        return 0 if match["utc"] else LOCAL
    minutes = value["zh"] * 60 + value.get("zm", np.int64(0))
    return -minutes if match["sign"] == "-" else minutes


def _number(digits: NDArray[np.uint8], low: int, high: int) -> Times:
    number = np.zeros(len(digits), np.int64)
    for place in range(low, high):
        number = number * 10 + digits[:, place]
    return number
