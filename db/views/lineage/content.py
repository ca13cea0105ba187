"""What a step is about, read when somebody looks at it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlmodel import Session, col, select

from db.models import (
    BrokerOrder,
    ChartExport,
    DeskQuestion,
    IndicatorSnapshot,
    LineageStep,
    Opinion,
    Prompt,
    PromptVersion,
    SignalVote,
    Symbol,
    TradeFill,
)
from db.views.orders import OrderDetail, order_detail


def step(session: Session, step_id: int) -> LineageStep | None:
    return session.get(LineageStep, step_id)


def steps(session: Session, ids: Iterable[int]) -> list[LineageStep]:
    """These steps in full, in the order in which they were recorded."""
    query = select(LineageStep).where(col(LineageStep.id).in_(list(ids))).order_by(col(LineageStep.id))
    return list(session.exec(query))


def symbol(session: Session, name: str) -> Symbol | None:
    return session.exec(select(Symbol).where(Symbol.name == name)).first()


def snapshots(session: Session, run_id: int) -> list[IndicatorSnapshot]:
    """Indicator values that a run stored, the finest timeframe first."""
    query = select(IndicatorSnapshot).where(IndicatorSnapshot.run_id == run_id)
    return list(session.exec(query.order_by(col(IndicatorSnapshot.timeframe))))


def votes(session: Session, signal_id: int) -> list[SignalVote]:
    return list(session.exec(select(SignalVote).where(SignalVote.signal_id == signal_id).order_by(col(SignalVote.id))))


def export(session: Session, export_id: int) -> ChartExport | None:
    return session.get(ChartExport, export_id)


def opinion(session: Session, opinion_id: int) -> Opinion | None:
    return session.get(Opinion, opinion_id)


def prompt(session: Session, version_id: int) -> tuple[Prompt, PromptVersion] | None:
    """A version of a prompt and what it is a version of."""
    version = session.get(PromptVersion, version_id)
    owner = None if version is None else session.get(Prompt, version.prompt_id)
    return None if version is None or owner is None else (owner, version)


def question(session: Session, question_id: int) -> DeskQuestion | None:
    return session.get(DeskQuestion, question_id)


def order(session: Session, ticket_id: int) -> OrderDetail | None:
    """A ticket with its legs, all that happened to them and their executions."""
    query = select(BrokerOrder.id).where(BrokerOrder.ticket_id == ticket_id).order_by(col(BrokerOrder.id))
    first = session.exec(query).first()
    return None if first is None else order_detail(session, first)


def fills(session: Session, trade_id: int) -> list[TradeFill]:
    query = select(TradeFill).where(TradeFill.trade_id == trade_id)
    return list(session.exec(query.order_by(col(TradeFill.at), col(TradeFill.id))))
