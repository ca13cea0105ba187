"""Accounts: which one, what it holds, and what it may risk."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import func
from sqlmodel import Session, col, select

from core.errors import NotFoundError
from core.risk import Sizing, position_size
from db.models import Account, CashMovement, Setting, Symbol, Trade

_ONE = Decimal(1)
CHOSEN = "account"
"""The setting that keeps the account chosen last."""


def default_account(session: Session) -> Account:
    """The first account that is not archived: the one used where nothing else was chosen.

    Raises:
        NotFoundError: there is none yet.
    """
    query = select(Account).where(col(Account.archived_at).is_(None)).order_by(col(Account.id))
    account = session.exec(query.limit(1)).first()
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
    """What the account holds, in its currency, exact.

    Initial balance, plus cash that went in less what went out, plus the P&L realised by closed and by partly closed
    trades after fees and swaps.
    """
    account = get_account(session, account_id)
    realised = select(func.sum(Trade.pnl)).where(Trade.account_id == account_id, col(Trade.deleted_at).is_(None))
    cash = select(func.sum(CashMovement.amount)).where(CashMovement.account_id == account_id)
    return sum((session.exec(query).one() or Decimal(0) for query in (realised, cash)), account.initial_balance)


def chosen(session: Session) -> int | None:
    """The id of the account chosen last, None before the first choice."""
    setting = session.get(Setting, CHOSEN)
    return setting.value if setting is not None and isinstance(setting.value, int) else None


def proposed_size(session: Session, account: Account, symbol: Symbol, entry: float, stop: float) -> Sizing:
    """The size that risks what the account allows for one trade between `entry` and `stop`: its fixed amount, else its
    percentage of the present balance.

    Raises:
        ParameterError: there is no such size; the sentence names what to change.
    """
    assert account.id is not None
    return sized(account, balance(session, account.id), symbol, entry, stop)


def sized(account: Account, held: Decimal, symbol: Symbol, entry: float, stop: float) -> Sizing:
    """The same for an account that holds `held`."""
    # A fixed amount is one per cent of a hundred times as much.
    held, percent = (held, account.risk_percent) if account.risk_fixed is None else (account.risk_fixed * 100, _ONE)
    return position_size(held, percent, entry, stop, symbol.point_value, symbol.lot_step)


def budget(account: Account, held: Decimal) -> Decimal:
    """What one trade may lose at its stop by the account's own setting, in money, while it holds `held`."""
    return held * account.risk_percent / 100 if account.risk_fixed is None else account.risk_fixed
