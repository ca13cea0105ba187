"""The paper broker's orders are looked at again whenever anything changed, whoever changed it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from sqlalchemy import Engine

from core.errors import ChartroomError
from db.engine import reader
from db.store import revision
from db.store.broker.work import paper_symbols
from workers.broker.paper import step_paper

log = logging.getLogger(__name__)

LONGEST: Final = 60_000
"""Orders also end by the clock: without any change they are looked at so often (ms)."""

_ONE_AT_A_TIME = threading.Lock()


def step_once(engine: Engine, now: int, symbol_id: int | None = None) -> int:
    """Fill paper orders from the stored bars up to `now` (UTC ms); how many fills there were."""
    with _ONE_AT_A_TIME:
        return step_paper(engine, now, symbol_id)


class PaperSweep:
    """Looks after new orders and new bars, whether or not somebody queued a job for them."""

    def __init__(self, engine: Engine, now: Callable[[], int]) -> None:
        self.engine, self.now = engine, now
        self.seen, self.at, self.said = -1, 0, ""

    def step(self) -> None:
        """Fill what can be filled; two cheap reads when nothing has changed."""
        with reader(self.engine) as session:
            number = revision.current(session)
            if number == self.seen and self.now() - self.at < LONGEST:
                return
            waiting = paper_symbols(session)
        self.seen, self.at = number, self.now()
        if waiting:
            self._fill()

    def _fill(self) -> None:
        try:
            step_once(self.engine, self.at)
            self.said = ""
        except ChartroomError as error:
            # It stays wrong until somebody acts: one line, not one at every look.
            if error.message != self.said:
                log.warning("Paper orders: %s", error.message)
            self.said = error.message
