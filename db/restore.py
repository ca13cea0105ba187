"""An empty desk filled from a backup (see `db.backup`): everything is checked first, then written at once."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path, PurePosixPath
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
from sqlmodel import SQLModel

from db.backup import BLOCK, CHUNK, FORMAT, MANIFEST, BackupError, Contents, contents_of, entry_of, files_in
from db.money import Money

MOST_BYTES: Final = 20 * 1024**3
_LONGEST_MANIFEST: Final = 64 * 1024**2
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*")


def restore_backup(engine: Engine, folders: Mapping[str, Path], source: Path) -> Contents:
    """Fill an empty, migrated desk from a backup. Everything is checked first, and then written in one transaction.

    Raises:
        BackupError: the desk is not empty, or the file is damaged, foreign, or of another version.
    """
    try:
        with zipfile.ZipFile(source) as archive, tempfile.TemporaryDirectory() as room:
            manifest = _manifest(archive)
            _check(archive, manifest, folders)
            _stage(archive, manifest, Path(room))
            with engine.connect() as opened:
                connection = opened.execution_options(chartroom_write=True)
                with connection.begin():
                    if connection.dialect.name == "sqlite":
                        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
                    _check_empty(connection, folders)
                    for table in SQLModel.metadata.sorted_tables:
                        with archive.open(entry_of(table)) as lines:
                            _table_in(connection, table, lines)
                    _place(manifest, Path(room), folders)
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise BackupError(f"{source.name} is no backup, or it is damaged: use another one.", source) from error
    except OSError as error:
        raise BackupError(f"{source} cannot be read ({error.strerror}): check the path.", source) from error
    return contents_of(manifest)


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        if archive.getinfo(MANIFEST).file_size > _LONGEST_MANIFEST:
            raise BackupError("The list of contents is too long: this is no backup of Chartroom.")
        found = json.loads(archive.read(MANIFEST))
        sums = [found["tables"][name] for name in found["tables"]] + [found["files"][name] for name in found["files"]]
        whole = all(isinstance(one["sha256"], str) and isinstance(one["size"], int) for one in sums)
        known = found["product"] == "chartroom" and whole and isinstance(found["made_at"], str)
    except (KeyError, TypeError, ValueError):
        known = False
    if not known:
        raise BackupError("This is no backup of Chartroom, or its list of contents is damaged.")
    if found["format"] != FORMAT:
        raise BackupError(f"This backup has the format {found['format']}: restore it with the release that made it.")
    return dict(found)


def _check(archive: zipfile.ZipFile, manifest: dict[str, Any], folders: Mapping[str, Path]) -> None:
    """Names that stay inside, the tables of this release, and sizes that were stated."""
    tables = {table.name for table in SQLModel.metadata.sorted_tables}
    if set(manifest["tables"]) != tables:
        other = ", ".join(sorted(set(manifest["tables"]) ^ tables)[:5])
        raise BackupError(f"This backup is of another release (tables {other}): restore it with the one that made it.")
    for name in manifest["files"]:
        parts = PurePosixPath(name).parts
        inside = name == "/".join(parts) and parts[0] == "files" and all(_PART.fullmatch(part) for part in parts)
        if not inside or len(parts) < 3 or parts[1] not in folders:  # noqa: PLR2004
            raise BackupError(f"The backup names a file outside of the desk ({name}): refused.", name)
    stated = {f"tables/{name}.jsonl": one for name, one in manifest["tables"].items()} | manifest["files"]
    sizes = {item.filename: item.file_size for item in archive.infolist() if item.filename != MANIFEST}
    if sizes != {name: one["size"] for name, one in stated.items()} or sum(sizes.values()) > MOST_BYTES:
        raise BackupError("The backup does not hold what its list of contents says: it is damaged.")


def _stage(archive: zipfile.ZipFile, manifest: dict[str, Any], room: Path) -> None:
    """Check every hash; put the files into `room`, from where they are moved when all is well."""
    for name, one in manifest["tables"].items():
        with archive.open(f"tables/{name}.jsonl") as part:
            _copy(part, None, one, name)
    for name, one in manifest["files"].items():
        target = room / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(name) as part, target.open("wb") as out:
            _copy(part, out, one, name)


def _copy(part: IO[bytes], out: IO[bytes] | None, stated: Mapping[str, Any], name: str) -> None:
    digest = hashlib.sha256()
    while block := part.read(BLOCK):
        digest.update(block)
        if out is not None:
            out.write(block)
    if digest.hexdigest() != stated["sha256"]:
        raise BackupError(f"{name} was damaged or changed since the backup was made: use another one.", name)


def _check_empty(connection: Connection, folders: Mapping[str, Path]) -> None:
    for table in SQLModel.metadata.sorted_tables:
        if connection.execute(select(exists().select_from(table))).scalar():
            raise BackupError(
                f"This desk is not empty (it has rows of '{table.name}'): restore into a new one, with another "
                "CHARTROOM_HOME or DATABASE_URL.",
                table.name,
            )
    for name in files_in(folders):
        raise BackupError(f"This desk has files already ({name}): restore into a new CHARTROOM_HOME.", name)


def _table_in(connection: Connection, table: Table, lines: IO[bytes]) -> None:
    names = json.loads(next(lines))
    if set(names) != set(table.columns.keys()):
        other = ", ".join(sorted(set(names) ^ set(table.columns.keys())))
        raise BackupError(f"This backup is of another release ({table.name}: {other}): restore it with that one.")
    columns = [table.columns[name] for name in names]
    block: list[dict[str, Any]] = []
    for line in lines:
        values = json.loads(line)
        block.append({column.name: _value(column, value) for column, value in zip(columns, values, strict=True)})
        if len(block) == CHUNK:
            connection.execute(insert(table), block)
            block = []
    if block:
        connection.execute(insert(table), block)
    _continue_numbers(connection, table)


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


def _place(manifest: dict[str, Any], room: Path, folders: Mapping[str, Path]) -> None:
    for name in manifest["files"]:
        _, folder, *rest = PurePosixPath(name).parts
        target = folders[folder].joinpath(*rest)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(room / name, target)
