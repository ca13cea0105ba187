"""Trades in another currency than their account's, which only files bring: what a unit of it is worth."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from core.errors import DeskError
from db.models import Account, Symbol, Trade, TradeFill
from db.store.moments import to_ms
from db.store.portfolio.rates import rates

WHERE: Final = "on the Portfolio page, under Inputs"
"""Where a person enters a rate."""


def unrated(session: Session, account: Account, until: datetime | None = None) -> list[tuple[Trade, Symbol]]:
    """Trades up to `until` in another currency that count 1:1, as older desks booked them where a file gave no rate.

    What a broker stated in the account's currency needs no rate; and a rate may be 1, if the desk has stored that.
    """
    query = select(Symbol).where(col(Symbol.currency) != account.currency)
    foreign = {symbol.id: symbol for symbol in session.exec(query)}
    if not foreign:
        return []
    # Told by the fills themselves: an exit that nobody stated was booked by the rate.
    told = select(TradeFill.id).where(
        col(TradeFill.trade_id) == col(Trade.id), col(TradeFill.kind) == "exit", col(TradeFill.stated).is_(None)
    )
    found = select(Trade).where(Trade.account_id == account.id, col(Trade.deleted_at).is_(None), Trade.fx_rate == 1)
    found = found.where(col(Trade.symbol_id).in_(foreign), (col(Trade.status) == "open") | told.exists())
    if until is not None:
        found = found.where(Trade.opened_at <= until)
    trades = session.exec(found.order_by(col(Trade.id))).all()
    if not trades:
        return []
    known = rates(session, account.currency)
    pairs = [(trade, foreign[trade.symbol_id]) for trade in trades]
    return [(one, symbol) for one, symbol in pairs if known.at(symbol.currency, to_ms(one.opened_at)) != 1]


def why_unrated(account: Account, found: Sequence[tuple[Trade, Symbol]]) -> str:
    """What is unknown of such trades, and what to do."""
    names = ", ".join(dict.fromkeys(f"{symbol.name} ({symbol.currency})" for _, symbol in found))
    return (
        f"{names} came from a file without a rate in {account.currency}: enter the rate {WHERE}, clear these trades "
        "and import them again"
    )


def check_rated(session: Session, trade: Trade) -> None:
    """Raises DeskError for a trade whose money nobody knows in its account's currency: it is not booked 1:1."""
    account = session.get_one(Account, trade.account_id)
    found = [one for one in unrated(session, account) if one[0].id == trade.id]
    if found:
        raise DeskError(f"What this trade makes is not known, because {why_unrated(account, found)}.", trade.id)
