"""Trades for the journal and for Home: one read, so that no two pages can disagree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Select, exists, select
from sqlmodel import Session, col

from db.models import Account, Signal, Strategy, Symbol, Tag, Trade, TradeTag

_TRADE = (
    "id", "signal_id", "status", "symbol_id", "direction", "quantity", "open_quantity", "point_value", "fx_rate",
    "entry_price", "exit_price", "first_stop", "stop", "target", "risk", "fees", "swap", "pnl", "r_multiple",
    "opened_at", "closed_at", "worst_price", "best_price", "setup", "emotion", "rating", "note", "playbook_id",
    "external_id", "version",
)  # fmt: skip
RESULTS = ("win", "loss", "even")


@dataclass(frozen=True)
class TradeFilter:
    """Which trades to read. Empty sequences and None mean no restriction.

    `tags` are ids, of which a trade has to bear one. `since` and `until` bound the close of a closed trade and the
    opening of one that is open; `until` is excluded. `results` are of closed trades: `win`, `loss`, `even`.
    """

    account_id: int | None = None
    symbols: tuple[int, ...] = ()
    strategies: tuple[int, ...] = ()
    direction: int | None = None
    status: str | None = None
    setups: tuple[str, ...] = ()
    emotions: tuple[str, ...] = ()
    ratings: tuple[int, ...] = ()
    tags: tuple[int, ...] = ()
    playbooks: tuple[int, ...] = ()
    results: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


def trades(session: Session, wanted: TradeFilter, limit: int | None = None) -> pd.DataFrame:
    """Trades that match, the newest first; money and quantities are exact Decimals.

    Columns: id, signal_id, status, symbol_id, symbol, source, currency (of prices), tick_size, account_currency (of
    money), strategy, direction, quantity, open_quantity, point_value, fx_rate, per_point, entry_price, exit_price,
    first_stop, stop, target, risk, fees, swap, pnl, r_multiple, opened_at, closed_at, worst_price, best_price, setup,
    emotion, rating, note, playbook_id, external_id, version.
    Meant for what is shown; `db.views.figures` reads many trades fast.
    """
    query = narrow(joined(select(*trade_columns())), wanted).order_by(col(Trade.id).desc()).limit(limit)
    frame = read_trades(session, query)
    # pandas would write NaN, which is no absence to whoever asks for a text.
    frame["strategy"] = frame["strategy"].astype(object).where(frame["strategy"].notna(), None)
    return frame


def read_trades(session: Session, query: Select[Any]) -> pd.DataFrame:
    """The rows of a query of `trade_columns`, with the `per_point` of each trade."""
    found = session.execute(query)
    frame = pd.DataFrame(found.fetchall(), columns=list(found.keys()))
    frame["per_point"] = [one * rate for one, rate in zip(frame["point_value"], frame["fx_rate"], strict=True)]
    return frame


def trade_columns() -> list[Any]:
    """What `trades` reads of a trade, its symbol, its account and its strategy."""
    symbol = [col(Symbol.name).label("symbol"), Symbol.source, Symbol.currency, Symbol.tick_size]
    symbol.append(col(Account.currency).label("account_currency"))
    return [*(getattr(Trade, name) for name in _TRADE), *symbol, col(Strategy.name).label("strategy")]


def joined(query: Select[Any]) -> Select[Any]:
    """Trades with their symbol, their account and, where there is one, their signal's strategy."""
    return (
        query.join(Symbol, col(Symbol.id) == col(Trade.symbol_id))
        .outerjoin(Account, col(Account.id) == col(Trade.account_id))
        .outerjoin(Signal, col(Signal.id) == col(Trade.signal_id))
        .outerjoin(Strategy, col(Strategy.id) == col(Signal.strategy_id))
    )


def narrow(query: Select[Any], wanted: TradeFilter) -> Select[Any]:
    """Only trades that match; those that were cleared never do."""
    query = query.where(col(Trade.deleted_at).is_(None))
    choices: tuple[tuple[Any, tuple[Any, ...]], ...] = (
        (col(Trade.symbol_id), wanted.symbols),
        (col(Signal.strategy_id), wanted.strategies),
        (col(Trade.setup), wanted.setups),
        (col(Trade.emotion), wanted.emotions),
        (col(Trade.rating), wanted.ratings),
        (col(Trade.playbook_id), wanted.playbooks),
    )
    for column, allowed in choices:
        if allowed:
            query = query.where(column.in_(allowed))
    for exact, value in ((col(Trade.account_id), wanted.account_id), (col(Trade.direction), wanted.direction)):
        if value is not None:
            query = query.where(exact == value)
    if wanted.status is not None:
        query = query.where(col(Trade.status) == wanted.status)
    if wanted.tags:
        borne = exists().where(col(TradeTag.trade_id) == col(Trade.id), col(TradeTag.tag_id).in_(wanted.tags))
        query = query.where(borne)
    return _by_result(_by_time(query, wanted), wanted)


def setups(session: Session, account_id: int | None = None) -> list[str]:
    """The setups that trades have, by name."""
    return _words(session, Trade.setup, account_id)


def emotions(session: Session, account_id: int | None = None) -> list[str]:
    """The emotions that trades have, by name."""
    return _words(session, Trade.emotion, account_id)


def tag_names(session: Session) -> dict[int, str]:
    """Every tag's name by id, in the order of the names."""
    query = select(col(Tag.id), col(Tag.name)).order_by(col(Tag.name))
    return {int(key): str(name) for key, name in session.execute(query)}


def _by_time(query: Select[Any], wanted: TradeFilter) -> Select[Any]:
    opened, closed = col(Trade.opened_at), col(Trade.closed_at)
    running = col(Trade.status) == "open"
    if wanted.since is not None:
        query = query.where((closed >= wanted.since) | (running & (opened >= wanted.since)))
    if wanted.until is not None:
        query = query.where((closed < wanted.until) | (running & (opened < wanted.until)))
    return query


def _by_result(query: Select[Any], wanted: TradeFilter) -> Select[Any]:
    if not wanted.results:
        return query
    pnl = col(Trade.pnl)
    found = {"win": pnl > 0, "loss": pnl < 0, "even": pnl == 0}
    condition = found[wanted.results[0]]
    for name in wanted.results[1:]:
        condition |= found[name]
    return query.where(col(Trade.status) == "closed", condition)


def _words(session: Session, column: Any, account_id: int | None) -> list[str]:
    query = select(column).where(col(Trade.deleted_at).is_(None), column != "").distinct().order_by(column)
    if account_id is not None:
        query = query.where(col(Trade.account_id) == account_id)
    return [str(word) for word in session.scalars(query)]
