"""The steps that everything else begins with: settings as they were, and rows whose making nobody recorded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session

from core.risk import plain
from db.models import Account
from db.store.lineage.rows import query_one
from db.store.lineage.steps import settings_step, steps_of

# Plain, like what is written beside it: SQLAlchemy takes longer to say it than the data base to answer.
_NEWEST: Final = {
    "sqlite": "json_extract(output, '$.version')",
    "postgresql": "CAST(output ->> 'version' AS INTEGER)",
}
_STRATEGY: Final = (
    "SELECT id FROM lineage_step WHERE entity = 'strategy' AND entity_id = ? AND kind = 'settings' "
    "AND {version} <= ? ORDER BY id DESC LIMIT 1"
)


def account_step(session: Session, account: Account, now: datetime) -> int:
    """The step of an account's settings as they are: what a trade or order by hand comes from."""
    content = {
        "name": account.name,
        "currency": account.currency,
        "initial_balance": plain(account.initial_balance),
        "risk_percent": plain(account.risk_percent),
        "risk_fixed": None if account.risk_fixed is None else plain(account.risk_fixed),
        "max_open": account.max_open,
        "max_risk_percent": None if account.max_risk_percent is None else plain(account.max_risk_percent),
        "symbols": list(account.symbols),
        "sessions": list(account.sessions),
        "time_zone": account.time_zone,
    }
    name = f"Account {account.name}, version {account.version}"
    return settings_step(session, "account", account.id or 0, account.version, content, now, name)


def strategy_step(
    session: Session, strategy_id: int, version: int, kind: str, parameters: Mapping[str, Any], now: datetime
) -> int:
    """The step of a strategy's settings as a scan of this version read them.

    Switching a strategy on or off counts as a version and changes no settings: the newest step up to it holds them.
    """
    statement = _STRATEGY.format(version=_NEWEST[session.get_bind().dialect.name])
    found: int | None = query_one(session, statement, (strategy_id, version))
    if found is not None:
        return found
    content = {"kind": kind, "parameters": dict(parameters)}
    name = f"Strategy {strategy_id}, version {version}"
    return settings_step(session, "strategy", strategy_id, version, content, now, name)


def origin(session: Session, entity: str, entity_id: int, now: datetime) -> list[int]:
    """The steps that made a row or changed it, as parents of the next one.

    A row from before lineage was recorded has none: a step of its own says so, once, and stands for its beginning.
    """
    known = steps_of(session, entity, entity_id)
    if known:
        return known
    what = f"{entity.replace('_', ' ').capitalize()} {entity_id}"
    content = {"found": f"{what} was there before its making was recorded."}
    return [settings_step(session, entity, entity_id, 0, content, now, f"{what}, as found")]
