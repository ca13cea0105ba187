"""The whole desk in one file: rows of every table in a form that knows no data base, and the files beside it.

A backup is a zip: `manifest.json` (what is in it, with a SHA-256 of each part), `tables/NAME.jsonl` (a line of column
names, then one line a row), and `files/FOLDER/...`. `db.restore` reads it.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, Table, func, select
from sqlmodel import SQLModel

import db.models  # noqa: F401  (fills the metadata)
from core.errors import ChartroomError
from db.version import code_version

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
CHUNK: Final = 2_000
BLOCK: Final = 1 << 20


class BackupError(ChartroomError):
    """A backup that cannot be made or restored; the desk is as it was."""


@dataclass(frozen=True)
class Contents:
    """What a backup holds."""

    made_at: datetime
    rows: int
    files: int
    bytes: int


def write_backup(engine: Engine, folders: Mapping[str, Path], target: Path, now: datetime) -> Contents:
    """Write the desk to `target`: every table as of one moment, and the files of `folders` (name -> folder).

    A backup that is interrupted leaves no file behind.

    Raises:
        BackupError: the file cannot be written, or exists already.
    """
    if target.exists():
        raise BackupError(f"{target} exists already: choose another name.", target)
    part = target.with_name(f"{target.name}.part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
            manifest: dict[str, Any] = {"product": "chartroom", "format": FORMAT, "version": code_version()}
            manifest |= {"made_at": now.isoformat(), "tables": _tables_out(engine, archive)}
            manifest["files"] = {
                name: _part(archive, name, _blocks(path)) for name, path in sorted(files_in(folders).items())
            }
            archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
        part.replace(target)
    except OSError as error:
        raise BackupError(f"{target} cannot be written ({error.strerror}): check path and space.", target) from error
    finally:
        part.unlink(missing_ok=True)
    return contents_of(manifest)


def _tables_out(engine: Engine, archive: zipfile.ZipFile) -> dict[str, Any]:
    found = {}
    with engine.connect() as opened:
        # All tables as of one moment: PostgreSQL has to be told, SQLite reads a snapshot anyway.
        postgresql = opened.dialect.name == "postgresql"
        connection = opened.execution_options(isolation_level="REPEATABLE READ") if postgresql else opened
        with connection.begin():
            for table in SQLModel.metadata.sorted_tables:
                rows = connection.execute(select(func.count()).select_from(table)).scalar_one()
                found[table.name] = _part(archive, entry_of(table), _rows(connection, table)) | {"rows": rows}
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


def _part(archive: zipfile.ZipFile, name: str, blocks: Iterator[bytes]) -> dict[str, Any]:
    """Write one part; its hash and size."""
    digest, size = hashlib.sha256(), 0
    with archive.open(name, "w", force_zip64=True) as out:
        for block in blocks:
            digest.update(block)
            size += len(block)
            out.write(block)
    return {"sha256": digest.hexdigest(), "size": size}


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def files_in(folders: Mapping[str, Path]) -> dict[str, Path]:
    """Name in the archive -> file, of every plain file; links are not followed out of the folder."""
    found = {}
    for name, folder in folders.items():
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink() and not path.name.endswith(".part"):
                found[f"files/{name}/{path.relative_to(folder).as_posix()}"] = path
    return found


def contents_of(manifest: dict[str, Any]) -> Contents:
    sizes = [one["size"] for part in ("tables", "files") for one in manifest[part].values()]
    rows = sum(one["rows"] for one in manifest["tables"].values())
    made_at = datetime.fromisoformat(manifest["made_at"]).astimezone(UTC)
    return Contents(made_at, rows, len(manifest["files"]), sum(sizes))


def entry_of(table: Table) -> str:
    return f"tables/{table.name}.jsonl"
