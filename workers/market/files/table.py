"""Lines to rows of times and prices; what is wrong with a row is noted beside it and stops no other."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.bars import Floats
from workers.market.files.decimals import parse_decimals
from workers.market.files.layout import Layout
from workers.market.files.stamps import Stamps, parse_stamps
from workers.market.files.text import Lines, split_fields

NAMES = ("open", "high", "low", "close", "volume")
MAX_DECIMALS = 8


@dataclass(frozen=True, slots=True)
class Rejection:
    """A line that holds no bar that can be used. `line` counts from 1, the header included."""

    line: int
    reason: str


@dataclass
class Table:
    """Rows in the order of the file: line numbers, times as spelt, prices and volume of shape (5, n), adjusted closes.

    `rejected` are lines that could not be read; they are not among the rows. `decimals` is the largest number of
    digits after the decimal sign of a price.
    """

    line: NDArray[np.int64]
    stamps: Stamps
    values: Floats
    adj_close: Floats | None
    rejected: list[Rejection] = field(default_factory=list)
    decimals: int = 0

    @classmethod
    def join(cls, parts: list[Table]) -> Table:
        adjusted = [part.adj_close for part in parts if part.adj_close is not None]
        return cls(
            np.concatenate([part.line for part in parts]),
            Stamps.join([part.stamps for part in parts]),
            np.concatenate([part.values for part in parts], axis=1),
            np.concatenate(adjusted) if adjusted else None,
            [rejection for part in parts for rejection in part.rejected],
            max(part.decimals for part in parts),
        )


def parse_lines(lines: Lines, layout: Layout) -> Table:
    """Rows of one block of lines."""
    start, end, count, filled = split_fields(lines, layout.delimiter, layout.fields)
    rejected = []
    for word, rows, counts in (("few", count < layout.fields, count), ("many", filled > layout.fields, filled)):
        for row in np.flatnonzero(rows):
            reason = f"too {word} columns: {counts[row]} instead of {layout.fields}"
            rejected.append(Rejection(int(lines.number[row]), reason))
    whole = (count >= layout.fields) & (filled <= layout.fields)
    number, start, end = lines.number[whole], start[whole], end[whole]
    values = np.zeros((5, len(number)))
    decimals = 0
    for index, place in enumerate(layout.prices):
        values[index], digits = parse_decimals(lines.text, start[:, place], end[:, place], layout.decimal)
        decimals = max(decimals, int(digits.max(initial=0)))
    if layout.volume is not None:
        values[4] = _volume(lines, start[:, layout.volume], end[:, layout.volume], layout)
    adjusted = None
    if layout.adj_close is not None:
        place = layout.adj_close
        adjusted = parse_decimals(lines.text, start[:, place], end[:, place], layout.decimal)[0]
    stamps = parse_stamps(lines.text, start[:, layout.time], end[:, layout.time_end])
    return Table(number, stamps, values, adjusted, rejected, min(decimals, MAX_DECIMALS))


def _volume(lines: Lines, start: NDArray[np.int64], end: NDArray[np.int64], layout: Layout) -> Floats:
    """An empty volume is none at all: 0."""
    values, _ = parse_decimals(lines.text, start, end, layout.decimal)
    return np.where(start == end, 0.0, values)
