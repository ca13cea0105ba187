"""What the journal has of an account's imported trades, for a file that comes later and may be older."""

from __future__ import annotations

from sqlmodel import Session, col, func, select

from core.journal.imports.older import Booked, Past
from core.journal.imports.trades import holding_key
from db.models import Symbol, Trade, TradeFill


def past_of(session: Session, account_id: int) -> Past:
    """What is booked of each symbol, and of which ones an open trade was cleared."""
    imported = (Trade.account_id == account_id, col(Trade.import_id).is_not(None))
    query = select(Trade, Symbol.name).join(Symbol, col(Symbol.id) == col(Trade.symbol_id))
    cleared, began = set(), {}
    for trade, name in session.exec(query.where(*imported, Trade.status == "open")):
        if trade.deleted_at is not None:
            cleared.add(holding_key(name, trade.external_id or ""))
        elif not trade.external_id:
            began[name.lower()] = trade.opened_at
    last = select(Symbol.name, func.max(TradeFill.at)).join(Trade, col(Trade.symbol_id) == col(Symbol.id))
    last = last.join(TradeFill, col(TradeFill.trade_id) == col(Trade.id))
    last = last.where(*imported, col(Trade.external_id).is_(None), col(Trade.deleted_at).is_(None))
    found = session.exec(last.group_by(col(Symbol.name)))
    return Past({name.lower(): Booked(at, began.get(name.lower())) for name, at in found}, cleared)
