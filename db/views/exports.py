"""Everything a person has in the desk, table by table, for a file of their own. What was cleared is not part of it."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
from sqlalchemy import select
from sqlmodel import Session, SQLModel, col

from db.models import (
    Account,
    CashMovement,
    Challenge,
    ChallengePhase,
    DayNote,
    Playbook,
    PlaybookRule,
    Signal,
    SignalOutcome,
    Strategy,
    Symbol,
    Tag,
    Trade,
    TradeChange,
    TradeFill,
    TradeRule,
    TradeTag,
)

_HIDDEN: Final = {"deleted_at", "clearing_id", "import_id"}
_TABLES: Final[tuple[tuple[str, type[SQLModel]], ...]] = (
    ("accounts", Account),
    ("cash", CashMovement),
    ("challenges", Challenge),
    ("challenge_phases", ChallengePhase),
    ("trades", Trade),
    ("fills", TradeFill),
    ("changes", TradeChange),
    ("tags", TradeTag),
    ("rules_checked", TradeRule),
    ("playbooks", Playbook),
    ("playbook_rules", PlaybookRule),
    ("day_notes", DayNote),
    ("signals", Signal),
    ("signal_outcomes", SignalOutcome),
)
_NAMES: Final[dict[str, type[SQLModel]]] = {
    "account_id": Account,
    "symbol_id": Symbol,
    "strategy_id": Strategy,
    "tag_id": Tag,
    "playbook_id": Playbook,
}
_PARENTS: Final[dict[str, type[SQLModel]]] = {"trade_id": Trade, "signal_id": Signal, "challenge_id": Challenge}


def everything(session: Session, account_id: int | None = None) -> dict[str, pd.DataFrame]:
    """Name -> frame of each table, in a fixed order; of one account, or of all. Amounts are Decimals, times aware.

    Behind the id of an account, symbol, strategy, tag or playbook stands its name.
    """
    names = {column: _names(session, model) for column, model in _NAMES.items()}
    return {name: _frame(session, model, account_id, names) for name, model in _TABLES}


def _frame(
    session: Session, model: type[SQLModel], account_id: int | None, names: dict[str, dict[int, str]]
) -> pd.DataFrame:
    table: Any = model.__table__  # type: ignore[attr-defined]
    shown = [column for column in table.columns if column.name not in _HIDDEN]
    query = select(*shown).order_by(*table.primary_key.columns)
    if "deleted_at" in table.c:
        query = query.where(table.c.deleted_at.is_(None))
    for column, parent in _PARENTS.items():
        owner: Any = parent.__table__  # type: ignore[attr-defined]
        if column in table.c and not table.c[column].nullable:
            kept = select(owner.c.id).where(owner.c.deleted_at.is_(None))
            if account_id is not None and "account_id" in owner.c:
                kept = kept.where(owner.c.account_id == account_id)
            query = query.where(table.c[column].in_(kept))
    if account_id is not None:
        mine = table.c.id if model is Account else table.c.get("account_id")
        query = query if mine is None else query.where(mine == account_id)
    found = session.execute(query)
    frame = pd.DataFrame(found.fetchall(), columns=[column.name for column in shown], dtype=object)
    for column, known in names.items():
        if column in frame:
            place = list(frame.columns).index(column) + 1
            frame.insert(place, column.removesuffix("_id"), [known.get(one) for one in frame[column]])
    return frame


def _names(session: Session, model: type[SQLModel]) -> dict[int, str]:
    named: Any = model
    return {int(key): str(name) for key, name in session.execute(select(col(named.id), col(named.name)))}
