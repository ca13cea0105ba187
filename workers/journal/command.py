"""`python -m workers import-trades`, `export`, `backup` and `restore`."""

# ruff: noqa: PLC0415  (what is heavy is imported when the command runs)

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.errors import ParameterError
from core.risk import plain
from core.settings import Settings
from workers.market.files.command import DateFormat

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from db.actions.import_trades import Report
    from db.backup_manifest import Contents

SHOWN = 20
"""Lines of each kind that are printed."""
_DATASETS = "Image data sets are not in it: copy the folder 'datasets' yourself, or build them again."


def import_trades(
    file: Annotated[
        Path, typer.Argument(help="Broker's file: IBKR Flex, MetaTrader, cTrader, TradingView, Tradovate.")
    ],
    account: Annotated[str, typer.Option(help="Name of the account to book the trades in.")],
    tz: Annotated[str, typer.Option(help="Time zone of times that name none, like America/New_York.")] = "UTC",
    date_format: Annotated[DateFormat | None, typer.Option(help="Order of day and month in 01/02/2026.")] = None,
    decimal: Annotated[
        str | None, typer.Option(help="Decimal sign of the file, '.' or ',', where its numbers do not show it.")
    ] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="Column of a table of your own, as quantity=Shares; can be repeated.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be new or changed; write nothing.")
    ] = False,
) -> None:
    """Add a broker's executions to the journal. A bad line is reported and left out; the same file again adds nothing.

    Exit code 1: the file cannot be used.
    """
    from core.journal.imports.read import TITLES, read_file
    from core.journal.imports.rows import Options
    from db.actions import import_trades as action

    content = _content(file)
    day_first = None if date_format is None else date_format is DateFormat.DMY
    parsed = read_file(content, Options(tz, day_first, _mapping(column or []), _decimal(decimal)))
    engine = _engine()
    source = action.Source(file.name, hashlib.sha256(content).hexdigest(), parsed)
    run = action.preview_import if dry_run else action.import_trades
    report = run(engine, _account(engine, account), source, datetime.now(UTC))
    print(f"{TITLES[report.format]}{' (nothing is written)' if dry_run else ''}, times in {tz}")
    for note in parsed.notes:
        print(note)
    _print(report)


def export(
    file: Annotated[Path, typer.Argument(help="File to write: a zip of CSV, an .xlsx workbook or .json.")],
    account: Annotated[str | None, typer.Option(help="Only this account; else everything.")] = None,
) -> None:
    """Write accounts, trades, fills, cash, challenges, notes and signals into one file; its ending says which kind."""
    from core.journal.exports import Kind, write
    from db.engine import reader
    from db.views.exports import everything

    kinds = {".zip": Kind.CSV, ".xlsx": Kind.EXCEL, ".json": Kind.JSON}
    if file.suffix.lower() not in kinds:
        raise ParameterError(f"'{file.name}' says no kind: end it with {', '.join(kinds)}.", file)
    engine = _engine()
    with reader(engine) as session:
        frames = everything(session, None if account is None else _account(engine, account))
    try:
        file.write_bytes(write(frames, kinds[file.suffix.lower()]))
    except OSError as error:
        raise ParameterError(f"{file} cannot be written ({error.strerror}): check path and space.", file) from error
    print(f"{file}: " + ", ".join(f"{len(frame):,} {name.replace('_', ' ')}" for name, frame in frames.items()))


def backup(file: Annotated[Path, typer.Argument(help="File to write; it must not exist.")]) -> None:
    """Write the desk into one file: every table, charts, screenshots and your own strategies; no image data sets.

    The desk may run meanwhile.
    """
    from db.backup import write_backup

    made = write_backup(_engine(), _folders(), file, datetime.now(UTC))
    print(f"{file}: {_held(made)}")
    _list("Left out, because a link or such a name cannot be restored, or it is no strategy", made.left_out)
    print(_DATASETS)


