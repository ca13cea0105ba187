"""Guards of an account: set them, stop everything at once, let it go on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from core.errors import ConflictError
from core.guards import GuardRules
from core.orders import Source
from core.risk import plain
from db.engine import writer
from db.models import Account, AccountGuard, BrokerOrder
from db.store.accounts import get_account
from db.store.guards import get_guard
from db.store.lineage.steps import settings_step
from db.store.orders.cancel import cancel
from db.store.orders.pending import opening, opens
from db.store.orders.rows import live_orders
from db.store.revision import bump


def save_guards(engine: Engine, account_id: int, version: int, rules: GuardRules, now: datetime) -> int:
    """Set the limits of an account's guards; returns their new version (0 is none yet). The kill switch has actions of
    its own and stays as it is.

    Raises:
        NotFoundError: no such account.
        ConflictError: they were changed since `version`.
    """
    with writer(engine) as session:
        get_account(session, account_id, lock=True)
        row = get_guard(session, account_id)
        if (0 if row is None else row.version) != version:
            raise ConflictError("The guards were changed in the meantime: look again.", account_id)
        row = row or AccountGuard(account_id=account_id, version=0, updated_at=now)
        row.daily_loss, row.max_drawdown = rules.daily_loss, rules.max_drawdown
        row.losses_in_a_row, row.cool_down = rules.losses_in_a_row, rules.cool_down
        _keep(session, row, now)
        bump(session)
        return row.version


def kill(engine: Engine, account_id: int | None, now: datetime) -> int:
    """Let no new order through, and cancel every working one that could open or add to a position; returns how many.

    None: of all accounts. What protects or closes an open position stays: without it the position would be naked.

    Raises:
        NotFoundError: no such account.
    """
    with writer(engine) as session:
        cancelled = 0
        for one in _accounts(session, account_id):
            get_account(session, one, lock=True)
            row = get_guard(session, one) or AccountGuard(account_id=one, version=0, updated_at=now)
            if not row.kill_switch:
                row.kill_switch, row.killed_at = True, now
                _keep(session, row, now)
            for order in _opening(session, one):
                cancel(session, order, Source.PERSON, "Kill switch", now)
                cancelled += 1
        bump(session)
        return cancelled


def lift(engine: Engine, account_id: int | None, now: datetime) -> None:
    """Switch the kill switch off (None: everywhere); what was cancelled stays cancelled.

    Raises:
        NotFoundError: no such account.
    """
    with writer(engine) as session:
        for one in _accounts(session, account_id):
            get_account(session, one, lock=True)
            row = get_guard(session, one)
            if row is not None and row.kill_switch:
                row.kill_switch, row.killed_at = False, None
                _keep(session, row, now)
        bump(session)


def _accounts(session: Session, account_id: int | None) -> list[int]:
    if account_id is not None:
        return [account_id]
    return [found for found in session.exec(select(Account.id).order_by(col(Account.id))) if found is not None]


def _opening(session: Session, account_id: int) -> list[BrokerOrder]:
    """Working entries that could open a position. What as things stand only closes one is bound to do no more."""
    live = live_orders(session, account_id=account_id)
    found, tickets = opens(session, live), {row.reference: ticket for row, ticket in live}
    for reference, quantity in found.items():
        if not quantity and tickets[reference].closes is None:
            tickets[reference].reduces = True
    session.flush()
    return opening(live, found)


def _keep(session: Session, row: AccountGuard, now: datetime) -> None:
    row.version += 1
    row.updated_at = now
    session.add(row)
    session.flush()
    content = {
        "daily_loss": None if row.daily_loss is None else plain(row.daily_loss),
        "max_drawdown": None if row.max_drawdown is None else plain(row.max_drawdown),
        "losses_in_a_row": row.losses_in_a_row,
        "cool_down": row.cool_down,
        "kill_switch": row.kill_switch,
    }
    name = f"Guards of account {row.account_id}, version {row.version}"
    settings_step(session, "account_guard", row.account_id, row.version, content, now, name)
