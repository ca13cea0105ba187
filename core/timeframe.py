"""The eight timeframes of the desk, and how bars are aligned to a market's clock."""

from __future__ import annotations

import re
from enum import IntEnum, StrEnum

from core.errors import ParameterError

MINUTE_MS = 60_000
_UNITS = {"M": 1, "H": 60, "D": 1440, "W": 10_080}


class Timeframe(IntEnum):
    """Bar length in minutes. Stored in the data base as that number, shown by its name (`M5`, `H4`)."""

    M1 = 1
    M5 = 5
    M15 = 15
    M30 = 30
    H1 = 60
    H4 = 240
    D1 = 1440
    W1 = 10_080

    @property
    def ms(self) -> int:
        """Length in milliseconds."""
        return int(self) * MINUTE_MS

    def close_time(self, open_time: int) -> int:
        """First instant (UTC ms) at which the bar that opened at `open_time` is complete."""
        return open_time + self.ms

    @classmethod
    def parse(cls, text: str | int) -> Timeframe:
        """Read `M5`, `5m`, `5`, `60`, `1h`, `H1`, `4H`, `daily`, `1d`, `1w` ...

        A capital M before the number is minutes, as everywhere in the trade; `1M` is read as one minute because the
        desk has no monthly bars.

        Raises:
            ParameterError: the spelling names none of the eight timeframes.
        """
        found = _minutes(str(text).strip().upper())
        if found is None or found not in cls._value2member_map_:
            allowed = ", ".join(member.name for member in cls)
            raise ParameterError(f"'{text}' is no timeframe: use one of {allowed}.", text)
        return cls(found)


def _minutes(word: str) -> int | None:
    words = {"DAILY": 1440, "DAY": 1440, "D": 1440, "WEEKLY": 10_080, "WEEK": 10_080, "W": 10_080, "H": 60}
    if word in words:
        return words[word]
    if word.isdigit():
        return int(word)
    match = re.fullmatch(r"([MHDW])(\d{1,4})|(\d{1,4})\s*([MHDW])(?:IN|INS|INUTES?|OURS?|AYS?|EEKS?)?", word)
    if match is None:
        return None
    unit = match[1] or match[4]
    count = match[2] or match[3]
    return int(count) * _UNITS[unit]


class Calendar(StrEnum):
    """Where a market's bars of four hours and more begin.

    `utc`: from the epoch (crypto). `fx`: from 17:00 New York, the week from Sunday 17:00. `us_stocks`: from the
    session open, 09:30 New York.
    """

    UTC = "utc"
    FX = "fx"
    US_STOCKS = "us_stocks"
