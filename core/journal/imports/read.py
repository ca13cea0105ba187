"""Recognise a broker's file and read it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.errors import ParameterError
from core.journal.imports import generic, ibkr, metatrader
from core.journal.imports.grid import MOST_BYTES, Line, decode, read_table
from core.journal.imports.identity import fills_of_pairs, with_ids
from core.journal.imports.platforms import LAYOUTS
from core.journal.imports.rows import ImportFileError, Options, Parsed
from core.journal.imports.settle import settle
from core.journal.imports.table import Row, columns_of, read_rows

TITLES: Final = {
    ibkr.CSV: "Interactive Brokers Flex (CSV)",
    ibkr.XML: "Interactive Brokers Flex (XML)",
    metatrader.NAME: "MetaTrader 4 or 5",
    "ctrader": "cTrader",
    "tradingview-paper": "TradingView paper trading",
    "tradovate-fills": "Tradovate fills",
    "tradovate-performance": "Tradovate performance",
    generic.NAME: "Table",
}
"""Names of the formats for people."""
_SEARCHED: Final = 300
_ATTRIBUTE = re.compile(r'="([^"<>]*)"')


def read_file(content: bytes, options: Options | None = None) -> Parsed:
    """Everything that a broker's file holds. Each execution gets an id: the broker's, else a hash of what it says.

    Raises:
        ImportFileError: the file is too large, broken, or of a kind the desk does not know.
        ParameterError: the options' time zone does not exist.
    """
    options = options or Options()
    _check_zone(options.zone)
    parsed = _read(content, options)
    if not parsed.deals and not parsed.cash and not parsed.rejected:
        raise ImportFileError("The file holds no executions: export a time in which you traded.")
    deals = fills_of_pairs(parsed.deals) if parsed.format == "tradovate-performance" else parsed.deals
    parsed.deals, twice = with_ids(parsed.format, deals, ids_are_sure=parsed.format != generic.NAME)
    parsed.rejected += twice
    parsed.rejected.sort(key=lambda one: one.line)
    return parsed


def _read(content: bytes, options: Options) -> Parsed:
    if not content.strip():
        raise ImportFileError("The file is empty: export it again.")
    if len(content) <= MOST_BYTES and _is_xml(content):
        settled, notes = settle(_ATTRIBUTE.findall(decode(content)), options, ".")
        return _noted(ibkr.read_xml(content, settled), notes)
    lines, point = read_table(content)
    settled, notes = settle((cell for line in lines for cell in line.cells), options, point)
    return _noted(_recognise(lines, settled), notes)


def _noted(parsed: Parsed, notes: list[str]) -> Parsed:
    parsed.notes += notes
    return parsed


def _recognise(lines: Sequence[Line], options: Options) -> Parsed:
    for line in lines[:_SEARCHED]:
        columns = columns_of(line)
        if metatrader.is_header(columns):
            return metatrader.read(lines, options)
        if ibkr.is_header(columns) and "tradeprice" in columns:
            # Flex queries have a point in every country.
            return ibkr.read_csv(lines, replace(options, decimal="."))
        for layout in LAYOUTS:
            if layout.matches(columns):
                return _table(layout.name, lines, line, options, layout.take)
    for line in lines[:_SEARCHED]:
        if generic.matches(columns_of(line), options.mapping):
            return _table(generic.NAME, lines, line, options, generic.take)
    missing = ", ".join(generic.NEEDED)
    raise ImportFileError(f"No line names the columns of trades: say which columns are {missing}.")


def _is_xml(content: bytes) -> bool:
    head = content[:2_000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    return head.startswith((b"<?xml", b"<flexqueryresponse", b"<!doctype flex")) and b"<html" not in head


def _table(
    name: str, lines: Sequence[Line], header: Line, options: Options, take: Callable[[Parsed, Row], bool]
) -> Parsed:
    parsed = Parsed(name)
    after = [line for line in lines if line.number > header.number]
    read_rows(parsed, header, after, options, lambda row: take(parsed, row))
    return parsed


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ParameterError(f"There is no time zone '{name}': name a place, as Europe/Prague.", name) from None
