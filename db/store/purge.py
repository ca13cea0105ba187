"""Delete rows for good together with what belongs to them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Table, delete, select, update
from sqlmodel import Session, SQLModel


def delete_rows(session: Session, table: Table, doomed: Select[Any]) -> None:
    """Delete the rows whose ids `doomed` selects.

    Rows that cannot be without them go too; a column that merely may point at them is emptied. Both follow from the
    schema, so that a new table needs no line here.
    """
    for child in SQLModel.metadata.sorted_tables:
        for column in child.columns:
            if not any(key.column.table is table for key in column.foreign_keys):
                continue
            hit = column.in_(doomed)
            if column.nullable:
                session.execute(update(child).where(hit).values({column.name: None}))
            elif child is not table:
                _delete_children(session, child, column, doomed)
    session.execute(delete(table).where(table.c.id.in_(doomed)))


def _delete_children(session: Session, child: Table, column: Any, doomed: Select[Any]) -> None:
    if "id" in child.c and len(child.primary_key.columns) == 1:
        delete_rows(session, child, select(child.c.id).where(column.in_(doomed)))
    else:
        session.execute(delete(child).where(column.in_(doomed)))
