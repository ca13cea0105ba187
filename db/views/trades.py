"""One trade with everything that belongs to it, and the choices a page offers for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from db.actions.edit_trades import described
from db.models import (
    Account,
    ChartExport,
    DayNote,
    ImportBatch,
    Playbook,
    PlaybookRule,
    SavedFilter,
    Symbol,
    Tag,
    Trade,
    TradeChange,
    TradeFill,
    TradeImage,
    TradeTag,
)
from db.store.changes import changes_of
from db.store.charts.exports import trade_export
from db.store.trades import fills_of
from db.views.journal import joined, read_trades, trade_columns

_MOMENTS = ("entry", "exit")


@dataclass(frozen=True)
class TradeDetail:
    """A trade. `row` has the columns of `db.views.journal.trades`; `said` is what the person says about it, field by
    field (see `db.actions.edit_trades.described`). `charts` are its own charts at entry and exit, as far as they are
    drawn.
    """

    row: pd.Series
    trade: Trade
    symbol: Symbol
    account: Account
    fills: list[TradeFill]
    changes: list[TradeChange]
    said: dict[str, Any]
    images: list[TradeImage]
    charts: list[ChartExport]


def trade_detail(session: Session, trade_id: int) -> TradeDetail | None:
    """The trade; None when there is none, or it was cleared."""
    trade = session.get(Trade, trade_id)
    if trade is None or trade.deleted_at is not None:
        return None
    images = select(TradeImage).where(TradeImage.trade_id == trade_id, col(TradeImage.removed_at).is_(None))
    own = [trade_export(trade_id, moment) for moment in _MOMENTS]
    charts = select(ChartExport).where(col(ChartExport.once).in_(own), ChartExport.status == "done")
    return TradeDetail(
        row=trades_by_id(session, [trade_id]).iloc[0],
        trade=trade,
        symbol=session.get_one(Symbol, trade.symbol_id),
        account=session.get_one(Account, trade.account_id),
        fills=fills_of(session, trade_id),
        changes=changes_of(session, trade_id),
        said=described(session, trade),
        images=list(session.exec(images.order_by(col(TradeImage.id)))),
        charts=list(session.exec(charts.order_by(col(ChartExport.once)))),
    )


def trades_by_id(session: Session, ids: Sequence[int]) -> pd.DataFrame:
    """These trades in this order, with the columns of `db.views.journal.trades`; those that were cleared are left out.

    Meant for a page of a table: a few hundred at most.
    """
    query = joined(sql_select(*trade_columns())).where(col(Trade.id).in_(ids), col(Trade.deleted_at).is_(None))
    frame = read_trades(session, query)
    places = {one: place for place, one in enumerate(ids)}
    return frame.sort_values("id", key=lambda column: column.map(places), kind="stable").reset_index(drop=True)


def playbooks(session: Session) -> list[Playbook]:
    """Playbooks that are in use, by name."""
    query = select(Playbook).where(col(Playbook.archived_at).is_(None))
    return list(session.exec(query.order_by(col(Playbook.name))))


def rules(session: Session, playbook_id: int | None, checked: Sequence[int] = ()) -> list[PlaybookRule]:
    """The rules of a playbook in their order, with those in `checked` that were taken out since."""
    if playbook_id is None:
        return []
    wanted = col(PlaybookRule.archived_at).is_(None) | col(PlaybookRule.id).in_(checked)
    query = select(PlaybookRule).where(PlaybookRule.playbook_id == playbook_id, wanted)
    return list(session.exec(query.order_by(col(PlaybookRule.position), col(PlaybookRule.id))))


def saved_filters(session: Session, page: str) -> dict[str, dict[str, Any]]:
    """The filters that were saved for a page, by name."""
    query = select(SavedFilter).where(SavedFilter.page == page).order_by(col(SavedFilter.name))
    return {row.name: row.definition for row in session.exec(query)}


def day_notes(session: Session, account_id: int, since: date, until: date) -> dict[date, DayNote]:
    """What was written about the days from `since` up to `until`, which is excluded; empty notes are none."""
    query = select(DayNote).where(DayNote.account_id == account_id, col(DayNote.day) >= since, col(DayNote.day) < until)
    return {note.day: note for note in session.exec(query)}


def tags_of(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    """The tags of these trades, by name."""
    query = sql_select(col(TradeTag.trade_id), col(Tag.name)).join(Tag, col(Tag.id) == col(TradeTag.tag_id))
    found: dict[int, list[str]] = {}
    for trade_id, name in session.execute(query.where(col(TradeTag.trade_id).in_(ids)).order_by(col(Tag.name))):
        found.setdefault(int(trade_id), []).append(str(name))
    return found


def all_rules(session: Session) -> list[tuple[int, str]]:
    """Every rule there ever was, as (id, text)."""
    return [
        (int(key), str(text)) for key, text in session.execute(sql_select(col(PlaybookRule.id), col(PlaybookRule.text)))
    ]


def tradable(session: Session, currency: str) -> list[Symbol]:
    """The symbols that an account in this currency can trade, by name."""
    return list(session.exec(select(Symbol).where(Symbol.currency == currency).order_by(col(Symbol.name))))


def imports(session: Session, account_id: int, limit: int = 10) -> list[ImportBatch]:
    """The files that were imported into an account last, the newest first."""
    query = select(ImportBatch).where(ImportBatch.account_id == account_id)
    return list(session.exec(query.order_by(col(ImportBatch.id).desc()).limit(limit)))
