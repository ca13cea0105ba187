"""Whose chain the Lineage page can show: everything that bears an id and has steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, String, case, cast, func, literal, select
from sqlmodel import Session, col

from db.models import (
    Account,
    BrokerOrder,
    Challenge,
    ChartExport,
    CorporateAction,
    DeskQuestion,
    ImportBatch,
    LineageStep,
    Opinion,
    OrderTicket,
    Portfolio,
    Prompt,
    PromptVersion,
    Run,
    Signal,
    Strategy,
    Symbol,
    Trade,
)


@dataclass(frozen=True)
class Subject:
    """A row whose chain can be shown. `direction` is 0 for what has none, `symbol` empty for what is about none.

    `title` says more about it in a few words; `error` is why it failed.
    """

    entity: str
    id: int
    symbol: str
    source: str
    direction: int
    status: str
    moment: datetime
    title: str = ""
    error: str | None = None


def subject(session: Session, entity: str, entity_id: int) -> Subject | None:
    """The row of `entity` (one of `ENTITIES`) with this id; None when it does not exist or is cleared."""
    found = _rows(session, entity, [entity_id], 1)
    return found[0] if found else None


def subjects(session: Session, entity: str, ids: Sequence[int]) -> list[Subject]:
    """Those of these rows that exist, the newest first."""
    return _rows(session, entity, ids, len(ids))


def newest_subjects(session: Session, entity: str, limit: int) -> list[Subject]:
    """The newest rows of `entity`, newest first."""
    return _rows(session, entity, None, limit)


def own_steps(session: Session, entity: str, entity_id: int) -> list[int]:
    """Ids of the steps that made this row or changed it, those of a run all that it recorded; oldest first."""
    if entity == "step":
        return [entity_id]
    own = (col(LineageStep.entity) == entity) & (col(LineageStep.entity_id) == entity_id)
    if entity == "run":
        own = own | (col(LineageStep.run_id) == entity_id)
    return list(session.execute(select(col(LineageStep.id)).where(own).order_by(col(LineageStep.id))).scalars())


def _rows(session: Session, entity: str, ids: Sequence[int] | None, limit: int) -> list[Subject]:
    query, key = _QUERIES[entity]()
    if ids is not None:
        query = query.where(key.in_(ids))
    rows = session.execute(query.order_by(key.desc()).limit(limit)).all()
    return [_SHAPES.get(entity, _plain)(session, entity, row) for row in rows]


def _select(*columns: Any) -> Select[Any]:
    """A select whose rows are of as many types as there are entities."""
    found: Select[Any] = select(*columns)
    return found


def _plain(_session: Session, entity: str, row: Sequence[Any]) -> Subject:
    return Subject(entity, *row)


def _export(session: Session, entity: str, row: Sequence[Any]) -> Subject:
    """An export names its symbol inside what was asked for."""
    key, title, form, status, error, moment, request = row
    symbol = session.get(Symbol, request.get("symbol_id") or 0)
    source = symbol.source if symbol is not None else ""
    return Subject(entity, key, title, source, 0, form if status == "done" else status, moment, "", error)


def _signals() -> tuple[Select[Any], Any]:
    columns = (col(Signal.id), col(Symbol.name), col(Symbol.source), col(Signal.direction), col(Signal.status))
    query = _select(*columns, col(Signal.created_at)).join(Symbol, col(Symbol.id) == col(Signal.symbol_id))
    return query.where(col(Signal.deleted_at).is_(None)), col(Signal.id)


def _trades() -> tuple[Select[Any], Any]:
    columns = (col(Trade.id), col(Symbol.name), col(Symbol.source), col(Trade.direction), col(Trade.status))
    query = _select(*columns, col(Trade.opened_at)).join(Symbol, col(Symbol.id) == col(Trade.symbol_id))
    return query.where(col(Trade.deleted_at).is_(None)), col(Trade.id)


def _exports() -> tuple[Select[Any], Any]:
    row = ChartExport
    columns = (col(row.id), col(row.title), col(row.format), col(row.status), col(row.error), col(row.created_at))
    return _select(*columns, col(row.request)), col(row.id)


def _orders() -> tuple[Select[Any], Any]:
    """A ticket with the side, the state and the remark of its first leg."""
    first = select(func.min(col(BrokerOrder.id))).where(col(BrokerOrder.ticket_id) == col(OrderTicket.id))
    query = (
        _select(
            col(OrderTicket.id), col(Symbol.name), col(Symbol.source), func.coalesce(col(BrokerOrder.side), 0),
            func.coalesce(col(BrokerOrder.status), ""), col(OrderTicket.created_at), col(OrderTicket.broker),
            col(BrokerOrder.error),
        )
        .join(Symbol, col(Symbol.id) == col(OrderTicket.symbol_id))
        .outerjoin(BrokerOrder, col(BrokerOrder.id) == first.correlate(OrderTicket).scalar_subquery())
    )  # fmt: skip
    return query, col(OrderTicket.id)


def _runs() -> tuple[Select[Any], Any]:
    query = (
        _select(
            col(Run.id), func.coalesce(col(Symbol.name), ""), func.coalesce(col(Symbol.source), ""), literal(0),
            col(Run.status), col(Run.started_at), func.coalesce(col(Strategy.name), col(Run.kind)), col(Run.error),
        )
        .outerjoin(Symbol, col(Symbol.id) == col(Run.symbol_id))
        .outerjoin(Strategy, col(Strategy.id) == col(Run.strategy_id))
    )  # fmt: skip
    return query, col(Run.id)


def _opinions() -> tuple[Select[Any], Any]:
    query = (
        _select(
            col(Opinion.id), col(Symbol.name), col(Symbol.source), literal(0), col(Opinion.status),
            col(Opinion.created_at), col(Opinion.model), col(Opinion.error),
        )
        .join(Signal, col(Signal.id) == col(Opinion.signal_id))
        .join(Symbol, col(Symbol.id) == col(Signal.symbol_id))
    )  # fmt: skip
    return query, col(Opinion.id)


def _questions() -> tuple[Select[Any], Any]:
    row = DeskQuestion
    columns = (col(row.status), col(row.asked_at), col(row.question), col(row.error))
    return _select(col(row.id), literal(""), literal(""), literal(0), *columns), col(row.id)


def _strategies() -> tuple[Select[Any], Any]:
    row = Strategy
    columns = (col(row.id), col(row.name), literal(""), literal(0), col(row.kind), col(row.created_at))
    return _select(*columns), col(row.id)


def _challenges() -> tuple[Select[Any], Any]:
    row = Challenge
    columns = (col(row.id), col(row.name), literal(""), literal(0), literal(""), col(row.created_at))
    return _select(*columns).where(col(row.deleted_at).is_(None)), col(row.id)


def _accounts() -> tuple[Select[Any], Any]:
    row = Account
    columns = (col(row.id), col(row.name), literal(""), literal(0), literal(""), col(row.created_at))
    return _select(*columns), col(row.id)


def _portfolios() -> tuple[Select[Any], Any]:
    row = Portfolio
    status = case((col(row.archived_at).is_not(None), "archived"), else_="")
    return _select(col(row.id), col(row.name), literal(""), literal(0), status, col(row.created_at)), col(row.id)


def _corporate_actions() -> tuple[Select[Any], Any]:
    row = CorporateAction
    status = case((col(row.withdrawn_at).is_not(None), "withdrawn"), else_="booked")
    columns = (col(row.id), col(Symbol.name), col(Symbol.source), literal(0), status, col(row.booked_at), col(row.kind))
    return _select(*columns).join(Symbol, col(Symbol.id) == col(row.symbol_id)), col(row.id)


def _imports() -> tuple[Select[Any], Any]:
    row = ImportBatch
    columns = (col(row.id), col(row.file_name), literal(""), literal(0), col(row.format), col(row.imported_at))
    return _select(*columns), col(row.id)


def _prompts() -> tuple[Select[Any], Any]:
    number = literal("version ").concat(cast(col(PromptVersion.number), String))
    query = _select(
        col(PromptVersion.id), col(Prompt.name), literal(""), literal(0), number, col(PromptVersion.created_at)
    )
    return query.join(Prompt, col(Prompt.id) == col(PromptVersion.prompt_id)), col(PromptVersion.id)


def _steps() -> tuple[Select[Any], Any]:
    row = LineageStep
    columns = (literal(0), col(row.status), col(row.started_at), col(row.name), col(row.error))
    return _select(col(row.id), literal(""), literal(""), *columns), col(row.id)


_QUERIES: Final[dict[str, Callable[[], tuple[Select[Any], Any]]]] = {
    "signal": _signals,
    "trade": _trades,
    "order_ticket": _orders,
    "chart_export": _exports,
    "run": _runs,
    "opinion": _opinions,
    "question": _questions,
    "strategy": _strategies,
    "account": _accounts,
    "challenge": _challenges,
    "portfolio": _portfolios,
    "corporate_action": _corporate_actions,
    "import_batch": _imports,
    "prompt_version": _prompts,
    "step": _steps,
}
_SHAPES: Final = {"chart_export": _export}
ENTITIES: Final = tuple(_QUERIES)
"""What can be asked for, by the word under which steps name it; a `step` is asked for by its own id."""
