"""Which executions of a broker's file the journal has already, under whatever name they came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, col, or_, select

from core.journal.imports.identity import OLD_PAIRS, broker_of, names_of, prefixes_of
from core.journal.imports.rows import CashRow, Deal
from db.models import ImportBatch, Symbol, Trade, TradeFill
from db.store.imports.rows import cash_own_id

_CHUNK = 500


@dataclass(frozen=True)
class KnownExecution:
    """The fills that an execution is in the journal: several where it was cut in two, closing and opening."""

    fills: tuple[TradeFill, ...]

    @property
    def quantity(self) -> Decimal:
        return sum((fill.quantity for fill in self.fills), Decimal(0))

    @property
    def imported(self) -> bool:
        """Whether a file brought it, and not an order of the desk."""
        return all(fill.import_id is not None for fill in self.fills)


def known_executions(session: Session, account_id: int, kind: str, deals: Sequence[Deal]) -> dict[str, KnownExecution]:
    """Id of an execution -> what the journal has of it, for those that it has; `kind` is the kind of file."""
    names = {name for deal in deals for name in (deal.id, *deal.also)}
    by_name = {fill.external_id or "": fill for fill in _named(session, account_id, names)}
    by_name |= {
        fill.external_id or "": fill for fill in _named(session, account_id, [f"{name}:rest" for name in by_name])
    }
    pairs = _old_pairs(session, account_id) if broker_of(kind) == "tradovate" else {}
    found: dict[str, list[TradeFill]] = defaultdict(list)
    for deal in deals:
        fills = [by_name[full] for one in (deal.id, *deal.also) for full in (one, f"{one}:rest") if full in by_name]
        fills += [fill for fill in pairs.get(deal.id, []) if fill not in fills]
        if fills:
            found[deal.id] = fills
    _add_alike(session, account_id, kind, deals, found)
    return {name: KnownExecution(tuple(fills)) for name, fills in found.items()}


def former_cash_ids(kind: str, row: CashRow) -> tuple[str, ...]:
    """The names under which a cash movement may be in the journal from earlier imports."""
    return names_of(kind, cash_own_id(row))[1:]


def read_otherwise(session: Session, account_id: int, sha256: str, known: Iterable[KnownExecution]) -> datetime | None:
    """When this very file was imported so that it had executions which it does not have as it is read now; None: never.

    Trades that were cleared do not count: who cleared them may read the file anew.
    """
    query = select(TradeFill.id, ImportBatch.imported_at).join(
        ImportBatch, col(ImportBatch.id) == col(TradeFill.import_id)
    )
    query = query.join(Trade, col(Trade.id) == col(TradeFill.trade_id)).where(
        ImportBatch.account_id == account_id, ImportBatch.sha256 == sha256, col(Trade.deleted_at).is_(None)
    )
    again = {fill.id for one in known for fill in one.fills}
    return max((at for fill, at in session.exec(query) if fill not in again), default=None)


def _named(session: Session, account_id: int, names: Iterable[str]) -> list[TradeFill]:
    found: list[TradeFill] = []
    ordered = sorted(names)
    for start in range(0, len(ordered), _CHUNK):
        query = select(TradeFill).where(TradeFill.account_id == account_id)
        found += session.exec(query.where(col(TradeFill.external_id).in_(ordered[start : start + _CHUNK])))
    return found


def _old_pairs(session: Session, account_id: int) -> dict[str, list[TradeFill]]:
    """Fills of Tradovate that were imported as parts of pairs, by the name that each fill has today."""
    query = select(TradeFill, Trade.direction).join(Trade, col(Trade.id) == col(TradeFill.trade_id))
    query = query.where(
        TradeFill.account_id == account_id, col(TradeFill.external_id).startswith(OLD_PAIRS, autoescape=True)
    )
    found: dict[str, list[TradeFill]] = defaultdict(list)
    for fill, direction in session.exec(query):
        pair = (fill.external_id or "").removeprefix(OLD_PAIRS).rpartition(":")[0]
        bought, _, sold = pair.partition("-")
        buys = (fill.kind == "entry") == (direction > 0)
        found[f"{broker_of(OLD_PAIRS[:-1])}:{bought if buys else sold}"].append(fill)
    return found


def _add_alike(
    session: Session, account_id: int, kind: str, deals: Sequence[Deal], found: dict[str, list[TradeFill]]
) -> None:
    """Find executions by what they are where the broker's id is missing here or was missing then, as another export
    writes their time differently or has a column more.

    One of the journal stands for one of the file.
    """
    wanted = [deal for deal in deals if deal.id not in found]
    if not wanted:
        return
    taken = {fill.id for fills in found.values() for fill in fills}
    free: dict[tuple[object, ...], list[TradeFill]] = defaultdict(list)
    for fill, direction, symbol in _imported(session, account_id, kind, {deal.at for deal in wanted}):
        if fill.id not in taken:
            side = direction if fill.kind == "entry" else -direction
            free[symbol.lower(), side, fill.price, fill.at, fill.quantity].append(fill)
    for deal in wanted:
        alike = free[deal.symbol.lower(), deal.side, float(deal.price), deal.at, deal.quantity]
        same = next((fill for fill in alike if deal.unnamed or _former(fill.external_id or "", deal)), None)
        if same is not None and deal.id not in found:
            alike.remove(same)
            found[deal.id] = [same]


def _former(name: str, deal: Deal) -> bool:
    """Whether a fill that is like this execution may have had this name: one of its content, or only its position's."""
    return ":#" in name or bool(deal.position and name == f"{deal.position}:{deal.id.rpartition(':')[2]}")


def _imported(
    session: Session, account_id: int, kind: str, instants: Iterable[datetime]
) -> Iterable[tuple[TradeFill, int, str]]:
    ours = or_(*(col(TradeFill.external_id).startswith(one, autoescape=True) for one in prefixes_of(kind)))
    ordered = sorted(instants)
    for start in range(0, len(ordered), _CHUNK):
        query = select(TradeFill, Trade.direction, Symbol.name).join(Trade, col(Trade.id) == col(TradeFill.trade_id))
        query = query.join(Symbol, col(Symbol.id) == col(Trade.symbol_id))
        query = query.where(TradeFill.account_id == account_id, ours)
        yield from session.exec(query.where(col(TradeFill.at).in_(ordered[start : start + _CHUNK])))
