"""What stands before an order: refusals, guards, the kill switch, and the brokers it may go to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from core.challenge.room import Verdict
from db.models import Account, AccountGuard, OrderRefusal, Setting, Symbol
from db.store.accounts import get_account
from db.store.guards import guard_answers
from db.store.orders.pending import opening, opens
from db.store.orders.rows import live_orders
from db.views.broker import link_now


@dataclass(frozen=True)
class Brokers:
    """Where an order may go besides the paper broker: `ibkr` where it is switched on, `live` with real money. `link` is
    how the connection stands; `account` the number at the broker.
    """

    ibkr: bool = False
    live: bool = False
    link: str = "off"
    account: str = ""


def refusals(session: Session, account_id: int, limit: int) -> list[tuple[OrderRefusal, Symbol]]:
    """Orders of an account that were not let through, the newest first, each with its symbol."""
    query = select(OrderRefusal, Symbol).join(Symbol, col(Symbol.id) == col(OrderRefusal.symbol_id))
    query = query.where(col(OrderRefusal.account_id) == account_id).order_by(col(OrderRefusal.id).desc())
    return [(refusal, symbol) for refusal, symbol in session.execute(query.limit(limit))]


def guard_of(session: Session, account_id: int) -> AccountGuard | None:
    """What stops new orders of an account; None before the first guard was set."""
    return session.get(AccountGuard, account_id)


def guard_states(session: Session, account_id: int, now: datetime) -> list[Verdict]:
    """What every guard of an account that is switched on says to a new order.

    Raises:
        NotFoundError: there is no such account.
    """
    return guard_answers(session, get_account(session, account_id), now)


def opening_orders(session: Session, account_id: int | None) -> int:
    """How many live orders the kill switch ends, in one account or (None) in all: they could open a position."""
    accounts = [account_id] if account_id is not None else list(session.scalars(select(col(Account.id))))
    live = [live_orders(session, account_id=one) for one in accounts]
    return sum(len(opening(one, opens(session, one))) for one in live)


def brokers(session: Session, now: int) -> Brokers:
    """Where orders may go, by the settings and by how the connection stands at `now` (UTC ms)."""
    setting = session.get(Setting, "ibkr")
    known = setting.value if setting is not None and isinstance(setting.value, dict) else {}
    link = link_now(session, now)
    return Brokers(
        ibkr=bool(known.get("enabled")),
        live=bool(known.get("live")),
        link=link.link.value,
        account=str(known.get("account") or link.account),
    )
