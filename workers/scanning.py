"""Scan the slots of one strategy and symbol, in order, each once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from rq.timeouts import JobTimeoutException
from sqlalchemy import Engine

from core.errors import ChartroomError, NotFoundError
from core.scan import scan
from core.timeframe import Timeframe
from db.actions.follow import follow_signals
from db.actions.scan import load_scan, record_failure, record_scan
from db.actions.scan_trace import Mark
from db.engine import reader
from db.models import Strategy, Symbol
from workers.due import owed_slots


def now() -> datetime:
    """The wall clock, aware UTC."""
    return datetime.now(UTC)


@dataclass
class Stopwatch:
    """Turns the moments at which a scan's parts are done into marks: each part began when the one before it ended."""

    last: datetime = field(default_factory=now)
    marks: list[Mark] = field(default_factory=list)

    def __call__(self, part: str, timeframe: Timeframe | None) -> None:
        """Note that `part` is done now."""
        done = now()
        self.marks.append(Mark(part, timeframe, self.last, done))
        self.last = done


def scan_one(engine: Engine, strategy_id: int, symbol_id: int, slot: int) -> int | None:
    """Scan one slot (UTC ms); returns the id of the signal it made, if any.

    Whatever goes wrong is recorded as a failed run and raised.
    """
    started = now()
    try:
        given = load_scan(engine, strategy_id, symbol_id, slot)
        read = [Mark("bars", timeframe, started, now()) for timeframe in given.bars]
        watch = Stopwatch()
        result = scan(given.strategy, given.bars, given.tick_size, watch)
        return record_scan(engine, given, result, [*read, *watch.marks])
    except NotFoundError:
        raise  # there is no row left that a failed run could belong to
    except Exception as error:
        record_failure(engine, strategy_id, symbol_id, slot, error, (started, now()))
        raise


def scan_owed(engine: Engine, strategy_id: int, symbol_id: int, slot: int) -> list[int]:
    """Scan every slot that is owed up to `slot` (UTC ms), oldest first; returns the ids of the signals made.

    The order matters: a zone belongs to the first slot that could see it, so that a retry, or a desk that slept, ends
    with the same signals. A slot that fails does not stop the later ones; the first failure is raised at the end.

    Raises:
        NotFoundError: no such strategy or symbol.
        ChartroomError: a slot could not be scanned.
    """
    with reader(engine) as session:
        strategy, symbol = session.get(Strategy, strategy_id), session.get(Symbol, symbol_id)
        if strategy is None or symbol is None:
            raise NotFoundError(f"strategy {strategy_id} or symbol {symbol_id} does not exist any more.")
        owed = owed_slots(session, strategy, symbol, slot)
    made, failure = [], None
    for due in owed:
        try:
            signal_id = scan_one(engine, strategy_id, symbol_id, due)
        except ChartroomError as error:
            if isinstance(error.__cause__, JobTimeoutException):
                raise  # a strategy that does not come to an end would not in the next slot either
            failure = failure or error
        else:
            if signal_id is not None:
                made.append(signal_id)
                # A signal of a slot long past may be over by now: nobody shall see it as new.
                follow_signals(engine, symbol_id, now())
    if failure:
        raise failure
    return made
