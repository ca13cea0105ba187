"""Delimited text as byte positions: where each line and each field begins and ends, without making a string of it."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]

_NEWLINE, _RETURN, _SPACE = 10, 13, 32
_GROUPED = re.compile(r"[+-]?\d{1,3}([.,'  ])\d{3}(\1\d{3})*([.,]\d+)?")


@dataclass(frozen=True)
class Lines:
    """The lines of a block that hold something: `number` counts from 1, [start, end) are places in `text`."""

    text: Bytes
    number: Places
    start: Places
    end: Places

    def __len__(self) -> int:
        return len(self.number)


def split_lines(block: bytes, first_number: int, delimiter: str) -> tuple[Lines, int]:
    """The lines of `block` without those that are empty, and the number of the line after the block."""
    if b'"' in block:
        block = _unquote(block, delimiter)
    text = np.frombuffer(block if block.endswith(b"\n") else block + b"\n", np.uint8)
    end = np.flatnonzero(text == _NEWLINE)
    start = np.concatenate([[0], end[:-1] + 1])
    number = first_number + np.arange(len(end))
    start, end = _strip(text, start, end, (_SPACE, _RETURN))
    filled = end > start
    return Lines(text, number[filled], start[filled], end[filled]), first_number + len(filled)


def split_fields(lines: Lines, delimiter: str, fields: int) -> tuple[Places, Places, Places, Places]:
    """Starts and ends of the first `fields` fields, shape (n, fields), and how many fields each line has.

    The first count takes all fields, the second one leaves out empty ones at the end of the line. Lines with fewer
    have zero-length fields in the places that are missing. Blanks around a field are not part of it.
    """
    found = np.flatnonzero(lines.text == ord(delimiter))
    low, high = np.searchsorted(found, lines.start), np.searchsorted(found, lines.end)
    place = low[:, None] + np.arange(fields)
    cut = np.where(place < high[:, None], np.append(found, 0)[np.minimum(place, len(found))], lines.end[:, None])
    start = np.column_stack([lines.start, np.minimum(cut[:, :-1] + 1, lines.end[:, None])])
    every = high - low + 1
    filled, tail = every, lines.end - 1
    while (empty := (filled > 1) & (tail >= lines.start) & (lines.text[tail] == ord(delimiter))).any():
        filled, tail = filled - empty, tail - empty
    start, end = _strip(lines.text, start, cut, (_SPACE,))
    return start, end, every, filled


def _strip(text: Bytes, start: Places, end: Places, blanks: tuple[int, ...]) -> tuple[Places, Places]:
    last = len(text) - 1
    while (blank := (start < end) & np.isin(text[np.minimum(start, last)], blanks)).any():
        start = start + blank
    while (blank := (start < end) & np.isin(text[end - 1], blanks)).any():
        end = end - blank
    return start, end


def _unquote(block: bytes, delimiter: str) -> bytes:
    """The same lines without quotation marks; a delimiter that groups the digits of a quoted number goes too."""
    rows = []
    for line in block.decode("latin-1").split("\n"):
        if '"' not in line:
            rows.append(line)
            continue
        fields = next(csv.reader([line.rstrip("\r")], delimiter=delimiter), [])
        rows.append(delimiter.join(_plain(field, delimiter) for field in fields))
    return "\n".join(rows).encode("latin-1")


def _plain(field: str, delimiter: str) -> str:
    return field.replace(delimiter, "") if _GROUPED.fullmatch(field) else field
