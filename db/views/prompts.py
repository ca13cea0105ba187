"""What the Prompts page shows: every prompt with its use, and two versions beside each other on past signals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from db.models import Opinion, Prompt, PromptVersion, Signal, SignalOutcome, Strategy, Symbol
from db.store.signals import shown


@dataclass(frozen=True)
class PromptLine:
    """A prompt with its strategy's name (None: for all), its newest version, and how many opinions it was asked for."""

    prompt: Prompt
    strategy: str | None
    newest: int
    asked: int


@dataclass(frozen=True)
class Said:
    """What one version said about a signal: `direction` long, short or none; None in place of what is not there."""

    status: str
    direction: str | None = None
    confidence: int | None = None
    error: str | None = None
    model: str = ""


@dataclass(frozen=True)
class ComparedSignal:
    """One past signal with what two versions said; `result_r` is what became of it, taken as suggested."""

    signal_id: int
    symbol: str
    direction: int
    confidence: float
    result_r: float | None
    first: Said | None
    second: Said | None


@dataclass(frozen=True)
class SignalChoice:
    """A signal that a prompt can be looked at with."""

    id: int
    symbol: str
    direction: int
    status: str
    as_of: int


def prompt_lines(session: Session) -> list[PromptLine]:
    """Every prompt, those in the archive last, else by language and name."""
    newest = (
        select(col(PromptVersion.prompt_id), func.max(col(PromptVersion.number)).label("number"))
        .group_by(col(PromptVersion.prompt_id))
        .subquery()
    )
    asked = (
        select(col(PromptVersion.prompt_id), func.count().label("count"))
        .join(Opinion, col(Opinion.prompt_version_id) == col(PromptVersion.id))
        .group_by(col(PromptVersion.prompt_id))
        .subquery()
    )
    query = (
        select(Prompt, col(Strategy.name), newest.c.number, asked.c.count)
        .outerjoin(Strategy, col(Strategy.id) == col(Prompt.strategy_id))
        .outerjoin(newest, newest.c.prompt_id == col(Prompt.id))
        .outerjoin(asked, asked.c.prompt_id == col(Prompt.id))
        .order_by(col(Prompt.archived_at).is_not(None), col(Prompt.language), col(Prompt.name))
    )
    return [PromptLine(row[0], row[1], int(row[2] or 0), int(row[3] or 0)) for row in session.execute(query)]


def version_uses(session: Session, prompt_id: int) -> dict[int, int]:
    """How many opinions each version of a prompt was asked for, by the version's id."""
    query = (
        select(col(Opinion.prompt_version_id), func.count())
        .join(PromptVersion, col(PromptVersion.id) == col(Opinion.prompt_version_id))
        .where(col(PromptVersion.prompt_id) == prompt_id)
        .group_by(col(Opinion.prompt_version_id))
    )
    return {int(key): int(count) for key, count in session.execute(query)}


def signal_choices(session: Session, limit: int) -> list[SignalChoice]:
    """The newest signals."""
    query = select(col(Signal.id), col(Symbol.name), col(Signal.direction), col(Signal.status), col(Signal.as_of))
    query = query.join(Symbol, col(Symbol.id) == col(Signal.symbol_id)).where(shown())
    rows = session.execute(query.order_by(col(Signal.id).desc()).limit(limit))
    return [SignalChoice(*row) for row in rows]


def version_names(session: Session) -> dict[int, str]:
    """Every version that can be compared, `Name, version 2`, the newest of each prompt first."""
    query = select(col(PromptVersion.id), col(Prompt.name), col(PromptVersion.number))
    query = query.join(Prompt, col(Prompt.id) == col(PromptVersion.prompt_id))
    query = query.order_by(col(Prompt.archived_at).is_not(None), col(Prompt.name), col(PromptVersion.number).desc())
    return {int(key): f"{name}, version {number}" for key, name, number in session.execute(query)}


def compared(session: Session, first: int, second: int) -> list[ComparedSignal]:
    """The signals that at least one of two versions was asked about and whose outcome is known, the newest first."""
    columns: list[Any] = [Opinion, Signal, col(Symbol.name), col(SignalOutcome.result_r)]
    query = (
        select(*columns)
        .join(Signal, col(Signal.id) == col(Opinion.signal_id))
        .join(Symbol, col(Symbol.id) == col(Signal.symbol_id))
        .join(SignalOutcome, col(SignalOutcome.signal_id) == col(Signal.id))
        .where(col(Opinion.prompt_version_id).in_((first, second)), shown())
        .order_by(col(Opinion.id))
    )
    found: dict[int, tuple[Signal, str, float | None, dict[int, Said]]] = {}
    for opinion, signal, symbol, result in session.execute(query):
        said = found.setdefault(signal.id, (signal, symbol, result, {}))[3]
        before = said.get(opinion.prompt_version_id)
        # The last word counts, but an answer is not pushed out by a failure.
        if before is None or before.direction is None or opinion.answer is not None:
            said[opinion.prompt_version_id] = _said(opinion)
    rows = [
        ComparedSignal(key, symbol, signal.direction, signal.confidence, result, said.get(first), said.get(second))
        for key, (signal, symbol, result, said) in found.items()
    ]
    return sorted(rows, key=lambda one: -one.signal_id)


def _said(opinion: Opinion) -> Said:
    answer = opinion.answer or {}
    return Said(opinion.status, answer.get("direction"), answer.get("confidence"), opinion.error, opinion.model)
