"""What an account allows: how many trades, how much risk, which symbols and when."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from core.errors import LimitError
from core.journal.sessions import open_at
from core.risk import exact, money, plain
from db.models import Account, Symbol, Trade
from db.store.accounts import balance


def open_trades(session: Session, account_id: int) -> list[tuple[Trade, Symbol]]:
    """The open trades of an account with their symbols, oldest first."""
    query = select(Trade, Symbol).join(Symbol, col(Symbol.id) == col(Trade.symbol_id))
    query = query.where(Trade.account_id == account_id, col(Trade.deleted_at).is_(None), Trade.status == "open")
    return list(session.exec(query.order_by(col(Trade.id))))


def at_stake(trade: Trade, symbol: Symbol) -> Decimal | None:
    """Money lost if an open trade meets the stop in force, never negative; None without a stop: it has no bound."""
    if trade.stop is None:
        return None
    distance = trade.direction * (exact(trade.entry_price) - exact(trade.stop))
    return max(Decimal(0), distance * trade.open_quantity * symbol.point_value)


def check_limits(
    session: Session,
    account: Account,
    symbol: Symbol,
    risk: Decimal | None,
    at: datetime,
    *,
    added_to: int | None = None,
) -> None:
    """Refuse a trade that the account's rules do not allow. The account has to be locked.

    `risk` is what the trade puts at stake, None without a stop; `at` is when it is opened; `added_to` names the trade
    that this one adds to.

    Raises:
        LimitError: names the rule and the figure.
    """
    assert account.id is not None
    if account.archived_at is not None:
        raise LimitError(
            f"{account.name} is archived: choose another account or take it out of the archive.", "archived"
        )
    if account.symbols and symbol.id not in account.symbols:
        raise LimitError(f"{account.name} does not allow trades in {symbol.name}: see its allowed symbols.", "symbols")
    _check_session(account, at)
    opened = open_trades(session, account.id)
    if account.max_open is not None and added_to is None and len(opened) >= account.max_open:
        raise LimitError(
            f"{account.name} allows {account.max_open} trades at once and {len(opened)} are open: close one first.",
            "max_open",
        )
    if account.max_risk_percent is not None:
        _check_risk(session, account, account.max_risk_percent, opened, risk)


def _check_session(account: Account, at: datetime) -> None:
    running = open_at(at)
    if account.sessions and not set(running) & set(account.sessions):
        allowed = ", ".join(name.replace("_", " ").title() for name in account.sessions)
        raise LimitError(
            f"{account.name} allows trades in these sessions only: {allowed}. At {at:%Y-%m-%d %H:%M} UTC none is open.",
            "sessions",
        )


def _check_risk(
    session: Session, account: Account, percent: Decimal, opened: list[tuple[Trade, Symbol]], risk: Decimal | None
) -> None:
    limit = f"{account.name} allows {plain(percent)} % of the balance at risk"
    stakes = [(trade.id, at_stake(trade, symbol)) for trade, symbol in opened]
    unbounded = next((trade_id for trade_id, stake in stakes if stake is None), None)
    if risk is None or unbounded is not None:
        which = "this trade" if risk is None else f"trade {unbounded}"
        raise LimitError(
            f"{limit}, but {which} has no stop: its risk has no bound. Set a stop first.", "max_risk_percent"
        )
    used = sum((stake for _, stake in stakes if stake is not None), Decimal(0))
    allowed = max(Decimal(0), balance(session, account.id or 0)) * percent / 100
    if used + risk > allowed:
        raise LimitError(
            f"{limit}, that is {money(allowed)} {account.currency}; {money(used)} is in use and this trade adds "
            f"{money(risk)}: take a smaller size or close something.",
            "max_risk_percent",
        )
