"""What a question about the journal is about: its period, the groups it names, and what it wants to know by."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from core.analyst.question_period import Period, period_of
from core.stats.groups import WEEKDAYS, Key

EMOTION: Final = "emotion"
MONTH: Final = "month"
SIGNALS: Final = "signals"

_WORDS: Final = {
    Key.WEEKDAY.value: r"weekdays?|days? of the week|which days?|wochentag\w*|monday to friday",
    Key.HOUR.value: r"hours?|time of (?:the )?day|what time|morning|afternoon|evening|uhrzeit|stunden?|morgens|abends",
    Key.SESSION.value: r"sessions?|sitzung\w*|handelszeit\w*",
    Key.SYMBOL.value: r"symbols?|pairs?|markets?|instruments?|währungspaar\w*|märkte?n?",
    Key.SIDE.value: r"sides?|longs? or shorts?|direction|richtung",
    Key.SETUP.value: r"set-?ups?",
    Key.TAG.value: r"tags?|tagged|labels?",
    Key.STRATEGY.value: r"strateg\w+",
    Key.BAND.value: r"bands?|confidence",
    EMOTION: r"emotions?|emotional\w*|feel\w*|mood|gefühl\w*|fear|greed|tilt",
    MONTH: r"months|(?:by|which|what|each|every) month|monthly|monate?n?|over time|trend|improv\w+",
    SIGNALS: r"signals?|signale[n]?|suggest\w+|reject\w*|accept\w*|ignor\w+|expired|missed|abgelehnt\w*|passed on",
}
_SIDES: Final = {1: r"longs?|buy(?:s|ing)?|bought|käufe?", -1: r"shorts?|shorted|sell(?:s|ing)?|sold|verkäufe?"}
_GERMAN_DAYS: Final = ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag")


@dataclass(frozen=True)
class Names:
    """What this desk calls its things, as people wrote them."""

    symbols: Sequence[str] = ()
    strategies: Sequence[str] = ()
    setups: Sequence[str] = ()
    tags: Sequence[str] = ()
    emotions: Sequence[str] = ()


@dataclass(frozen=True)
class Focus:
    """What was asked about. `named` are groups by key (a weekday's number, a side's sign, else a name): trades in any
    of a key's groups, and of every key's. `keys` are those that the answer should be broken down by.
    """

    period: Period
    named: Mapping[str, tuple[str | int, ...]] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    signals: bool = False

    @property
    def narrowed(self) -> bool:
        return bool(self.named)


def focus_of(question: str, names: Names, now: datetime, zone: str) -> Focus:
    """What a question is about, found by its words in English and German; `now` is aware, `zone` the account's."""
    text = " ".join(question.lower().split())
    named: dict[str, tuple[str | int, ...]] = {}
    weekdays = tuple(at for at, name in enumerate(WEEKDAYS) if _has(text, rf"{name.lower()}s?|{_GERMAN_DAYS[at]}s?"))
    sides = tuple(side for side, words in _SIDES.items() if _has(text, words))
    sessions = tuple(
        name for name in ("London", "New York", "Tokyo") if _has(text, re.escape(name.lower()).replace(r"\ ", "[ -]"))
    )
    found: dict[str, tuple[str | int, ...]] = {
        Key.WEEKDAY.value: weekdays,
        # Both sides are no choice but a comparison.
        Key.SIDE.value: sides if len(sides) == 1 else (),
        Key.SESSION.value: sessions,
        Key.SYMBOL.value: _spoken_of(text, names.symbols),
        Key.STRATEGY.value: _spoken_of(text, names.strategies),
        Key.SETUP.value: _spoken_of(text, names.setups),
        Key.TAG.value: _spoken_of(text, names.tags),
        EMOTION: _spoken_of(text, names.emotions),
    }
    for key, groups in found.items():
        if groups:
            named[key] = groups
    keys = tuple(key for key, words in _WORDS.items() if key != SIGNALS and _has(text, words))
    if len(sides) > 1 and Key.SIDE.value not in keys:
        keys = (*keys, Key.SIDE.value)
    return Focus(period_of(text, now, zone), named, keys, _has(text, _WORDS[SIGNALS]))


def _has(text: str, words: str) -> bool:
    return re.search(rf"(?<!\w)(?:{words})(?!\w)", text) is not None


def _spoken_of(text: str, names: Sequence[str]) -> tuple[str | int, ...]:
    return tuple(name for name in names if name.strip() and _has(text, re.escape(" ".join(name.lower().split()))))
