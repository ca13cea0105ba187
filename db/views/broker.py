"""What the IBKR login page and the line under the navigation show of the broker."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from core.broker.link import SILENT_MS, Link
from core.broker.login import Login
from db.models import Account, BrokerContract, BrokerDifference, BrokerLink, BrokerOrder, OrderTicket, Symbol
from db.store.broker.login import IBKR, RECONCILED, SEARCH, TEST, read_login, read_value
from db.store.broker.work import OVER

HISTORY = 50


@dataclass(frozen=True)
class LinkView:
    """How the connection stands for a person: `since` (UTC ms) is None before it was ever switched on."""

    link: Link
    since: int | None
    detail: str
    account: str
    live: bool


@dataclass(frozen=True)
class BrokerView:
    """Everything the page shows. `test` and `search` are as the owner of the connection left them."""

    login: Login
    saved: bool
    test: dict[str, Any] | None
    search: dict[str, Any] | None
    working: int
    open: list[BrokerDifference] = field(default_factory=list)
    decided: list[BrokerDifference] = field(default_factory=list)
    contracts: list[tuple[BrokerContract, Symbol]] = field(default_factory=list)
    symbols: list[Symbol] = field(default_factory=list)
    accounts: list[tuple[int, str]] = field(default_factory=list)


def link_now(session: Session, now: int) -> LinkView:
    """How the connection stands at `now` (UTC ms). One whose owner is silent is stale, whatever it said last."""
    login, row = read_login(session), session.get(BrokerLink, IBKR, populate_existing=True)
    account = row.account if row is not None else ""
    if not login.enabled:
        since = row.since if row is not None and row.link == Link.OFF else None
        return LinkView(Link.OFF, since, "Switched off.", "", login.live)
    if row is None:
        return LinkView(Link.STALE, None, "The broker process has not started yet.", "", login.live)
    if row.link == Link.OFF:
        return LinkView(Link.STALE, row.since, _off(row, now), account, login.live)
    if now - row.seen > SILENT_MS:
        detail = "The broker process is silent: it starts again by itself when the desk runs."
        return LinkView(Link.STALE, row.seen, detail, account, login.live)
    return LinkView(Link(row.link), row.since, row.detail, account, row.live)


def reconciled(session: Session) -> int | None:
    """When both sides were compared last (UTC ms)."""
    found = read_value(session, RECONCILED)
    return int(found["at"]) if isinstance(found, dict) else None


def broker_view(session: Session) -> BrokerView:
    """The rest of the page."""
    login = read_value(session, IBKR)
    difference = select(BrokerDifference).where(BrokerDifference.broker == IBKR)
    open_ = difference.where(col(BrokerDifference.resolution).is_(None), col(BrokerDifference.gone_at).is_(None))
    decided = difference.where(col(BrokerDifference.resolution).is_not(None))
    pairs = select(BrokerContract, Symbol).join(Symbol, col(Symbol.id) == col(BrokerContract.symbol_id))
    return BrokerView(
        login=Login.of(login),
        saved=login is not None,
        test=read_value(session, TEST),
        search=read_value(session, SEARCH),
        working=_working(session),
        open=list(session.exec(open_.order_by(col(BrokerDifference.id)))),
        decided=list(session.exec(decided.order_by(col(BrokerDifference.resolved_at).desc()).limit(HISTORY))),
        contracts=list(session.exec(pairs.order_by(col(Symbol.name)))),
        accounts=_accounts(session),
        symbols=list(session.exec(select(Symbol).where(Symbol.source != "simulated").order_by(col(Symbol.name)))),
    )


def _accounts(session: Session) -> list[tuple[int, str]]:
    query = select(Account).where(col(Account.archived_at).is_(None)).order_by(col(Account.id))
    return [(one.id or 0, f"{one.name} ({one.currency})") for one in session.exec(query)]


def _off(row: BrokerLink, now: int) -> str:
    fresh = now - row.seen <= SILENT_MS
    return "The broker process is about to connect." if fresh else "The broker process does not run."


def _working(session: Session) -> int:
    query = select(func.count()).select_from(BrokerOrder)
    query = query.join(OrderTicket, col(OrderTicket.id) == col(BrokerOrder.ticket_id))
    return session.exec(query.where(OrderTicket.broker == IBKR, col(BrokerOrder.status).not_in(OVER))).one()
