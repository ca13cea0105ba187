"""A file to a table of rows: find out the layout from the first block, then read block by block."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.errors import MarketDataError
from workers.market.files.layout import SAMPLE_LINES, Layout, detect
from workers.market.files.source import TextSource
from workers.market.files.table import Table, parse_lines
from workers.market.files.text import Lines, split_lines


def read_table(path: Path, progress: Callable[[int], None]) -> tuple[Table, Layout, str]:
    """The file's rows, its layout and its SHA-256; `progress` is told the number of bytes read from the disk.

    Raises:
        MarketDataError: the file cannot be read or holds nothing like bars.
    """
    source = TextSource(path, progress)
    parts: list[Table] = []
    layout: Layout | None = None
    number = 1
    for block in source.blocks():
        layout = layout or _detect(path, block)
        lines, number = split_lines(block, number, layout.delimiter)
        parts.append(parse_lines(_after(lines, layout.header_lines), layout))
    if layout is None:
        raise MarketDataError(f"{path.name} is empty: export it again.", path)
    return Table.join(parts), layout, source.sha256


def _detect(path: Path, block: bytes) -> Layout:
    text = block[: SAMPLE_LINES * 1000].decode("utf-8", "replace")
    lines = [line.rstrip("\r") for line in text.split("\n")[:SAMPLE_LINES]]
    try:
        return detect(lines)
    except MarketDataError as error:
        raise MarketDataError(f"{path.name}: {error.message}", path) from error


def _after(lines: Lines, header_lines: int) -> Lines:
    rows = lines.number > header_lines
    return lines if rows.all() else Lines(lines.text, lines.number[rows], lines.start[rows], lines.end[rows])
