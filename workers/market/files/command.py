"""`python -m workers import-bars`."""

# ruff: noqa: PLC0415  (what is heavy is imported when the command runs)

from __future__ import annotations

import csv
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from core.errors import MarketDataError, ParameterError
from core.timeframe import Calendar, Timeframe
from workers.market.words import currency_code, positive

if TYPE_CHECKING:
    from workers.market.files.load import Order, Report

SHOWN = 20
"""Rejected lines that are printed; the others are for the report file."""


class DateFormat(StrEnum):
    """Order of the parts of a date that ends with the year."""

    DMY = "dmy"
    MDY = "mdy"


def import_bars(
    file: Annotated[Path, typer.Argument(help="CSV or text export of bars; may be compressed with gzip.")],
    symbol: Annotated[str, typer.Option(help="Symbol to store them under; made when there is none.")],
    timeframe: Annotated[str, typer.Option(help="Length of the file's bars: 1m, 5m, 15m, 30m, 1h, 4h, 1d or 1w.")],
    tz: Annotated[str, typer.Option(help="Time zone of times that name none, like Europe/Berlin.")] = "UTC",
    date_format: Annotated[DateFormat | None, typer.Option(help="Order of day and month in 01/02/2013.")] = None,
    currency: Annotated[str | None, typer.Option(help="New symbol: currency of its prices; else USD.")] = None,
    tick_size: Annotated[
        float | None, typer.Option(help="New symbol: smallest price step; else the last decimal place in the file.")
    ] = None,
    point_value: Annotated[str | None, typer.Option(help="New symbol: money per unit and point; else 1.")] = None,
    lot_step: Annotated[str | None, typer.Option(help="New symbol: smallest step of quantity; else 1.")] = None,
    calendar: Annotated[Calendar | None, typer.Option(help="New symbol: the market's clock; else utc.")] = None,
    description: Annotated[str | None, typer.Option(help="New symbol: what it is.")] = None,
    report: Annotated[Path | None, typer.Option(help="CSV file for all rejected lines.")] = None,
) -> None:
    """Store the bars of a file; a line that holds no valid bar is reported and left out.

    Understands exports of MetaTrader 4 and 5, TradingView, Dukascopy, Binance and plain tables. Importing a file twice
    adds nothing. Exit code 1: the file cannot be used; 2: the command cannot.
    """
    from workers.market.files.load import Order, SymbolChoice

    try:
        choice = SymbolChoice(
            name=symbol,
            currency=None if currency is None else currency_code(currency),
            tick_size=None if tick_size is None else float(positive(repr(tick_size), "--tick-size")),
            point_value=None if point_value is None else positive(point_value, "--point-value"),
            lot_step=None if lot_step is None else positive(lot_step, "--lot-step"),
            calendar=calendar,
            description=description,
        )
        day_first = None if date_format is None else date_format is DateFormat.DMY
        outcome = _run(Order(file, choice, Timeframe.parse(timeframe), _zone(tz), day_first), report)
    except ParameterError as error:
        raise _stop(error.message, 2) from error
    except MarketDataError as error:
        raise _stop(error.message, 1) from error
    _print(outcome, report)
    if outcome.first is None:
        raise _stop(f"{file.name}: no line holds a bar that can be used; nothing was stored.", 1)


def _run(order: Order, report: Path | None) -> Report:
    from db.engine import default_engine
    from db.migrate import upgrade
    from workers.market.files.load import import_file
    from workers.market.files.progress import shown_progress

    engine = default_engine()
    upgrade(engine)
    with shown_progress(order.path) as progress:
        outcome = import_file(engine, order, lambda: datetime.now(UTC), progress)
    if report is not None:
        _write_report(outcome, report)
    return outcome


def _write_report(outcome: Report, path: Path) -> None:
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(("line", "reason"))
            rows.writerows((item.line, item.reason) for item in outcome.rejected)
    except OSError as error:
        raise ParameterError(f"{path} cannot be written ({error.strerror}): the bars are stored.", path) from error


def _print(outcome: Report, report: Path | None) -> None:
    print(
        f"{outcome.rows:,} rows read: {outcome.inserted:,} inserted, {outcome.unchanged:,} unchanged, "
        f"{outcome.updated:,} updated, {len(outcome.rejected):,} rejected"
    )
    if outcome.first is not None and outcome.last is not None:
        first, last = (datetime.fromtimestamp(ms / 1000, UTC) for ms in (outcome.first, outcome.last))
        print(f"Bars from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC")
    if outcome.watchers:
        print(f"Watched from now on by {', '.join(outcome.watchers)}.")
    for item in outcome.rejected[:SHOWN]:
        print(f"  line {item.line}: {item.reason}")
    if len(outcome.rejected) > SHOWN:
        where = f"all are in {report}" if report else "--report FILE.csv lists them all"
        print(f"  and {len(outcome.rejected) - SHOWN:,} more; {where}")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ParameterError(f"'{name}' is no time zone: write --tz like Europe/Berlin.", name) from error


def _stop(sentence: str, code: int) -> typer.Exit:
    print(sentence, file=sys.stderr)
    return typer.Exit(code)
