"""Exports by their names and states, and their files: nothing outside the charts folder is ever read or removed."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import ColumnElement, String, cast, literal
from sqlmodel import Session, col

from core.errors import NotFoundError, RenderError
from db.models import ChartExport, Signal


def signal_export(signal_id: int) -> str:
    """The `once` of a signal's own chart."""
    return f"signal-{signal_id}"


def trade_export(trade_id: int, moment: str) -> str:
    """The `once` of a trade's own chart; `moment` is `entry` or `exit`."""
    return f"trade-{trade_id}-{moment}"


def shows_signal() -> ColumnElement[bool]:
    """The condition that an export is its signal's own chart, for joins of the two."""
    return col(ChartExport.once) == literal("signal-").concat(cast(col(Signal.id), String))


def get_export(session: Session, export_id: int) -> ChartExport:
    """The row.

    Raises:
        NotFoundError: there is none.
    """
    found = session.get(ChartExport, export_id)
    if found is None:
        raise NotFoundError(f"There is no export {export_id} any more: ask for a new one.", export_id)
    return found


def file_name(row: ChartExport) -> str:
    """Where an export's file goes: its moment keeps a new export that gets a deleted one's id apart from it."""
    return f"export-{row.id}-{int(row.created_at.timestamp() * 1000)}.{row.format}"


def file_inside(folder: Path, name: str) -> Path:
    """The file `name` of the charts folder.

    Raises:
        RenderError: the name leads out of the folder, by itself or by a link.
    """
    path = folder / name
    if not name or not path.resolve().is_relative_to(folder.resolve()) or path.resolve() == folder.resolve():
        raise RenderError(f"'{name}' lies outside the charts folder: choose a plain file name.", name)
    return path


def read_file(folder: Path, name: str) -> bytes:
    """The content of a finished export.

    Raises:
        RenderError: the name leads out of the folder, or the file is gone or cannot be read.
    """
    path = file_inside(folder, name)
    try:
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise RenderError(f"The file of this export cannot be read ({reason}): export it again.", path) from error
