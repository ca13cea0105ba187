"""The event contract: an append-only log in which nothing repaints.

A detector turns bars into events. An event is stamped with `known_at`, the close time of the first bar at which a
trader could know it; what happens to it later is a status row with a `known_at` of its own. For every prefix length t,
`detect(bars[:t])` equals `detect(bars).known(close_time(bars[t - 1]))`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Kind(IntEnum):
    """What an event is. The names, in lower case, are what the data base and the pages use."""

    SWING_HIGH = 1
    SWING_LOW = 2
    BOS = 3
    CHOCH = 4
    ORDER_BLOCK = 5
    FAIR_VALUE_GAP = 6
    LIQUIDITY_POOL = 7
    SWEEP = 8
    LEVEL = 20
    LEVEL_BREAK = 21
    LEVEL_RETEST = 22
    TREND_UP = 30
    TREND_DOWN = 31
    TREND_SIDEWAYS = 32
    REVERSAL = 33
    HEAD_AND_SHOULDERS = 40
    INVERSE_HEAD_AND_SHOULDERS = 41
    DOUBLE_TOP = 42
    DOUBLE_BOTTOM = 43
    ASCENDING_TRIANGLE = 44
    DESCENDING_TRIANGLE = 45
    SYMMETRIC_TRIANGLE = 46
    BROADENING_TOP = 47
    BROADENING_BOTTOM = 48
    RECTANGLE_TOP = 49
    RECTANGLE_BOTTOM = 50
    BULL_FLAG = 51
    BEAR_FLAG = 52
    SESSION_TOKYO = 80
    SESSION_LONDON = 81
    SESSION_NEW_YORK = 82
    PREVIOUS_DAY_HIGH = 84
    PREVIOUS_DAY_LOW = 85
    PREVIOUS_WEEK_HIGH = 86
    PREVIOUS_WEEK_LOW = 87
    PREMIUM = 90
    DISCOUNT = 91
    CDL_2CROWS = 101
    CDL_3BLACKCROWS = 102
    CDL_3INSIDE = 103
    CDL_3LINESTRIKE = 104
    CDL_3OUTSIDE = 105
    CDL_3STARSINSOUTH = 106
    CDL_3WHITESOLDIERS = 107
    CDL_ABANDONEDBABY = 108
    CDL_ADVANCEBLOCK = 109
    CDL_BELTHOLD = 110
    CDL_BREAKAWAY = 111
    CDL_CLOSINGMARUBOZU = 112
    CDL_CONCEALBABYSWALL = 113
    CDL_COUNTERATTACK = 114
    CDL_DARKCLOUDCOVER = 115
    CDL_DOJI = 116
    CDL_DOJISTAR = 117
    CDL_DRAGONFLYDOJI = 118
    CDL_ENGULFING = 119
    CDL_EVENINGDOJISTAR = 120
    CDL_EVENINGSTAR = 121
    CDL_GAPSIDESIDEWHITE = 122
    CDL_GRAVESTONEDOJI = 123
    CDL_HAMMER = 124
    CDL_HANGINGMAN = 125
    CDL_HARAMI = 126
    CDL_HARAMICROSS = 127
    CDL_HIGHWAVE = 128
    CDL_HIKKAKE = 129
    CDL_HIKKAKEMOD = 130
    CDL_HOMINGPIGEON = 131
    CDL_IDENTICAL3CROWS = 132
    CDL_INNECK = 133
    CDL_INVERTEDHAMMER = 134
    CDL_KICKING = 135
    CDL_KICKINGBYLENGTH = 136
    CDL_LADDERBOTTOM = 137
    CDL_LONGLEGGEDDOJI = 138
    CDL_LONGLINE = 139
    CDL_MARUBOZU = 140
    CDL_MATCHINGLOW = 141
    CDL_MATHOLD = 142
    CDL_MORNINGDOJISTAR = 143
    CDL_MORNINGSTAR = 144
    CDL_ONNECK = 145
    CDL_PIERCING = 146
    CDL_RICKSHAWMAN = 147
    CDL_RISEFALL3METHODS = 148
    CDL_SEPARATINGLINES = 149
    CDL_SHOOTINGSTAR = 150
    CDL_SHORTLINE = 151
    CDL_SPINNINGTOP = 152
    CDL_STALLEDPATTERN = 153
    CDL_STICKSANDWICH = 154
    CDL_TAKURI = 155
    CDL_TASUKIGAP = 156
    CDL_THRUSTING = 157
    CDL_TRISTAR = 158
    CDL_UNIQUE3RIVER = 159
    CDL_UPSIDEGAP2CROWS = 160
    CDL_XSIDEGAP3METHODS = 161


class Status(IntEnum):
    """What became of an event."""

    TOUCHED = 1
    FILLED = 2
    MITIGATED = 3
    INVALIDATED = 4
    SWEPT = 5
    BROKEN = 6
    RETESTED = 7
    TARGET = 8


EVENT = np.dtype(
    [
        ("kind", "i8"),
        ("direction", "i8"),  # +1 bullish, -1 bearish
        ("start", "i8"),  # open time (UTC ms) of the first bar it stands on
        ("end", "i8"),  # open time (UTC ms) of the last
        ("price_low", "f8"),
        ("price_high", "f8"),
        ("level", "f8"),
        ("known_at", "i8"),  # close time (UTC ms) of the bar that revealed it
        ("score", "f8"),  # 0..1
    ]
)
STATUS = np.dtype([("event", "i8"), ("status", "i8"), ("known_at", "i8")])

Events = NDArray[Any]
"""A structured array of dtype EVENT."""

Event = Any
"""One row of it."""


@dataclass(frozen=True)
class EventLog:
    """Events sorted by (known_at, kind, start, direction), and their status rows sorted by (known_at, event).

    `statuses["event"]` is a position in `events`.
    """

    events: Events
    statuses: Events

    def __len__(self) -> int:
        return len(self.events)

    def known(self, as_of: int) -> EventLog:
        """What a trader knew at `as_of` (UTC ms)."""
        events = int(np.searchsorted(self.events["known_at"], as_of, side="right"))
        statuses = int(np.searchsorted(self.statuses["known_at"], as_of, side="right"))
        return EventLog(self.events[:events], self.statuses[:statuses])

    def of(self, *kinds: Kind) -> Events:
        """Positions of the events of these kinds, oldest known first."""
        return self.is_of(*kinds).nonzero()[0]

    def is_of(self, *kinds: Kind) -> NDArray[np.bool_]:
        """For each event, whether it is of one of these kinds; shape (n,)."""
        found: NDArray[np.bool_] = self._kinds == int(kinds[0])
        for kind in kinds[1:]:  # few: faster than np.isin
            found |= self._kinds == int(kind)
        return found

    @cached_property
    def _kinds(self) -> NDArray[np.int64]:
        return np.ascontiguousarray(self.events["kind"])

    def untouched(self) -> NDArray[np.bool_]:
        """For each event, whether nothing has happened to it yet; shape (n,)."""
        free = np.ones(len(self.events), dtype=np.bool_)
        free[self.statuses["event"]] = False
        return free
