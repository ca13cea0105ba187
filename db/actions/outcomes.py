"""Later bars tell what became of every signal: taken, passed on or left to expire."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session

from core.signals.outcome import follow
from core.timeframe import Timeframe
from db.engine import reader, writer
from db.models import Symbol
from db.store.bars.series import last_close, read_bars
from db.store.outcomes import Followed, save, undecided
from db.store.revision import bump


def follow_outcomes(engine: Engine, symbol_id: int, now: datetime) -> int:
    """Follow every undecided signal of a symbol over the bars since it was last looked at; returns how many ended.

    Only bars complete at `now` count. Each signal is followed from its own `as_of` whatever the person decided, and
    its bars are looked at once: bars that are corrected or filled in later change no outcome.
    """
    until = int(now.timestamp() * 1000)
    # Most signals ended long ago: look first, and take the write lock only when there is something to write.
    with reader(engine) as session:
        if not any(_has_news(session, symbol_id, item, until) for item in undecided(session, symbol_id)):
            return 0
    with writer(engine) as session:
        # Two jobs of a symbol write one after the other; rows that only point to the symbol need not wait.
        symbol = session.get(Symbol, symbol_id, with_for_update={"key_share": True})
        if symbol is None:
            return 0
        before = undecided(session, symbol_id)
        after = [_followed(session, symbol, item, until) for item in before]
        changed = [new for old, new in zip(before, after, strict=True) if new != old or not old.stored]
        save(session, changed)
        if any(
            new.outcome.state != old.outcome.state or not old.stored for old, new in zip(before, after, strict=True)
        ):
            bump(session)
        return sum(item.outcome.state.over for item in after)


def _has_news(session: Session, symbol_id: int, item: Followed, until: int) -> bool:
    if not item.stored:
        return True
    close = last_close(session, symbol_id, item.plan.timeframe)
    return close is not None and item.outcome.through < min(close, until)


def _followed(session: Session, symbol: Symbol, item: Followed, until: int) -> Followed:
    """The same signal after the bars that closed since."""
    plan, since = item.plan, item.outcome.through
    symbol_id, base = symbol.id or 0, Timeframe(symbol.base_timeframe or plan.timeframe)
    # A day earlier than needed: where a clock changed, a bar begins before the nominal end of the one before.
    start = since - Timeframe.D1.ms
    bars = read_bars(session, symbol_id, plan.timeframe, start=start, until=until)
    finer = read_bars(session, symbol_id, base, start=start, until=until) if base < plan.timeframe else None
    return replace(item, outcome=follow(plan, item.outcome, bars, finer))
