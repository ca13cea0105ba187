"""An empty desk filled from a backup (see `db.backup`): everything is checked first, then written at once."""

from __future__ import annotations

import hashlib
import json
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Final

from sqlalchemy import (
    Column,
    Connection,
    Date,
    DateTime,
    Engine,
    Table,
    TypeDecorator,
    exists,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import SQLModel

from db.backup import BLOCK, CHUNK, entry_of
from db.backup_files import STRATEGIES, files_in, place_of
from db.backup_manifest import MANIFEST, MOST_BYTES, BackupError, Contents, Manifest, Part, contents_of, read_manifest
from db.money import Money

_PLAIN: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED: Final = 1
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, UnicodeDecodeError)
_STRANGE: Final = (ValueError, TypeError, ArithmeticError, IntegrityError, DataError)


@dataclass(frozen=True)
class Restored:
    """What came back; `kept` are the names of strategy files that this desk has with another text, and keeps."""

    contents: Contents
    kept: tuple[str, ...]


def restore_backup(engine: Engine, folders: Mapping[str, Path], source: Path) -> Restored:
    """Fill an empty, migrated desk from a backup. Everything is checked first, and then written in one transaction.

    Strategies are files like any other here: none is run.

    Raises:
        BackupError: the desk is not empty, or the file is damaged, foreign, or of another version.
    """
    try:
        with zipfile.ZipFile(source) as archive, tempfile.TemporaryDirectory() as room:
            _check_plain(archive, source)
            manifest = read_manifest(archive)
            places = _places(manifest, folders)
            _check(archive, manifest)
            _stage(archive, manifest, Path(room))
            kept = _fill(engine, archive, manifest, folders, {Path(room) / name: to for name, to in places.items()})
    except _BROKEN as error:
        raise BackupError(f"{source.name} is no backup, or it is damaged: use another one.", source) from error
    except OSError as error:
        raise BackupError(f"{source} cannot be read ({error.strerror}): check the path.", source) from error
    return Restored(contents_of(manifest), kept)


def _check_plain(archive: zipfile.ZipFile, source: Path) -> None:
    """Other ways to pack and to encrypt have errors of their own, and no backup has them."""
    if any(item.compress_type not in _PLAIN or item.flag_bits & _ENCRYPTED for item in archive.infolist()):
        raise BackupError(
            f"{source.name} is packed in another way than a backup of Chartroom: use another one.", source
        )


def _places(manifest: Manifest, folders: Mapping[str, Path]) -> dict[str, Path]:
    """Where each file goes."""
    found = {}
    for name in manifest.files:
        place = place_of(folders, name)
        if place is None:
            raise BackupError(f"The backup names a file outside of the desk ({name!r}), or a link leads out.", name)
        found[name] = place
    return found


