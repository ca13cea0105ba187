"""What a person does about Interactive Brokers: the login, and which contract a symbol is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from core.broker.login import LIVE_WORD, Login
from core.errors import BrokerError, ConflictError, DeskError, NotFoundError
from db.engine import writer
from db.models import BrokerContract, BrokerOrder, OrderTicket, Symbol
from db.store.broker.login import IBKR, SEARCH, TEST, put_value, read_login
from db.store.broker.work import OVER
from db.store.revision import bump


@dataclass(frozen=True)
class Contract:
    """A contract as a search at the broker found it; `number` is the broker's own."""

    symbol: str
    number: int
    kind: str = "STK"
    exchange: str = "SMART"
    currency: str = "USD"
    primary: str = ""
    description: str = ""

    @property
    def key(self) -> str:
        """The name under which its positions are added up (`workers.broker.base.Instrument.key`)."""
        return f"{self.symbol}.{self.kind}.{self.currency}"


def save_login(engine: Engine, login: Login, typed: str, now: datetime) -> None:
    """Keep the login; the process that owns the connection takes it up by itself. `typed` is the word that real money
    asks for, whenever a login with real money is saved.

    Raises:
        DeskError: it cannot be, or the word is missing; nothing was written.
        ConflictError: orders at the broker do not allow the change while they work.
    """
    login = replace(login, host=login.host.strip(), account=login.account.strip().upper())
    try:
        login.check()
    except BrokerError as error:
        raise DeskError(error.message, error.subject) from error
    if login.live and typed.strip() != LIVE_WORD:
        raise DeskError(
            f"With live trading on, orders of this desk use real money: type {LIVE_WORD} to say that you want it.",
            typed,
        )
    with writer(engine) as session:
        _check_orders(session, read_login(session), login)
        put_value(session, IBKR, asdict(login), now)
        bump(session)


def switch(engine: Engine, enabled: bool, typed: str, now: datetime) -> None:
    """Switch the connection on or off; orders at the broker work on. `typed` as for `save_login`.

    Raises:
        DeskError: the word for real money is missing.
    """
    with writer(engine) as session:
        login = read_login(session)
        if enabled and login.live and typed.strip() != LIVE_WORD:
            raise DeskError(f"This login trades real money: type {LIVE_WORD} to switch it on.", typed)
        put_value(session, IBKR, asdict(replace(login, enabled=enabled)), now)
        bump(session)


def keep_test(engine: Engine, found: Mapping[str, Any], now: datetime) -> None:
    """Keep what a test of the login found; an older test does not replace a newer one."""
    _keep(engine, TEST, found, now)


def keep_search(engine: Engine, found: Mapping[str, Any], now: datetime) -> None:
    """Keep what a search for contracts found."""
    _keep(engine, SEARCH, found, now)


def choose_contract(engine: Engine, symbol_id: int, contract: Contract, now: datetime) -> None:
    """Say which contract a symbol is at the broker; the one it was before is forgotten.

    Raises:
        NotFoundError: there is no such symbol.
        DeskError: it is a simulated market, or its prices are in another currency.
        ConflictError: the contract belongs to another symbol, or orders of this one still work at the broker.
    """
    with writer(engine) as session:
        symbol = session.get(Symbol, symbol_id)
        if symbol is None:
            raise NotFoundError(f"Symbol {symbol_id} does not exist any more: reload the page.", symbol_id)
        _check_contract(session, symbol, contract)
        before = _contract_of(session, symbol_id)
        if before is not None and before.key != contract.key:
            _check_idle(session, symbol)
            session.delete(before)
            session.flush()
        session.merge(
            BrokerContract(key=contract.key, symbol_id=symbol_id, found_at=now, **asdict(contract)),
        )
        bump(session)


def forget_contract(engine: Engine, symbol_id: int) -> None:
    """Let a symbol have no contract at the broker.

    Raises:
        ConflictError: orders of it still work there.
    """
    with writer(engine) as session:
        symbol = session.get_one(Symbol, symbol_id)
        row = _contract_of(session, symbol_id)
        if row is None:
            return
        _check_idle(session, symbol)
        session.delete(row)
        bump(session)


def _keep(engine: Engine, key: str, found: Mapping[str, Any], now: datetime) -> None:
    with writer(engine) as session:
        put_value(session, key, {**found, "at": int(now.timestamp() * 1000)}, now)
        bump(session)


def _check_orders(session: Session, before: Login, after: Login) -> None:
    """Orders at the broker are found again by account and client id."""
    same = (before.live, before.account, before.client_id) == (after.live, after.account, after.client_id)
    count = 0 if same else len(session.exec(_alive()).all())
    if count:
        noun = "order is" if count == 1 else "orders are"
        raise ConflictError(
            f"{count} {noun} not over at Interactive Brokers: account, client id and kind of money stay until then.",
            count,
        )


def _check_contract(session: Session, symbol: Symbol, contract: Contract) -> None:
    if symbol.source == "simulated":
        raise DeskError(f"{symbol.name} is a simulated market: no broker trades it.", symbol.name)
    if symbol.currency != contract.currency:
        raise DeskError(
            f"{symbol.name} is priced in {symbol.currency} and {contract.key} in {contract.currency}: choose another.",
            contract.key,
        )
    taken = session.get(BrokerContract, contract.key)
    if taken is not None and taken.symbol_id not in (None, symbol.id):
        other = session.get_one(Symbol, taken.symbol_id)
        raise ConflictError(f"{contract.key} is {other.name} already: take it away there first.", contract.key)


def _check_idle(session: Session, symbol: Symbol) -> None:
    if session.exec(_alive().where(BrokerOrder.symbol_id == symbol.id).limit(1)).first() is not None:
        raise ConflictError(
            f"Orders of {symbol.name} are not over at Interactive Brokers: its contract stays until then.", symbol.name
        )


def _contract_of(session: Session, symbol_id: int) -> BrokerContract | None:
    return session.exec(select(BrokerContract).where(BrokerContract.symbol_id == symbol_id)).first()


def _alive() -> Any:
    """Orders at Interactive Brokers that are not over."""
    joined = select(BrokerOrder.id).join(OrderTicket, col(OrderTicket.id) == col(BrokerOrder.ticket_id))
    return joined.where(OrderTicket.broker == IBKR, col(BrokerOrder.status).not_in(OVER))
