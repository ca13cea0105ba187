"""What a file's columns are, told from its first lines."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import MarketDataError
from workers.market.files.stamps import is_stamp

SAMPLE_LINES = 200
_HEADER_WITHIN = 6
_DELIMITERS = "\t;|,"
_FEWEST_FIELDS = 5
_NUMBER = re.compile(r"[+-]?[\d.,]*\d[\d.,]*([eE][+-]?\d+)?")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp][Mm])?|\d{6}")

_TIME = (
    *("unix", "unix timestamp", "timestamp", "timestamp utc", "open time", "opentime", "datetime", "date time"),
    *("gmt time", "local time", "time utc", "date utc", "utc", "date", "datum", "time", "zeit"),
)
_PRICES = {
    "open": ("open", "o", "open price", "eröffnung", "erster"),
    "high": ("high", "h", "max", "high price", "hoch"),
    "low": ("low", "l", "min", "low price", "tief"),
    "close": ("close", "c", "close price", "last", "schluss", "schlusskurs"),
}
_REAL_VOLUME = ("volume", "vol", "volumen", "v")
_TICK_VOLUME = ("tickvol", "tick volume", "tickvolume", "ticks")
_ADJUSTED = ("adj close", "adjusted close", "adjclose")
_DAY_FIRST = ("gmt time", "local time")


@dataclass(frozen=True)
class Layout:
    """Where things stand in a file. Column numbers count from 0; None is a column the file does not have.

    `time` and `time_end` are the first and the last column of the time (a date and a clock are one time). The first
    `header_lines` lines hold no bars. `fields` is the number of columns of a full line.
    """

    delimiter: str
    header_lines: int
    fields: int
    time: int
    time_end: int
    prices: tuple[int, int, int, int]
    volume: int | None
    adj_close: int | None
    decimal: str
    day_first: bool | None


def detect(lines: Sequence[str]) -> Layout:
    """The layout of a file that begins with `lines` (without line ends).

    Raises:
        MarketDataError: nothing in them looks like bars, or the header lacks a column that bars need.
    """
    delimiter, header_lines = _delimiter(lines), 0
    rows = [_split(line, delimiter) for line in lines]
    for index, row in enumerate(rows[:_HEADER_WITHIN]):
        names = [_plain(name) for name in row]
        if _find(names, _PRICES["open"]) is not None and _find(names, _PRICES["close"]) is not None:
            body = [found for found in rows[index + 1 :] if any(found)]
            return _by_name(names, body, delimiter, index + 1)
    if rows and lines[0].lower().startswith("sep="):
        header_lines = 1
    return _by_place([row for row in rows[header_lines:] if any(row)], delimiter, header_lines)


def _by_name(names: list[str], rows: list[list[str]], delimiter: str, header_lines: int) -> Layout:
    prices = [_find(names, spellings) for spellings in _PRICES.values()]
    time, time_end = _time_columns(names, rows)
    missing = [name for name, place in zip(("time", *_PRICES), (time, *prices), strict=True) if place is None]
    if missing or time is None:
        raise MarketDataError(f"its header names no column for {' and '.join(missing)}: add or rename one.", names)
    found = tuple(place for place in prices if place is not None)
    return Layout(
        delimiter=delimiter,
        header_lines=header_lines,
        fields=len(names) if names[-1] else len(names) - 1,
        time=time,
        time_end=time if time_end is None else time_end,
        prices=(found[0], found[1], found[2], found[3]),
        volume=_volume_column(names, rows),
        adj_close=_find(names, _ADJUSTED),
        decimal=_decimal(rows, found, delimiter),
        day_first=True if names[time] in _DAY_FIRST else None,
    )


def _time_columns(names: list[str], rows: list[list[str]]) -> tuple[int | None, int | None]:
    """A column called date with a clock right behind it is one time; else the first name of the list that is there."""
    date = _find(names, ("date", "datum"))
    if date is not None and names[date + 1 : date + 2] in (["time"], ["zeit"]):
        behind = [row[date + 1] for row in rows if len(row) > date + 1]
        if sum(bool(_CLOCK.fullmatch(field)) for field in behind) * 2 > len(behind):
            return date, date + 1
    return _find(names, _TIME), None


def _volume_column(names: list[str], rows: list[list[str]]) -> int | None:
    """The traded volume, or the tick volume where an export fills the traded one with zeros."""
    real, ticks = _find(names, _REAL_VOLUME), _find(names, _TICK_VOLUME)
    if real is None:
        named = [place for place, name in enumerate(names) if name.startswith("volume ")]
        return ticks if ticks is not None else next(iter(named), None)
    if ticks is not None and not any(row[real].strip("0.,") for row in rows if len(row) > real):
        return ticks
    return real


def _by_place(rows: list[list[str]], delimiter: str, header_lines: int) -> Layout:
    """No header: time, open, high, low, close and perhaps volume, the time in one column or in two."""
    fields = Counter(len(row) for row in rows).most_common(1)[0][0] if rows else 0
    full = [row for row in rows if len(row) == fields]
    clock = sum(len(row) > 1 and bool(_CLOCK.fullmatch(row[1])) for row in full) * 2 > len(full)
    opened = 2 if clock else 1
    good = [row for row in full if is_stamp(" ".join(row[:opened])) and all(map(_is_number, row[opened : opened + 4]))]
    if fields < _FEWEST_FIELDS or fields < opened + 4 or len(good) * 2 < len(full):
        raise MarketDataError(
            "nothing in it looks like bars: it needs a line for each bar with time, open, high, low and close.", fields
        )
    prices = (opened, opened + 1, opened + 2, opened + 3)
    volume = opened + 4 if fields > opened + 4 else None
    decimal = _decimal(good, prices, delimiter)
    return Layout(delimiter, header_lines, fields, 0, opened - 1, prices, volume, None, decimal, None)


def _decimal(rows: list[list[str]], places: Sequence[int], delimiter: str) -> str:
    if delimiter == ",":
        return "."
    fields = [row[place] for row in rows for place in places if place < len(row)]
    return "," if sum("," in field for field in fields) * 2 > len(fields) else "."


def _delimiter(lines: Sequence[str]) -> str:
    """The sign that cuts most lines into the same number of fields; a comma last, since it may be a decimal sign."""
    for candidate in _DELIMITERS:
        counts = Counter(line.count(candidate) for line in lines if line.strip())
        if counts and counts.most_common(1)[0][0] >= _FEWEST_FIELDS - 1:
            return candidate
    return ","


def _split(line: str, delimiter: str) -> list[str]:
    return [field.strip() for field in next(csv.reader([line], delimiter=delimiter), [])]


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-()]+", " ", name.strip().strip("<>\"'").lower()).strip()


def _find(names: list[str], spellings: Sequence[str]) -> int | None:
    return next((names.index(spelling) for spelling in spellings if spelling in names), None)


def _is_number(field: str) -> bool:
    return bool(_NUMBER.fullmatch(field))