def restore(file: Annotated[Path, typer.Argument(help="A file that `backup` wrote.")]) -> None:
    """Fill an empty desk from a backup, on either data base. A desk that holds anything is left alone.

    Your own strategies come back as files and are not run; one that is there already with another text is kept.
    Image data sets are in no backup.
    """
    from db.restore import restore_backup

    done = restore_backup(_engine(), _folders(), file)
    print(f"Restored {_held(done.contents)}")
    _list("Strategies of the backup, which the desk will run (read those that are not yours)", done.contents.strategies)
    _list("Kept as they are here, the backup has another text", done.kept)
    print(_DATASETS)


def _held(contents: Contents) -> str:
    return f"{contents.rows:,} rows and {contents.files:,} files of {contents.made_at:%Y-%m-%d %H:%M} UTC"


def _list(title: str, names: Sequence[str]) -> None:
    """Names from outside, so that no sign in them can play with the terminal."""
    if names:
        more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
        print(f"{title}: {', '.join(repr(name) for name in names[:SHOWN])}{more}")


def _folders() -> dict[str, Path]:
    settings = Settings.from_mapping(os.environ)
    return {"charts": settings.charts, "uploads": settings.uploads, "strategies": settings.strategies}


def _print(report: Report) -> None:
    print(
        f"{len(report.new):,} new trades, {len(report.changed):,} changed, {len(report.cash):,} cash movements, "
        f"{report.known:,} known, {report.ignored:,} other lines, {len(report.rejected):,} rejected"
    )
    for line in (report.new + report.changed)[:SHOWN]:
        what = "new" if line.trade_id is None else f"trade {line.trade_id}"
        side = "long" if line.direction > 0 else "short"
        result = "open" if line.closed_at is None else f"{line.pnl:+,.2f}"
        print(f"  {what}: {line.symbol} {side} {plain(line.quantity)}, {line.opened_at:%Y-%m-%d %H:%M} UTC, {result}")
    if report.symbols:
        print("New symbols:")
    for one in report.symbols[:SHOWN]:
        print(f"  {one.name}: a point is worth {plain(one.point_value)} {one.currency} ({one.origin})")
    for item in report.rejected[:SHOWN]:
        print(f"  line {item.line}: {item.reason}")
    for kind, count in (("trades", len(report.new + report.changed)), ("rejected lines", len(report.rejected))):
        if count > SHOWN:
            print(f"  and {count - SHOWN:,} more {kind}")


def _content(file: Path) -> bytes:
    from core.journal.imports.grid import MOST_BYTES

    try:
        if file.stat().st_size > MOST_BYTES:
            raise ParameterError(f"{file.name} is larger than 30 MB: export a shorter time.", file)
        return file.read_bytes()
    except OSError as error:
        raise ParameterError(f"{file} cannot be read ({error.strerror}): check the path.", file) from error


def _mapping(columns: list[str]) -> dict[str, str] | None:
    from core.journal.imports.generic import FIELDS

    pairs = dict(part.partition("=")[::2] for part in columns)
    strange = next((name for name in pairs if name not in FIELDS or not pairs[name]), None)
    if strange is not None:
        raise ParameterError(
            f"'{strange}' is no column: write --column quantity=Shares, with one of {', '.join(FIELDS)}."
        )
    return pairs or None


def _decimal(sign: str | None) -> str | None:
    if sign not in {None, ".", ","}:
        raise ParameterError(f"'{sign}' is no decimal sign: write --decimal . or --decimal ,", sign)
    return sign


def _engine() -> Engine:
    from db.engine import default_engine
    from db.migrate import upgrade

    engine = default_engine()
    upgrade(engine)
    return engine


def _account(engine: Engine, name: str) -> int:
    from sqlmodel import col, select

    from db.engine import reader
    from db.models import Account

    with reader(engine) as session:
        names = {row.name: row.id or 0 for row in session.exec(select(Account).order_by(col(Account.id)))}
    if name not in names:
        raise ParameterError(f"There is no account '{name}': choose one of {', '.join(names) or 'none yet'}.", name)
    return names[name]
