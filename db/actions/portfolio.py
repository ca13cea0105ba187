"""What a person does with portfolios: create, edit, archive, choose the default, of which there is always just one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from core.errors import ConflictError, DeskError, EditConflictError
from core.ledger import Method
from db.conflict import insert_for
from db.engine import reader, writer
from db.models import Account, Portfolio, PortfolioAccount, Symbol
from db.store.lineage.steps import Step, add_step, steps_of
from db.store.portfolio.portfolios import accounts_of, get_portfolio
from db.store.revision import bump

FIRST = "All accounts"
NAME_LENGTH = 80
_CURRENCY = re.compile(r"[A-Z]{3,5}")


@dataclass(frozen=True)
class PortfolioDraft:
    """A portfolio as the form gives it; see `db.models.Portfolio`."""

    name: str
    currency: str = "USD"
    benchmark_id: int | None = None
    method: str = Method.AVERAGE.value
    account_ids: Sequence[int] = ()


def ensure_default(engine: Engine, now: datetime) -> bool:
    """See to it that there is a default portfolio and that every account is in some portfolio; whether anything was
    missing. Any number of processes may call this at once.
    """
    with reader(engine) as session:
        if _complete(session):
            return False
    with writer(engine) as session:
        changed = furnish(session, now)
        if changed:
            bump(session)
        return changed


def furnish(session: Session, now: datetime) -> bool:
    """The same within a transaction. An account that is in no portfolio joins the default one."""
    if _complete(session):
        return False
    default = _default(session, _lock(session))
    if default is None:
        default = _first(session, now)
    rows = [{"portfolio_id": default.id, "account_id": account} for account in _lost(session)]
    if rows:
        session.execute(insert_for(session, PortfolioAccount).on_conflict_do_nothing(), rows)
    return True


def create_portfolio(engine: Engine, draft: PortfolioDraft, now: datetime) -> int:
    """Store a new portfolio; returns its id.

    Raises:
        ConflictError: the name is taken.
        DeskError: the draft cannot be; nothing was written.
    """
    with writer(engine) as session:
        furnish(session, now)
        values = _checked(session, draft)
        portfolio = Portfolio(**values, created_at=now)
        session.add(portfolio)
        _flush(session, draft.name)
        _fill(session, portfolio, draft.account_ids)
        _trace(session, portfolio, draft, now)
        bump(session)
        return portfolio.id or 0


def edit_portfolio(engine: Engine, portfolio_id: int, version: int, draft: PortfolioDraft, now: datetime) -> int:
    """Replace the settings of a portfolio of which the person saw `version`; returns the new version.

    Raises:
        NotFoundError: there is no such portfolio.
        EditConflictError: it was changed since; carries the fields that differ.
        ConflictError: the name is taken.
        DeskError: the draft cannot be; nothing was written.
    """
    with writer(engine) as session:
        _lock(session)
        portfolio = get_portfolio(session, portfolio_id)
        values = _checked(session, draft)
        _check_version(portfolio, version, values)
        for name, value in values.items():
            setattr(portfolio, name, value)
        portfolio.version += 1
        _flush(session, draft.name)
        _fill(session, portfolio, draft.account_ids)
        furnish(session, now)
        _trace(session, portfolio, draft, now)
        bump(session)
        return portfolio.version


def make_default(engine: Engine, portfolio_id: int, now: datetime) -> None:
    """Make this the portfolio that the page opens with.

    Raises:
        NotFoundError: there is no such portfolio.
        DeskError: it is archived.
    """
    with writer(engine) as session:
        rows = _lock(session)
        portfolio = get_portfolio(session, portfolio_id)
        if portfolio.archived_at is not None:
            raise DeskError(f"{portfolio.name} is archived: take it out of the archive first.", portfolio_id)
        if portfolio.is_default:
            return
        for row in rows:
            row.is_default = row.id == portfolio_id
        furnish(session, now)
        bump(session)


def archive_portfolio(engine: Engine, portfolio_id: int, version: int, archived: bool, now: datetime) -> int:
    """Put a portfolio into the archive or take it out; returns the new version. Its accounts are not touched.

    Raises:
        NotFoundError: there is no such portfolio.
        EditConflictError: it was changed since.
        DeskError: it is the default.
    """
    with writer(engine) as session:
        _lock(session)
        portfolio = get_portfolio(session, portfolio_id)
        _check_version(portfolio, version, {})
        if archived and portfolio.is_default:
            raise DeskError(f"{portfolio.name} is the default: make another portfolio the default first.", portfolio_id)
        portfolio.archived_at = now if archived else None
        portfolio.version += 1
        furnish(session, now)
        bump(session)
        return portfolio.version


def _lock(session: Session) -> list[Portfolio]:
    """Every portfolio, locked in the order of their ids: of two who choose a default, one waits for the other."""
    query = select(Portfolio).order_by(col(Portfolio.id)).with_for_update()
    return list(session.exec(query.execution_options(populate_existing=True)))


def _default(session: Session, rows: Sequence[Portfolio]) -> Portfolio | None:
    """The default; where there is none, the oldest that is in use becomes it."""
    living = [row for row in rows if row.archived_at is None]
    found = next((row for row in living if row.is_default), living[0] if living else None)
    if found is not None and not found.is_default:
        found.is_default = True
        session.flush()
    return found


def _first(session: Session, now: datetime) -> Portfolio:
    """The portfolio that a desk starts with, in the currency of its first account."""
    currency = session.exec(select(Account.currency).order_by(col(Account.id)).limit(1)).first()
    row = Portfolio(name=FIRST, currency=currency or "USD", created_at=now).model_dump(exclude={"id"})
    session.execute(insert_for(session, Portfolio).values(row).on_conflict_do_nothing())
    # Of that name there may be one in the archive, or somebody else was faster.
    rows = _lock(session)
    found = _default(session, rows)
    if found is None:
        found = next(one for one in rows if one.name == FIRST)
        found.archived_at, found.is_default = None, True
        session.flush()
    if not steps_of(session, "portfolio", found.id or 0):
        _trace(session, found, PortfolioDraft(found.name, found.currency), now)
    return found


def _complete(session: Session) -> bool:
    default = select(Portfolio.id).where(col(Portfolio.is_default), col(Portfolio.archived_at).is_(None))
    return session.exec(default).first() is not None and not _lost(session)


def _lost(session: Session) -> list[int]:
    """Accounts that are in no portfolio that is in use."""
    known = select(col(PortfolioAccount.account_id)).join(
        Portfolio, col(Portfolio.id) == col(PortfolioAccount.portfolio_id)
    )
    known = known.where(col(Portfolio.archived_at).is_(None))
    found = session.exec(select(Account.id).where(col(Account.id).not_in(known)).order_by(col(Account.id)))
    return [one for one in found if one is not None]


def _fill(session: Session, portfolio: Portfolio, account_ids: Sequence[int]) -> None:
    session.execute(delete(PortfolioAccount).where(col(PortfolioAccount.portfolio_id) == portfolio.id))
    session.add_all(
        PortfolioAccount(portfolio_id=portfolio.id or 0, account_id=one) for one in sorted(set(account_ids))
    )
    session.flush()


def _checked(session: Session, draft: PortfolioDraft) -> dict[str, Any]:
    """The draft as column values."""
    name = draft.name.strip()
    if not name or len(name) > NAME_LENGTH:
        raise DeskError(f"A portfolio needs a name of at most {NAME_LENGTH} characters.", draft.name)
    if not _CURRENCY.fullmatch(draft.currency):
        raise DeskError(f"'{draft.currency}' is no currency: write it as USD.", draft.currency)
    if draft.method not in {one.value for one in Method}:
        raise DeskError(f"'{draft.method}' is no method: use average, fifo or lifo.", draft.method)
    if draft.benchmark_id is not None and session.get(Symbol, draft.benchmark_id) is None:
        raise DeskError(f"There is no symbol {draft.benchmark_id}: reload the page.", draft.benchmark_id)
    known = set(session.exec(select(Account.id)))
    if not draft.account_ids or not set(draft.account_ids) <= known:
        raise DeskError("A portfolio needs at least one account: choose those that belong to it.", draft.account_ids)
    return {name_: value for name_, value in asdict(draft).items() if name_ != "account_ids"} | {"name": name}


def _check_version(portfolio: Portfolio, version: int, values: dict[str, Any]) -> None:
    if portfolio.version == version:
        return
    fields = {
        name: (getattr(portfolio, name), mine) for name, mine in values.items() if getattr(portfolio, name) != mine
    }
    raise EditConflictError(
        f"{portfolio.name} was changed in the meantime: look at the difference and decide again.", fields, portfolio.id
    )


def _trace(session: Session, portfolio: Portfolio, draft: PortfolioDraft, now: datetime) -> None:
    """Keep every version of what the portfolio's figures depend on."""
    session.flush()
    chosen = {"currency": draft.currency, "method": draft.method, "benchmark": draft.benchmark_id}
    accounts = sorted(draft.account_ids) or [one.id or 0 for one in accounts_of(session, portfolio.id or 0)]
    step = Step(
        kind="settings",
        name=f"Portfolio {portfolio.name}, version {portfolio.version}",
        started_at=now,
        finished_at=now,
        entity="portfolio",
        entity_id=portfolio.id,
        parameters=chosen,
        inputs={"accounts": accounts},
        output={"version": portfolio.version},
        content=chosen | {"accounts": accounts},
    )
    add_step(session, step)


def _flush(session: Session, name: str) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        raise ConflictError(
            f"There is a portfolio called '{name.strip()}' already: choose another name.", name
        ) from error
