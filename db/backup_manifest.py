"""The list of contents of a backup: what is in it, with a SHA-256 of each part."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from pydantic import AwareDatetime, BaseModel, NonNegativeInt, ValidationError

from core.errors import ChartroomError
from db.backup_files import strategies_among

FORMAT: Final = 2
"""Format 1 had names of plain letters and no strategies; it is read as well."""
MANIFEST: Final = "manifest.json"
MOST_BYTES: Final = 20 * 1024**3
_LONGEST: Final = 64 * 1024**2
_FOREIGN: Final = "This is no backup of Chartroom, or its list of contents is damaged: use another one."


class BackupError(ChartroomError):
    """A backup that cannot be made or restored; the desk is as it was."""


class Part(BaseModel):
    """One file of the archive; `size` in bytes."""

    sha256: str
    size: NonNegativeInt


class TablePart(Part):
    """The rows of one table."""

    rows: NonNegativeInt


class _Head(BaseModel):
    product: Literal["chartroom"] = "chartroom"
    format: int = FORMAT


class _Marked(_Head):
    product: Literal["chartroom"]
    format: int


class Manifest(_Head):
    """Everything that a backup says about itself. `left_out` names files that are no part of it."""

    version: str = ""
    made_at: AwareDatetime
    tables: Mapping[str, TablePart]
    files: Mapping[str, Part]
    left_out: tuple[str, ...] = ()

    @property
    def bytes(self) -> int:
        return sum(part.size for parts in (self.tables, self.files) for part in parts.values())


@dataclass(frozen=True)
class Contents:
    """What a backup holds; `strategies` are the names of the person's own among its files."""

    made_at: datetime
    rows: int
    files: int
    bytes: int
    strategies: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def read_manifest(archive: zipfile.ZipFile) -> Manifest:
    """The list of contents, checked for its form; whether the archive holds all that is checked by `db.restore`.

    Raises:
        BackupError: there is none, or it is damaged, or of a format of another release.
    """
    try:
        if archive.getinfo(MANIFEST).file_size > _LONGEST:
            raise BackupError("The list of contents is too long: this is no backup of Chartroom.")
        content = archive.read(MANIFEST)
        told = _Marked.model_validate_json(content).format
        if not 1 <= told <= FORMAT:
            raise BackupError(f"This backup has the format {told}: restore it with the release that made it.")
        return Manifest.model_validate_json(content)
    except (KeyError, ValidationError) as error:
        raise BackupError(_FOREIGN) from error


def contents_of(manifest: Manifest) -> Contents:
    rows = sum(part.rows for part in manifest.tables.values())
    made_at = manifest.made_at.astimezone(UTC)
    strategies = strategies_among(manifest.files)
    return Contents(made_at, rows, len(manifest.files), manifest.bytes, strategies, manifest.left_out)
