"""What every source of bars looks like to the rest of the desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from core.bars import Bars, Floats


@dataclass(frozen=True)
class FetchedBars:
    """Complete bars of one symbol and, where the source gives one, the adjusted close of each, shape (n,)."""

    bars: Bars
    adj_close: Floats | None = None


class Feed(Protocol):
    """A source of bars."""

    def fetch(self, symbol_name: str, since: int | None, until: int) -> FetchedBars:
        """Bars that opened at `since` or later and are complete at `until` (both UTC ms).

        `symbol_name` is the desk's own name. `since` is the close time of the last stored bar; None asks for the first
        history, as long as the source finds useful. Nothing new is an answer too: bars of length 0.

        Raises:
            MarketDataUnavailableError: out of reach or throttled; trying again later makes sense.
            MarketDataError: anything else; trying again does not help.
        """
        ...
