"""Trades of the journal: which one, its fills, and the one way in which a fill enters it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from core.errors import NotFoundError
from core.journal.figures import Figures, Fill, trade_figures
from db.models import Symbol, Trade, TradeFill
from db.money import storable
from db.store.excursions import measure

ZERO = Decimal(0)


@dataclass(frozen=True)
class Execution:
    """What a person or a broker's file says about one fill; see `db.models.TradeFill`."""

    entry: bool
    quantity: Decimal
    price: float
    at: datetime
    fee: Decimal = ZERO
    swap: Decimal = ZERO
    stated: Decimal | None = None
    external_id: str | None = None
    import_id: int | None = None


def get_trade(session: Session, trade_id: int, *, lock: bool = False) -> Trade:
    """The trade as it is now; with `lock` nobody else changes it until the transaction ends.

    Raises:
        NotFoundError: there is no such trade, or it was cleared.
    """
    trade = session.get(Trade, trade_id, populate_existing=True, with_for_update=lock or None)
    if trade is None or trade.deleted_at is not None:
        raise NotFoundError(f"Trade {trade_id} does not exist: choose one from the journal.", trade_id)
    return trade


def get_open(session: Session, trade_id: int) -> Trade | None:
    """The trade, locked, if it is open and was not cleared."""
    session.flush()
    trade = session.get(Trade, trade_id, populate_existing=True, with_for_update=True)
    return trade if trade is not None and trade.deleted_at is None and trade.status == "open" else None


def fills_of(session: Session, trade_id: int) -> list[TradeFill]:
    """The fills of a trade, in the order in which they happened."""
    query = select(TradeFill).where(TradeFill.trade_id == trade_id)
    return list(session.exec(query.order_by(col(TradeFill.at), col(TradeFill.id))))


def figures_with(trade: Trade, known: Sequence[TradeFill], executions: Iterable[Execution]) -> Figures:
    """What the trade will be worth with these executions added to the fills it has.

    Raises:
        ParameterError: they do not fit the trade.
    """
    fills = [_fill(row) for row in known]
    fills += [
        Fill(one.entry, one.quantity, one.price, one.at, one.fee, one.swap, one.stated, trade.stop)
        for one in executions
    ]
    return trade_figures(trade.direction, fills, trade.per_point, trade.first_stop)


def fit(figures: Figures) -> bool:
    """Whether the money columns hold what the trade comes to."""
    return all(not amount or storable(amount) for amount in (figures.quantity, figures.pnl, figures.risk))


def add_fills(
    session: Session, trade: Trade, executions: Sequence[Execution], figures: Figures, booked_at: datetime
) -> None:
    """Write the executions as fills and the figures, which include them, into the trade; measure it when it is over."""
    assert trade.id is not None
    made = figures.realised[len(figures.realised) - len(executions) :]
    for execution, realised in zip(executions, made, strict=True):
        session.add(_row(trade, execution, realised, booked_at))
    keep(trade, figures)
    session.flush()
    if trade.status == "closed":
        measure(session, trade, session.get_one(Symbol, trade.symbol_id))


def refigure(session: Session, trade: Trade) -> None:
    """Compute a trade anew from its fills as they are now, after one of them was corrected.

    Raises:
        ParameterError: they do not make a trade.
    """
    fills = fills_of(session, trade.id or 0)
    figures = figures_with(trade, fills, [])
    for row, realised in zip(fills, figures.realised, strict=True):
        row.realised = realised
    keep(trade, figures)
    session.flush()
    if trade.status == "closed":
        measure(session, trade, session.get_one(Symbol, trade.symbol_id))


def keep(trade: Trade, figures: Figures) -> None:
    """Write what follows from the fills into the trade."""
    trade.status = figures.status
    trade.quantity, trade.open_quantity = figures.quantity, figures.open_quantity
    trade.entry_price, trade.exit_price = figures.entry_price, figures.exit_price
    trade.fees, trade.swap = figures.fees, figures.swap
    trade.risk, trade.pnl, trade.r_multiple = figures.risk, figures.pnl, figures.r_multiple
    trade.opened_at, trade.closed_at = figures.opened_at, figures.closed_at


def _row(trade: Trade, execution: Execution, realised: Decimal, booked_at: datetime) -> TradeFill:
    return TradeFill(
        trade_id=trade.id or 0,
        account_id=trade.account_id,
        kind="entry" if execution.entry else "exit",
        quantity=execution.quantity,
        price=execution.price,
        fee=execution.fee,
        swap=execution.swap,
        stated=execution.stated,
        realised=realised,
        stop=trade.stop,
        at=execution.at,
        booked_at=booked_at,
        external_id=execution.external_id,
        import_id=execution.import_id,
    )


def _fill(row: TradeFill) -> Fill:
    return Fill(row.kind == "entry", row.quantity, row.price, row.at, row.fee, row.swap, row.stated, row.stop)
