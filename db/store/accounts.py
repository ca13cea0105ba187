"""Accounts: which one, what it holds, and what it may risk."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import func
from sqlmodel import Session, col, select

from core.errors import NotFoundError
from core.risk import Sizing, position_size
from db.models import Account, Symbol, Trade


def default_account(session: Session) -> Account:
    """The first account: the one used where nothing else was chosen.

    Raises:
        NotFoundError: there is none yet.
    """
    account = session.exec(select(Account).order_by(col(Account.id)).limit(1)).first()
    if account is None:
        raise NotFoundError("There is no account yet: run `python -m workers seed` or add one first.")
    return account


def get_account(session: Session, account_id: int | None, *, lock: bool = False) -> Account:
    """The account, or the default one for None; with `lock` nobody else decides on it until the transaction ends.

    Raises:
        NotFoundError: there is no such account.
    """
    chosen = default_account(session).id if account_id is None else account_id
    query = select(Account).where(Account.id == chosen).execution_options(populate_existing=True)
    # Foreign keys that point at the account need not wait, hence key_share.
    account = session.exec(query.with_for_update(key_share=True) if lock else query).first()
    if account is None:
        raise NotFoundError(f"Account {chosen} does not exist: choose another one.", chosen)
    return account


def balance(session: Session, account_id: int) -> Decimal:
    """Initial balance plus the P&L of all closed trades, in the account's currency, exact."""
    account = get_account(session, account_id)
    query = select(func.sum(Trade.pnl)).where(Trade.account_id == account_id, Trade.status == "closed")
    return account.initial_balance + (session.exec(query).one() or Decimal(0))


def proposed_size(session: Session, account: Account, symbol: Symbol, entry: float, stop: float) -> Sizing:
    """The size that risks the account's percentage of its present balance between `entry` and `stop`.

    Raises:
        ParameterError: there is no such size; the sentence names what to change.
    """
    assert account.id is not None
    held = balance(session, account.id)
    return position_size(held, account.risk_percent, entry, stop, symbol.point_value, symbol.lot_step)
