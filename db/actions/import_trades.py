"""A broker's file into the journal: what it would change is shown first, and then written in one transaction."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from core.errors import DeskError, ParameterError
from core.journal.imports.older import apart, in_order
from core.journal.imports.rows import CashRow, Deal, Parsed, Rejected
from core.journal.imports.trades import Holding, into_trades, known_holding
from core.risk import plain
from db.engine import writer
from db.models import Account, CashMovement, ImportBatch, Symbol, Trade
from db.money import storable
from db.store.accounts import get_account
from db.store.imports import journal as import_journal
from db.store.imports import known as import_known
from db.store.imports.rates import rated
from db.store.imports.rows import (
    NewSymbol,
    cash_id,
    execution_of,
    movement_of,
    new_trade,
    point_values,
    symbol_for,
)
from db.store.lineage.roots import account_step
from db.store.lineage.steps import Step, add_step, steps_of
from db.store.orders.follow import follow
from db.store.revision import bump
from db.store.trades import add_fills, figures_with, fills_of, fit, keep


@dataclass(frozen=True)
class Source:
    """The file: its name, the hash of its bytes, and what was read from it. `values` are point values that a person
    entered for symbols that are new.
    """

    name: str
    sha256: str
    parsed: Parsed
    values: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class TradeLine:
    """A trade that the file makes or changes. `trade_id` None: a new one; `fills` are the executions it gains."""

    trade_id: int | None
    symbol: str
    direction: int
    quantity: Decimal
    opened_at: datetime
    closed_at: datetime | None
    pnl: Decimal | None
    fills: int


@dataclass
class Report:
    """What an import makes of a file. `known` counts executions and cash movements that are in the journal already;
    `symbols` are markets that it adds.
    """

    format: str
    new: list[TradeLine] = field(default_factory=list)
    changed: list[TradeLine] = field(default_factory=list)
    cash: list[CashRow] = field(default_factory=list)
    known: int = 0
    ignored: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    symbols: list[NewSymbol] = field(default_factory=list)
    import_id: int | None = None

    @property
    def anything(self) -> bool:
        """Whether there is something to write."""
        return bool(self.new or self.changed or self.cash)


def preview_import(engine: Engine, account_id: int, source: Source, now: datetime) -> Report:
    """What `import_trades` would do; nothing is written.

    Raises:
        NotFoundError: there is no such account.
        DeskError: the account is archived, or the file was imported before and is read in another way now.
    """
    # Worked out by doing it, so that it cannot differ from what is done; then taken back.
    with writer(engine) as session:
        found = _import(session, get_account(session, account_id, lock=True), source, now)
        session.rollback()
        found.import_id = None
        return found


def import_trades(engine: Engine, account_id: int, source: Source, now: datetime) -> Report:
    """Add what the file holds and the journal does not: trades, further executions of open ones, cash movements.

    Nothing that is there is overwritten, and the same file again adds nothing. Limits of the account do not count:
    what the broker executed has happened.

    Raises:
        NotFoundError: there is no such account.
        DeskError: the account is archived, or the file was imported before and is read in another way now.
    """
    with writer(engine) as session:
        found = _import(session, get_account(session, account_id, lock=True), source, now)
        if found.anything:
            bump(session)
        else:
            session.rollback()
        return found


def _import(session: Session, account: Account, source: Source, now: datetime) -> Report:
    if account.archived_at is not None:
        raise DeskError(f"{account.name} is archived: take it out of the archive first.", account.id)
    parsed, corrected = source.parsed, _corrected(source)
    report = Report(parsed.format, ignored=parsed.ignored, rejected=list(parsed.rejected))
    deals = _fresh(session, account, source, report, now)
    values = point_values(session, deals, corrected)
    past = import_journal.past_of(session, account.id or 0)
    found = apart(in_order(deals, parsed.deals), past, lambda some: into_trades(some, [], values)[0])
    report.cash = _fresh_cash(session, account, parsed, report, now)
    holdings, misfits = into_trades(found.usable, _open(session, account), values)
    holdings = found.whole + holdings
    report.rejected += [Rejected(deal.line, reason) for deal, reason in found.misfits + misfits]
    counted, unknown = rated(session, account, holdings)
    report.rejected += unknown
    batch = ImportBatch(
        account_id=account.id or 0,
        file_name=source.name[:200],
        format=parsed.format,
        sha256=source.sha256,
        new=0,
        known=report.known,
        rejected=0,
        imported_at=now,
    )
    session.add(batch)
    session.flush()
    made = _trace_file(session, account, batch, now)
    _write(session, account, counted, batch, report, made, corrected)
    session.add_all(movement_of(row, account, batch, parsed.format, now) for row in report.cash)
    report.rejected.sort(key=lambda one: one.line)
    batch.new = len(report.new) + len(report.changed) + len(report.cash)
    batch.rejected, report.import_id = len(report.rejected), batch.id
    session.flush()
    return report


def _fresh(session: Session, account: Account, source: Source, report: Report, now: datetime) -> list[Deal]:
    """The executions that the journal does not have; one that it has in another form is reported.

    Raises:
        DeskError: the file was imported before and is read in another way now.
    """
    parsed = source.parsed
    known = import_known.known_executions(session, account.id or 0, parsed.format, parsed.deals)
    cleared = set(
        session.exec(select(Trade.id).where(Trade.account_id == account.id, col(Trade.deleted_at).is_not(None)))
    )
    fresh: dict[str, Deal] = {}
    for deal in parsed.deals:
        before = known.get(deal.id)
        if before is not None and any(fill.trade_id in cleared for fill in before.fills):
            report.rejected.append(Rejected(deal.line, "its trade was cleared: undo that, or import it a day later"))
        elif before is not None:
            report.known += 1
            if was := _differs(before, deal, parsed.format):
                report.rejected.append(Rejected(deal.line, f"execution {deal.id} is in the journal with {was}: kept"))
        elif deal.id in fresh:
            report.known += 1
        elif deal.at > now:
            report.rejected.append(Rejected(deal.line, f"it lies in the future ({deal.at:%Y-%m-%d %H:%M} UTC)"))
        else:
            fresh[deal.id] = deal
    if fresh and (at := import_known.read_otherwise(session, account.id or 0, source.sha256, known.values())):
        raise DeskError(
            f"This file was imported on {at:%Y-%m-%d} with another time zone, order of day and month, decimal sign or "
            "other columns, and would be booked twice: choose what was chosen then, or clear the trades it made.",
            source.sha256,
        )
    return list(fresh.values())


def _differs(before: import_known.KnownExecution, deal: Deal, kind: str) -> str:
    """What the journal has of an execution, where the file says otherwise; "": it says the same."""
    # Pairs of fills leave out what is open. What an order of the desk was booked at is its broker's word.
    less = deal.quantity < before.quantity and kind != "tradovate-performance"
    price = next((fill.price for fill in before.fills if fill.price != float(deal.price)), None)
    if not before.imported or not (less or deal.quantity > before.quantity or price is not None):
        return ""
    return f"{plain(before.quantity)} at {before.fills[0].price if price is None else price}"


def _corrected(source: Source) -> dict[str, Decimal]:
    """Point values that a person entered, by symbol in lower case. Raises DeskError for one that cannot be."""
    for name, value in source.values.items():
        if not (value > 0 and storable(value)):
            raise DeskError(f"A point of {name} cannot be worth {value}: enter a number above zero.", name)
    return {name.lower(): value for name, value in source.values.items()}


def _fresh_cash(session: Session, account: Account, parsed: Parsed, report: Report, now: datetime) -> list[CashRow]:
    query = select(CashMovement.external_id).where(CashMovement.account_id == account.id)
    seen = {name for name in session.exec(query) if name}
    fresh = []
    for row in parsed.cash:
        name = cash_id(parsed.format, row)
        if not seen.isdisjoint((name, *import_known.former_cash_ids(parsed.format, row))):
            report.known += 1
        elif row.at > now or not storable(row.amount):
            report.rejected.append(Rejected(row.line, f"a {row.kind} of {row.amount} at {row.at} cannot be"))
        else:
            seen.add(name)
            fresh.append(row)
    return fresh


def _open(session: Session, account: Account) -> list[Holding]:
    """Imported trades that are open: the file may go on with them."""
    query = select(Trade, Symbol.name).join(Symbol, col(Symbol.id) == col(Trade.symbol_id))
    query = query.where(Trade.account_id == account.id, Trade.status == "open", col(Trade.deleted_at).is_(None))
    return [
        _holding(trade, name)
        for trade, name in session.exec(query.where(col(Trade.import_id).is_not(None)).with_for_update(of=Trade))
    ]


def _holding(trade: Trade, symbol: str) -> Holding:
    size, average = trade.open_quantity, trade.entry_price
    return known_holding(
        symbol, trade.external_id or "", trade.direction, size, average, trade.id or 0, trade.point_value
    )


def _write(
    session: Session,
    account: Account,
    counted: Sequence[tuple[Holding, Decimal]],
    batch: ImportBatch,
    report: Report,
    made_by: int,
    corrected: Mapping[str, Decimal],
) -> None:
    by_symbol: dict[str, list[Holding]] = {}
    for holding, _ in counted:
        by_symbol.setdefault(holding.symbol.lower(), []).append(holding)
    symbols = {}
    for name, several in by_symbol.items():
        symbols[name], added = symbol_for(session, account, several, batch.imported_at, corrected)
        report.symbols += [added] if added else []
    for holding, rate in counted:
        symbol = symbols[holding.symbol.lower()]
        try:
            trade = (
                new_trade(account, symbol, holding, rate, batch)
                if holding.known is None
                else session.get_one(Trade, holding.known)
            )
            _write_one(session, trade, symbol, holding, batch, report, made_by)
        except ParameterError as error:
            report.rejected += [Rejected(deal.line, error.message) for deal in holding.deals]


def _write_one(
    session: Session,
    trade: Trade,
    symbol: Symbol,
    holding: Holding,
    batch: ImportBatch,
    report: Report,
    made_by: int,
) -> None:
    executions = [execution_of(deal, holding.direction, batch) for deal in holding.deals]
    fills = [] if holding.known is None else fills_of(session, holding.known)
    figures = figures_with(trade, fills, executions)
    if not fit(figures):
        raise ParameterError("size and price are out of all proportion")
    keep(trade, figures)
    trade.version += holding.known is not None
    session.add(trade)
    session.flush()
    add_fills(session, trade, executions, figures, batch.imported_at)
    follow(session, trade.account_id, trade.symbol_id, batch.imported_at)
    _trace(session, trade, batch, len(executions), made_by)
    line = TradeLine(
        holding.known, symbol.name, trade.direction, trade.quantity, trade.opened_at, trade.closed_at, trade.pnl,
        len(executions),
    )  # fmt: skip
    (report.new if holding.known is None else report.changed).append(line)


def _trace_file(session: Session, account: Account, batch: ImportBatch, now: datetime) -> int:
    """The step of the file itself, from which its trades come; returns its id."""
    step = Step(
        "import",
        f"Import of {batch.file_name}",
        now,
        now,
        entity="import_batch",
        entity_id=batch.id,
        inputs={"file": batch.file_name, "sha256": batch.sha256},
        parameters={"format": batch.format, "account": account.name},
        content={"sha256": batch.sha256},
    )
    return add_step(session, step, [account_step(session, account, now)])


def _trace(session: Session, trade: Trade, batch: ImportBatch, fills: int, made_by: int) -> None:
    """What a file made of a trade: a new one, or more fills of one that is there."""
    now = batch.imported_at
    result = None if trade.r_multiple is None or math.isnan(trade.r_multiple) else trade.r_multiple
    output = {"fills": fills, "pnl": None if trade.pnl is None else plain(trade.pnl), "r_multiple": result}
    step = Step(
        "trade",
        f"Import trade {trade.id}",
        now,
        now,
        entity="trade",
        entity_id=trade.id,
        inputs={"file": batch.file_name, "sha256": batch.sha256, "format": batch.format},
        output=output,
        content=output,
    )
    add_step(session, step, [made_by, *steps_of(session, "trade", trade.id or 0)])
