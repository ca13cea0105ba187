"""Tables as files: a zip of CSV, an Excel workbook, JSON. A spreadsheet must not run what a person typed."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

import pandas as pd

from core.errors import ParameterError

MOST_LINES: Final = 1_048_575
"""Lines that a sheet takes below its headings."""
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n")
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LONGEST: Final = 32_000
_EXACT_DIGITS: Final = 15


class Kind(StrEnum):
    """What the file is."""

    CSV = "csv"
    EXCEL = "xlsx"
    JSON = "json"


def write(frames: Mapping[str, pd.DataFrame], kind: Kind) -> bytes:
    """The tables in one file: CSV as a zip with one file a table, Excel with one sheet a table, JSON as one object.

    Times are ISO 8601 in UTC, amounts exact decimals (text in JSON). Text that a spreadsheet would take for a formula
    gets an apostrophe in front, in CSV and Excel.

    Raises:
        ParameterError: a table is too long for a sheet.
    """
    return {Kind.CSV: _csv, Kind.EXCEL: _excel, Kind.JSON: _json}[kind](frames)


def harmless(text: str) -> str:
    """The text as a spreadsheet shows and does not run it."""
    return f"'{text}" if text.startswith(_RUNS) else text


def _csv(frames: Mapping[str, pd.DataFrame]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, frame in frames.items():
            table = pd.DataFrame({column: [_cell(value) for value in frame[column]] for column in frame.columns})
            archive.writestr(f"{name}.csv", table.to_csv(index=False).encode())
    return file.getvalue()


def _excel(frames: Mapping[str, pd.DataFrame]) -> bytes:
    # Loaded only for a file that needs it.
    from openpyxl import Workbook  # noqa: PLC0415

    book = Workbook(write_only=True)
    for name, frame in frames.items():
        if len(frame) > MOST_LINES:
            raise ParameterError(f"{name} has {len(frame):,} lines, more than a sheet takes: export it as CSV.", name)
        sheet = book.create_sheet(name[:31])
        sheet.append(list(frame.columns))
        for row in frame.itertuples(index=False, name=None):
            sheet.append([_sheet_cell(value) for value in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _json(frames: Mapping[str, pd.DataFrame]) -> bytes:
    tables = {
        name: [
            {column: _plain(value) for column, value in zip(frame.columns, row, strict=True)}
            for row in frame.itertuples(index=False, name=None)
        ]
        for name, frame in frames.items()
    }
    return json.dumps(tables, ensure_ascii=False, allow_nan=False, indent=1).encode()


def _absent(value: Any) -> bool:
    return value is None or value is pd.NaT or (isinstance(value, float) and value != value)  # noqa: PLR0124


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if _absent(value):
        return None
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value


def _cell(value: Any) -> Any:
    """A value as CSV has it: text that could run is made harmless, a nested value becomes its JSON."""
    found = _plain(value)
    if isinstance(found, dict | list):
        return harmless(json.dumps(found, ensure_ascii=False))
    # A negative amount is a number, not a formula.
    return harmless(found) if isinstance(value, str) else found


def _sheet_cell(value: Any) -> Any:
    """A value as a sheet has it. An amount with more digits than a sheet keeps stays text."""
    if isinstance(value, Decimal):
        text = _decimal(value)
        return float(value) if len(text.strip("-0.").replace(".", "")) <= _EXACT_DIGITS else text
    found = _cell(value)
    return _NO_TEXT.sub("", found)[:_LONGEST] if isinstance(found, str) else found


def _decimal(value: Decimal) -> str:
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text
