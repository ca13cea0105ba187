"""Columns that stand in for each other, and the account that a file is of."""

from __future__ import annotations

from collections.abc import Collection

from core.journal.imports.rows import ImportFileError
from core.journal.imports.table import Row


def filled(row: Row, *names: str) -> str:
    """The first of these columns that holds something in this line; the first at all where none does."""
    return next((name for name in names if row.text(name)), names[0])


def refuse_several(accounts: Collection[str]) -> None:
    """A buy in one account and a sell in another are no trade.

    Raises:
        ImportFileError: there is more than one.
    """
    if len(accounts) > 1:
        *others, last = accounts
        raise ImportFileError(
            f"The file is of the accounts {', '.join(others)} and {last}, and a file goes into one account of the "
            "desk: export one of them at a time."
        )
