"""The whole desk in one file: rows of every table in a form that knows no data base, and the files beside it.

A backup is a zip: `manifest.json` (see `db.backup_manifest`), `tables/NAME.jsonl` (a line of column names, then one
line a row), and `files/FOLDER/...` (see `db.backup_files`). `db.restore` reads it. Image data sets are no part of it:
they are large, and are built again from their recipes.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, Table, func, select
from sqlmodel import SQLModel

import db.models  # noqa: F401  (fills the metadata)
from db.backup_files import files_in
from db.backup_manifest import MANIFEST, MOST_BYTES, BackupError, Contents, Manifest, Part, TablePart, contents_of
from db.version import code_version

CHUNK: Final = 2_000
BLOCK: Final = 1 << 20


def write_backup(engine: Engine, folders: Mapping[str, Path], target: Path, now: datetime) -> Contents:
    """Write the desk to `target`: every table as of one moment, and the files of `folders` (name -> folder).

    A backup that is interrupted leaves no file behind. Files that could not be restored are left out and named.

    Raises:
        BackupError: the file cannot be written, or exists already, or the desk is larger than a backup may be.
    """
    if target.exists():
        raise BackupError(f"{target} exists already: choose another name.", target)
    part = target.with_name(f"{target.name}.part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
            tables, found = _tables_out(engine, archive), files_in(folders)
            files = {name: _part(archive, name, _blocks(path)) for name, path in found.kept.items()}
            manifest = Manifest(
                version=code_version(), made_at=now, tables=tables, files=files, left_out=found.left_out
            )
            if manifest.bytes > MOST_BYTES:
                raise BackupError(
                    f"The desk has {manifest.bytes / 1024**3:.0f} GB, a backup holds {MOST_BYTES // 1024**3}: move "
                    "charts that you no longer need out of its folder.",
                    target,
                )
            archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))
        part.replace(target)
    except OSError as error:
        raise BackupError(f"{target} cannot be written ({error.strerror}): check path and space.", target) from error
    finally:
        part.unlink(missing_ok=True)
    return contents_of(manifest)


def _tables_out(engine: Engine, archive: zipfile.ZipFile) -> dict[str, TablePart]:
    found = {}
    with engine.connect() as opened:
        # All tables as of one moment: PostgreSQL has to be told, SQLite reads a snapshot anyway.
        postgresql = opened.dialect.name == "postgresql"
        connection = opened.execution_options(isolation_level="REPEATABLE READ") if postgresql else opened
        with connection.begin():
            for table in SQLModel.metadata.sorted_tables:
                rows = connection.execute(select(func.count()).select_from(table)).scalar_one()
                part = _part(archive, entry_of(table.name), _rows(connection, table))
                found[table.name] = TablePart(rows=rows, sha256=part.sha256, size=part.size)
    return found


def _rows(connection: Connection, table: Table) -> Iterator[bytes]:
    columns = list(table.columns)
    yield _line([column.name for column in columns])
    query = select(*columns).order_by(*table.primary_key.columns).execution_options(yield_per=CHUNK)
    for block in connection.execute(query).partitions():
        yield b"".join(_line([_plain(value) for value in row]) for row in block)


def _line(values: list[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value


def _part(archive: zipfile.ZipFile, name: str, blocks: Iterator[bytes]) -> Part:
    """Write one part; its hash and size."""
    digest, size = hashlib.sha256(), 0
    with archive.open(name, "w", force_zip64=True) as out:
        for block in blocks:
            digest.update(block)
            size += len(block)
            out.write(block)
    return Part(sha256=digest.hexdigest(), size=size)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def entry_of(table: str) -> str:
    return f"tables/{table}.jsonl"
