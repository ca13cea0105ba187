"""What a person does with accounts: open, edit, archive; and the cash that goes in and out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, exists
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from core.errors import ConflictError, DeskError, EditConflictError
from core.journal.sessions import check_names
from db.actions.fill import check_moment
from db.actions.portfolio import furnish
from db.engine import writer
from db.models import Account, CashMovement, Symbol, Trade
from db.money import storable
from db.store.accounts import get_account
from db.store.orders.rows import live_orders
from db.store.revision import bump
from db.store.standing import open_trades

CASH = ("deposit", "withdrawal", "fee", "adjustment")
NAME_LENGTH = 80
_CURRENCY = re.compile(r"[A-Z]{3,5}")
_PERCENT = 100


@dataclass(frozen=True)
class AccountDraft:
    """An account as the form gives it; see `db.models.Account`."""

    name: str
    initial_balance: Decimal
    currency: str = "USD"
    risk_percent: Decimal = Decimal("0.5")
    risk_fixed: Decimal | None = None
    max_open: int | None = None
    max_risk_percent: Decimal | None = None
    symbols: Sequence[int] = ()
    sessions: Sequence[str] = ()
    time_zone: str = "UTC"


@dataclass(frozen=True)
class Cash:
    """A cash movement as the form gives it. `amount` is positive for a deposit, a withdrawal and a fee; an adjustment
    has the sign it books.
    """

    kind: str
    amount: Decimal
    at: datetime
    reason: str
    by: str


def create_account(engine: Engine, draft: AccountDraft, now: datetime) -> int:
    """Open an account; returns its id.

    Raises:
        ConflictError: the name is taken.
        DeskError: the draft cannot be; nothing was written.
    """
    with writer(engine) as session:
        account = Account(**_checked(session, draft), created_at=now)
        session.add(account)
        _flush(session, draft.name)
        furnish(session, now)
        bump(session)
        return account.id or 0


def edit_account(engine: Engine, account_id: int, version: int, draft: AccountDraft) -> int:
    """Replace the settings of an account of which the person saw `version`; returns the new version.

    Currency and initial balance stay once something is booked: a deposit or an adjustment changes the balance then.

    Raises:
        NotFoundError: there is no such account.
        EditConflictError: it was changed since; carries the fields that differ.
        ConflictError: the name is taken.
        DeskError: the draft cannot be; nothing was written.
    """
    with writer(engine) as session:
        account = get_account(session, account_id, lock=True)
        values = _checked(session, draft)
        _check_version(account, version, values)
        fixed = (account.currency, account.initial_balance)
        if fixed != (values["currency"], values["initial_balance"]) and _used(session, account_id):
            raise DeskError(
                f"{account.name} has history: its currency and initial balance stay. Book an adjustment instead.",
                account_id,
            )
        for name, value in values.items():
            setattr(account, name, value)
        account.version += 1
        _flush(session, draft.name)
        bump(session)
        return account.version


def archive_account(engine: Engine, account_id: int, version: int, archived: bool, now: datetime) -> int:
    """Put an account into the archive or take it out; its history stays. Returns the new version.

    Raises:
        NotFoundError: there is no such account.
        EditConflictError: it was changed since.
        DeskError: it has open trades, or orders that are not over.
    """
    with writer(engine) as session:
        account = get_account(session, account_id, lock=True)
        _check_version(account, version, {})
        if archived and open_trades(session, account_id):
            raise DeskError(f"{account.name} has open trades: close them first.", account_id)
        if archived and live_orders(session, account_id=account_id):
            raise DeskError(f"{account.name} has orders that are not over: cancel them first.", account_id)
        account.archived_at = now if archived else None
        account.version += 1
        bump(session)
        return account.version


def check_unarchived(account: Account) -> None:
    """Raises DeskError for an account in the archive: nothing opens or runs there."""
    if account.archived_at is not None:
        raise DeskError(f"{account.name} is archived: take it out of the archive first.", account.id)


def book_cash(engine: Engine, account_id: int, cash: Cash, now: datetime) -> int:
    """Book a cash movement; returns its id. Nothing booked is ever changed: see `reverse_cash`.

    Raises:
        NotFoundError: there is no such account.
        DeskError: kind, amount, time or reason cannot be; nothing was written.
    """
    if cash.kind not in CASH:
        raise DeskError(f"'{cash.kind}' is no cash movement: use one of {', '.join(CASH)}.", cash.kind)
    if not storable(cash.amount) or (cash.kind != "adjustment" and cash.amount < 0):
        raise DeskError(f"The amount {cash.amount} of a {cash.kind} cannot be: enter a sum above zero.", cash.amount)
    _check_words(cash.reason, cash.by)
    check_moment(cash.at, None, now)
    with writer(engine) as session:
        account = get_account(session, account_id, lock=True)
        out = cash.kind in {"withdrawal", "fee"}
        row = CashMovement(
            account_id=account.id or 0,
            kind=cash.kind,
            amount=-cash.amount if out else cash.amount,
            at=cash.at,
            reason=cash.reason.strip(),
            booked_by=cash.by.strip(),
            booked_at=now,
        )
        session.add(row)
        bump(session)
        return row.id or 0


def reverse_cash(engine: Engine, movement_id: int, reason: str, by: str, now: datetime) -> int:
    """Book the opposite of a movement, at its time, so that every balance is as if it had not been; returns its id.

    Raises:
        DeskError: there is no such movement, it is a reversal itself, or the reason is empty.
        ConflictError: it was reversed already.
    """
    _check_words(reason, by)
    with writer(engine) as session:
        movement = session.get(CashMovement, movement_id)
        if movement is None or movement.reverses_id is not None:
            raise DeskError(f"Cash movement {movement_id} cannot be reversed: choose one from the list.", movement_id)
        row = CashMovement(
            account_id=movement.account_id,
            kind=movement.kind,
            amount=-movement.amount,
            at=movement.at,
            reason=reason.strip(),
            booked_by=by.strip(),
            booked_at=now,
            reverses_id=movement_id,
        )
        session.add(row)
        try:
            session.flush()
        except IntegrityError as error:
            raise ConflictError("This cash movement was reversed already: see the list.", movement_id) from error
        bump(session)
        return row.id or 0


def _checked(session: Session, draft: AccountDraft) -> dict[str, Any]:
    """The draft as column values."""
    name = draft.name.strip()
    if not name or len(name) > NAME_LENGTH:
        raise DeskError(f"An account needs a name of at most {NAME_LENGTH} characters.", draft.name)
    if not _CURRENCY.fullmatch(draft.currency):
        raise DeskError(f"'{draft.currency}' is no currency: write it as USD.", draft.currency)
    if not storable(draft.initial_balance) or draft.initial_balance < 0:
        raise DeskError(
            f"The balance {draft.initial_balance} cannot be: enter a sum above zero.", draft.initial_balance
        )
    _check_risk(draft)
    check_names(draft.sessions)
    _check_zone(draft.time_zone)
    known = set(session.exec(select(Symbol.id)))
    strange = [one for one in draft.symbols if one not in known]
    if strange:
        raise DeskError(f"There is no symbol {strange[0]}: reload the page.", strange[0])
    return asdict(draft) | {"name": name, "symbols": list(draft.symbols), "sessions": list(draft.sessions)}


def _check_risk(draft: AccountDraft) -> None:
    for percent in (draft.risk_percent, draft.max_risk_percent):
        if percent is not None and not (percent.is_finite() and 0 < percent <= _PERCENT):
            raise DeskError(f"{percent} % is no risk: set it above 0 and up to 100.", percent)
    if draft.risk_fixed is not None and not (storable(draft.risk_fixed) and draft.risk_fixed > 0):
        raise DeskError(f"The risk {draft.risk_fixed} a trade cannot be: enter a sum above zero.", draft.risk_fixed)
    if draft.max_open is not None and draft.max_open < 1:
        raise DeskError("An account that allows no trade at all is of no use: archive it instead.", draft.max_open)


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise DeskError(f"There is no time zone '{name}': name a place, as Europe/Prague.", name) from error


def _check_words(reason: str, by: str) -> None:
    if not reason.strip():
        raise DeskError("Say in a few words why: the reason stays with the movement.")
    if not by.strip():
        raise DeskError("Say who books it: the name stays with the movement.")


def _check_version(account: Account, version: int, values: dict[str, Any]) -> None:
    if account.version == version:
        return
    fields = {name: (getattr(account, name), mine) for name, mine in values.items() if getattr(account, name) != mine}
    raise EditConflictError(
        f"{account.name} was changed in the meantime: look at the difference and decide again.", fields, account.id
    )


def _used(session: Session, account_id: int) -> bool:
    trades = session.exec(select(exists().where(col(Trade.account_id) == account_id))).one()
    return trades or session.exec(select(exists().where(col(CashMovement.account_id) == account_id))).one()


def _flush(session: Session, name: str) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        raise ConflictError(
            f"There is an account called '{name.strip()}' already: choose another name.", name
        ) from error
