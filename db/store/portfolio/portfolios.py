"""Portfolios: which there are, which is the default, and the accounts in each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from core.errors import NotFoundError
from db.models import Account, CashMovement, CorporateAction, Portfolio, PortfolioAccount, Symbol, Trade, TradeFill

_OF_SYMBOL = (
    "id", "name", "asset_class", "tick_size", "point_value", "currency", "source", "calendar", "base_timeframe",
)  # fmt: skip


def portfolios(session: Session, *, archived: bool = False) -> list[Portfolio]:
    """Those in use, or those in the archive: the default first, then by name."""
    put_away = col(Portfolio.archived_at).is_not(None) if archived else col(Portfolio.archived_at).is_(None)
    query = select(Portfolio).where(put_away)
    return list(session.exec(query.order_by(col(Portfolio.is_default).desc(), col(Portfolio.name))))


def get_portfolio(session: Session, portfolio_id: int) -> Portfolio:
    """The portfolio as it is now.

    Raises:
        NotFoundError: there is no such portfolio.
    """
    found = session.get(Portfolio, portfolio_id, populate_existing=True)
    if found is None:
        raise NotFoundError(f"Portfolio {portfolio_id} does not exist: choose another one.", portfolio_id)
    return found


def accounts_of(session: Session, portfolio_id: int) -> list[Account]:
    """The accounts in a portfolio, the oldest first; those in the archive too, for they keep their history."""
    query = select(Account).join(PortfolioAccount, col(PortfolioAccount.account_id) == col(Account.id))
    query = query.where(PortfolioAccount.portfolio_id == portfolio_id)
    return list(session.exec(query.order_by(col(Account.id))))


def fingerprint(session: Session, account_ids: Sequence[int]) -> tuple[Any, ...]:
    """Differs whenever the records of these accounts do, or what is said of them and of the symbols they traded: rows
    of the journal and of cash are only added or cleared, but for what a broker corrects.
    """
    said = (func.sum(getattr(TradeFill, name)) for name in ("fee", "swap", "quantity", "price", "stated"))
    fills = (
        select(func.count(), func.max(TradeFill.id), func.sum(TradeFill.id), *said)
        .join(Trade, col(Trade.id) == col(TradeFill.trade_id))
        .where(col(TradeFill.account_id).in_(account_ids), col(Trade.deleted_at).is_(None))
    )
    cash = select(func.count(), func.max(CashMovement.id)).where(col(CashMovement.account_id).in_(account_ids))
    actions = select(func.count(), func.count(col(CorporateAction.withdrawn_at)), func.max(CorporateAction.id))
    accounts = session.exec(select(Account).where(col(Account.id).in_(account_ids)).order_by(col(Account.id)))
    sums = [tuple(session.execute(query).one()) for query in (fills, cash, actions)]
    told = [(row.id, row.version, row.name, row.initial_balance, row.currency, row.created_at) for row in accounts]
    traded = select(Trade.symbol_id).where(col(Trade.account_id).in_(account_ids))
    symbols = session.exec(select(Symbol).where(col(Symbol.id).in_(traded)).order_by(col(Symbol.id)))
    return (*sums, *told, *(tuple(getattr(row, name) for name in _OF_SYMBOL) for row in symbols))


def all_accounts(session: Session) -> list[Account]:
    """Every account, those in the archive too, the oldest first."""
    return list(session.exec(select(Account).order_by(col(Account.id))))
