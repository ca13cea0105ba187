"""Files to lines of cells: delimited text, HTML tables and Excel sheets, each cell as text."""

from __future__ import annotations

import csv
import io
import math
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any, Final

from core.journal.imports.rows import ImportFileError
from core.risk import plain

MOST_BYTES: Final = 30 * 1024 * 1024
MOST_LINES: Final = 500_000
_MOST_UNPACKED: Final = 300 * 1024 * 1024
_MOST_CELLS: Final = 200
_MOST_SPANNED: Final = 100
_NARROWEST: Final = 5
"""Cells of the narrowest table of trades: time, symbol, side, quantity and price."""
_UNCLOSED: Final = "a quotation mark in this line is not closed: mend it, or export the file again"
_DELIMITERS: Final = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Line:
    """The cells of a line; `number` is where it begins in the file (or on the sheet), from 1. With a `fault` the cells
    are not what was meant.
    """

    number: int
    cells: tuple[str, ...]
    fault: str = ""

    @property
    def empty(self) -> bool:
        return not any(self.cells)


def read_grid(content: bytes) -> list[Line]:
    """The lines of a file that hold something; see `read_table`."""
    return read_table(content)[0]


def read_table(content: bytes) -> tuple[list[Line], str]:
    """The lines of a file that hold something, whatever kind of table it is, and the decimal sign that tables of its
    kind have ("": any).

    Raises:
        ImportFileError: it is too large, or no table.
    """
    point = "."
    if len(content) > MOST_BYTES:
        raise ImportFileError(f"The file has {len(content) / 2**20:.0f} MB: 30 MB are the most.", len(content))
    if content.startswith(b"PK"):
        lines = _sheet(content)
    else:
        text = decode(content)
        if "<t" in text[:200_000].lower() and "</t" in text.lower():
            lines = _html(text)
        else:
            delimiter = _delimiter(text)
            lines = _delimited(text, delimiter)
            # Where a comma parts the cells it is not in their numbers.
            point = "." if delimiter == "," else ""
    found = []
    for line in lines:
        if not line.empty:
            found.append(line)
        if len(found) > MOST_LINES:
            raise ImportFileError(f"The file has more than {MOST_LINES:,} lines: export a shorter time.", MOST_LINES)
    return found, point


def decode(content: bytes) -> str:
    """Text in UTF-8 or UTF-16 (as MetaTrader writes it), else in the Windows code page."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _delimiter(text: str) -> str:
    if "\x00" in text:
        raise ImportFileError("This is no table of trades: export it as CSV, HTML, XLSX or XML.")
    head = text[:20_000]
    return max(_DELIMITERS, key=head.count)


def _delimited(text: str, delimiter: str) -> Iterator[Line]:
    """Lines of cells; a line with a quotation mark that nothing closes has its `fault` and takes no other with it."""
    physical = list(io.StringIO(text, newline=""))
    place, width = 0, _MOST_CELLS
    while place < len(physical):
        cells, taken = _record(physical, place, delimiter, width)
        if cells is None:
            whole = physical[place].rstrip("\r\n")
            cells, taken = whole.split(delimiter), 1
            yield Line(place + 1, tuple(cell.strip() for cell in cells[:_MOST_CELLS]), _UNCLOSED)
        else:
            yield Line(place + 1, tuple(cell.strip() for cell in cells[:_MOST_CELLS]))
            # The narrowest table so far: noise may have any number of delimiters.
            width = min(width, len(cells)) if len(cells) >= _NARROWEST else width
        place += taken


def _record(physical: list[str], place: int, delimiter: str, width: int) -> tuple[list[str] | None, int]:
    """The cells that begin at a line and the number of lines they go over; no cells where a quotation mark is never
    closed, or only after lines that are records themselves (as many cells as `width`).
    """
    if '"' not in physical[place]:
        return physical[place].rstrip("\r\n").split(delimiter), 1
    reader = csv.reader(physical[place : place + _MOST_SPANNED], delimiter=delimiter, strict=True)
    try:
        cells = next(reader)
    except csv.Error:
        return None, 1
    followed = physical[place + 1 : place + reader.line_num]
    full = physical[place].count(delimiter) >= width - 1
    swallows = any(one.count(delimiter) >= width - 1 and (full or '"' not in one) for one in followed)
    return (None if swallows else cells), reader.line_num


class _Tables(HTMLParser):
    """The rows of all tables of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[Line] = []
        self.cells: list[str] | None = None
        self.text: list[str] | None = None
        self.began, self.span, self.hidden = 1, 1, 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self._end_row()
            self.cells, self.began = [], self.getpos()[0]
        elif tag in {"td", "th"} and self.cells is not None:
            self._end_cell()
            given = dict(attrs)
            # MetaTrader 5 hides a cell to keep its columns aligned; it is none.
            self.hidden = int("hidden" in (given.get("class") or "").split())
            self.span = min(int(span), _MOST_CELLS) if (span := given.get("colspan") or "1").isdecimal() else 1
            self.text = []

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self._end_cell()
        elif tag in {"tr", "table"}:
            self._end_row()

    def handle_data(self, data: str) -> None:
        if self.text is not None:
            self.text.append(data)

    def _end_cell(self) -> None:
        if self.text is not None and self.cells is not None and not self.hidden:
            self.cells.append(" ".join("".join(self.text).split()))
            self.cells.extend([""] * (self.span - 1))
        self.text = None

    def _end_row(self) -> None:
        self._end_cell()
        if self.cells:
            self.lines.append(Line(self.began, tuple(self.cells[:_MOST_CELLS])))
        self.cells = None

    def close(self) -> None:
        super().close()
        self._end_row()


def _html(text: str) -> Iterator[Line]:
    tables = _Tables()
    tables.feed(text)
    tables.close()
    yield from tables.lines


def _sheet(content: bytes) -> Iterator[Line]:
    # Loaded only for a file that needs it.
    from openpyxl import load_workbook  # noqa: PLC0415

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(item.file_size for item in archive.infolist()) > _MOST_UNPACKED:
                raise ImportFileError("The workbook is too large when unpacked: export a shorter time.")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            for number, row in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):
                yield Line(number, tuple(_cell(value) for value in row[:_MOST_CELLS]))
        finally:
            book.close()
    except ImportFileError:
        raise
    except Exception as error:
        # openpyxl lets whatever its XML and zip readers raise pass.
        raise ImportFileError("The workbook cannot be read: save it again as XLSX.") from error


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f" if value.microsecond else "%Y-%m-%d %H:%M:%S")
    return _spelled(value) if isinstance(value, float) else str(value).strip()


def _spelled(value: float) -> str:
    """The shortest spelling of a number, never with an exponent, and not with three decimals, as thousands have."""
    # Fifteen figures are what a sheet holds.
    text = plain(Decimal(f"{value:.15g}")) if math.isfinite(value) else str(value)
    return f"{text}0" if len(text.partition(".")[2]) == 3 else text  # noqa: PLR2004
