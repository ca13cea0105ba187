"""A person judges pattern events: valid, not valid, or something else. One transaction each; the last click wins."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from core.errors import DeskError
from core.patterns.naming import kind_named
from db.engine import writer
from db.store.reviews import VERDICTS, EventKey, Verdict, drop_verdict, verdict_on, write_verdict
from db.store.revision import bump
from db.store.symbols import get_symbol

__all__ = ["EventKey", "Verdict", "review_event", "take_back_review"]


def review_event(engine: Engine, key: EventKey, verdict: Verdict, now: datetime) -> Verdict | None:
    """Write what a person says about an event; returns what stood there before, for taking it back.

    The same verdict again, as a double click gives it, changes nothing.

    Raises:
        NotFoundError: no such symbol.
        DeskError: a verdict that does not exist, or a relabelling without another kind.
        ParameterError: a kind that does not exist.
    """
    _check(key, verdict)
    with writer(engine) as session:
        get_symbol(session, key.symbol_id, lock=True)  # two clicks on one event come one after the other
        before = verdict_on(session, key)
        if before != verdict:
            write_verdict(session, key, verdict, now)
            bump(session)
        return before


def take_back_review(engine: Engine, key: EventKey, before: Verdict | None, now: datetime) -> None:
    """Put back what stood there before a review; None: nothing did. Taking it back again changes nothing.

    Raises:
        NotFoundError: no such symbol.
    """
    with writer(engine) as session:
        get_symbol(session, key.symbol_id, lock=True)  # two clicks on one event come one after the other
        if verdict_on(session, key) == before:
            return
        if before is None:
            drop_verdict(session, key)
        else:
            write_verdict(session, key, before, now)
        bump(session)


def _check(key: EventKey, verdict: Verdict) -> None:
    kind_named(key.kind)
    if verdict.verdict not in VERDICTS:
        raise DeskError(f"'{verdict.verdict}' is no verdict: use one of {', '.join(VERDICTS)}.", verdict.verdict)
    relabelled = verdict.verdict == "relabelled"
    if relabelled and verdict.label in {None, key.kind}:
        raise DeskError("Choose the kind that this should have been.", key.kind)
    if verdict.label is not None:
        kind_named(verdict.label)
        if not relabelled:
            raise DeskError("Only a relabelled event has another kind.", verdict.label)