def _check(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """The tables of this release, and sizes that were stated."""
    tables = {table.name for table in SQLModel.metadata.sorted_tables}
    if set(manifest.tables) != tables:
        other = ", ".join(sorted(set(manifest.tables) ^ tables)[:5])
        raise BackupError(f"This backup is of another release (tables {other}): restore it with the one that made it.")
    stated: dict[str, Part] = {entry_of(name): part for name, part in manifest.tables.items()}
    stated |= manifest.files
    sizes = {item.filename: item.file_size for item in archive.infolist() if item.filename != MANIFEST}
    if sizes != {name: part.size for name, part in stated.items()} or manifest.bytes > MOST_BYTES:
        raise BackupError("The backup does not hold what its list of contents says: it is damaged.")


def _stage(archive: zipfile.ZipFile, manifest: Manifest, room: Path) -> None:
    """Check every hash; put the files into `room`, from where they are moved when all is well."""
    for name, table in manifest.tables.items():
        with archive.open(entry_of(name)) as part:
            _copy(part, None, table, name)
    for name, one in manifest.files.items():
        target = room / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(name) as part, target.open("wb") as out:
            _copy(part, out, one, name)


def _copy(part: IO[bytes], out: IO[bytes] | None, stated: Part, name: str) -> None:
    digest = hashlib.sha256()
    while block := part.read(BLOCK):
        digest.update(block)
        if out is not None:
            out.write(block)
    if digest.hexdigest() != stated.sha256:
        raise BackupError(f"{name} was damaged or changed since the backup was made: use another one.", name)


def _fill(
    engine: Engine, archive: zipfile.ZipFile, manifest: Manifest, folders: Mapping[str, Path], moves: dict[Path, Path]
) -> tuple[str, ...]:
    """Rows and files, all or nothing; the names of strategy files that were kept as they are."""
    try:
        with engine.connect() as opened:
            connection = opened.execution_options(chartroom_write=True)
            with connection.begin():
                if connection.dialect.name == "sqlite":
                    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
                _check_empty(connection, folders)
                for table in SQLModel.metadata.sorted_tables:
                    with archive.open(entry_of(table.name)) as lines:
                        rows = _table_in(connection, table, lines)
                    if rows != manifest.tables[table.name].rows:
                        raise BackupError(f"'{table.name}' has not the rows that the list of contents says: refused.")
                return _place(moves, folders.get(STRATEGIES))
    except _STRANGE as error:
        raise BackupError(
            "Rows of this backup do not fit the desk: it is damaged or was edited, use another."
        ) from error


def _check_empty(connection: Connection, folders: Mapping[str, Path]) -> None:
    for table in SQLModel.metadata.sorted_tables:
        if connection.execute(select(exists().select_from(table))).scalar():
            raise BackupError(
                f"This desk is not empty (it has rows of '{table.name}'): restore into a new one, with another "
                "CHARTROOM_HOME or DATABASE_URL.",
                table.name,
            )
    for name in files_in({name: folder for name, folder in folders.items() if name != STRATEGIES}).kept:
        raise BackupError(f"This desk has files already ({name}): restore into a new CHARTROOM_HOME.", name)


def _table_in(connection: Connection, table: Table, lines: IO[bytes]) -> int:
    """Put the rows into the table; how many they are."""
    names = json.loads(next(lines, b""))
    if set(names) != set(table.columns.keys()):
        other = ", ".join(sorted(set(names) ^ set(table.columns.keys())))
        raise BackupError(f"This backup is of another release ({table.name}: {other}): restore it with that one.")
    columns = [table.columns[name] for name in names]
    block: list[dict[str, Any]] = []
    count = 0
    for line in lines:
        count += 1
        values = json.loads(line)
        block.append({column.name: _value(column, value) for column, value in zip(columns, values, strict=True)})
        if len(block) == CHUNK:
            connection.execute(insert(table), block)
            block = []
    if block:
        connection.execute(insert(table), block)
    _continue_numbers(connection, table)
    return count


def _value(column: Column[Any], value: Any) -> Any:
    """A value of the file as the column takes it."""
    if value is None:
        return None
    kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    if isinstance(column.type, Money):
        return Decimal(value)
    if isinstance(kind, DateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, Date) else value


def _continue_numbers(connection: Connection, table: Table) -> None:
    """PostgreSQL counts ids by itself: go on after the highest that was restored."""
    if connection.dialect.name == "postgresql" and table.autoincrement_column is not None:
        name, column = table.name, table.autoincrement_column.name
        sequence = connection.execute(text("SELECT pg_get_serial_sequence(:t, :c)"), {"t": name, "c": column}).scalar()
        highest = connection.execute(select(func.max(table.autoincrement_column))).scalar()
        if sequence and highest:
            connection.execute(text("SELECT setval(:s, :n)"), {"s": sequence, "n": highest})


def _place(moves: Mapping[Path, Path], strategies: Path | None) -> tuple[str, ...]:
    """Move the files in; the names of those that the folder of strategies has already with another text."""
    kept = []
    for source, target in moves.items():
        if strategies in target.parents and target.exists():
            if target.read_bytes() != source.read_bytes():
                kept.append(target.name)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(source, target)
    return tuple(kept)
