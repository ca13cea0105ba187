"""What was told about symbols: splits and dividends, and what each of them is."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, select

from db.models import CorporateAction, Symbol


@dataclass(frozen=True)
class BookedAction:
    """A corporate action and the name of its symbol."""

    action: CorporateAction
    symbol: str


@dataclass(frozen=True)
class SymbolClass:
    """A symbol and what it is; empty while nobody has said."""

    symbol_id: int
    name: str
    asset_class: str


def booked_actions(session: Session) -> list[BookedAction]:
    """All of them, the newest first, those that were withdrawn last."""
    query = select(CorporateAction, Symbol.name).join(Symbol, col(Symbol.id) == col(CorporateAction.symbol_id))
    query = query.order_by(col(CorporateAction.withdrawn_at).is_not(None), col(CorporateAction.at).desc())
    return [BookedAction(action, name) for action, name in session.exec(query)]


def classes(session: Session) -> list[SymbolClass]:
    """Every symbol, by name."""
    return [
        SymbolClass(one.id or 0, one.name, one.asset_class)
        for one in session.exec(select(Symbol).order_by(col(Symbol.name)))
    ]
