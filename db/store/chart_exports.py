"""Exports that the desk makes by itself, and their names."""

from __future__ import annotations

from sqlalchemy import ColumnElement, String, cast, literal
from sqlmodel import col

from db.models import ChartExport, Signal


def signal_export(signal_id: int) -> str:
    """The `once` of a signal's own chart."""
    return f"signal-{signal_id}"


def shows_signal() -> ColumnElement[bool]:
    """The condition that an export is its signal's own chart, for joins of the two."""
    return col(ChartExport.once) == literal("signal-").concat(cast(col(Signal.id), String))
