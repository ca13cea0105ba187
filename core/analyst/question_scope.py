"""What a question about the journal is about: its period, the groups it names, and what it wants to know by."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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
_SHORT: Final = 4
"""Letters of a symbol that may be a word: ALL, IT, ON."""
_QUOTES: Final = "\"'\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019"
_COMMON_WORDS: Final = (
    "a about after all am an and any are as at bad be been before best better big biggest but by can close closed day "
    "days did do does done down each ever every few for from gain gains get go good had has have hour how i if in into "
    "is it its just large larger last late less long longs lose loser losers loses losing loss losses lost made make "
    "many market markets me mean month months more most much my net never new no not now of off often on one only open "
    "or other out over pair pairs pay profit profits result results same session sessions short shorts should show "
    "side signal signals small so some stop take taken tell than that the their them then there these they this time "
    "times to today too total trade traded trades trading under up was way week weeks well were what when where which "
    "while who why win winner winners winning wins with without won work worse worst would year years you your "
    "aber alle am auf aus bei bin das der die ein eine es gewinn gewinne gut habe ich im in ist kein lang mehr mein "
    "meine mit nicht oder schlecht sind so und verlust verluste viel von war warum was wie wo zu"
)
_COMMON: Final = frozenset(_COMMON_WORDS.split())
_GERMAN_DAYS: Final = ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag")
_DAY_WORDS: Final = tuple(f"{name.lower()}|{german}" for name, german in zip(WEEKDAYS, _GERMAN_DAYS, strict=True))
_NOT: Final = (
    r"\b(?:not|without|except|excluding|other than|apart from|ohne|außer|nicht)"
    r"(?: (?:on|in|for|with|am|an|the|my|any))* "
)


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
        Key.SYMBOL.value: _symbols(question, names.symbols),
        Key.STRATEGY.value: _spoken_of(text, names.strategies, r"strateg(?:y|ies)"),
        Key.SETUP.value: _spoken_of(text, names.setups, r"set-?ups?"),
        Key.TAG.value: _spoken_of(text, names.tags, r"tag(?:s|ged)?"),
        EMOTION: _spoken_of(text, names.emotions, r"emotions?|feel(?:ing)?|felt"),
    }
    for key, groups in found.items():
        if groups:
            named[key] = groups
    period = period_of(text, now, zone)
    unread = (*period.unread, *_left_out(text, found))
    keys = tuple(key for key, words in _WORDS.items() if key != SIGNALS and _has(text, words))
    if len(sides) > 1 and Key.SIDE.value not in keys:
        keys = (*keys, Key.SIDE.value)
    return Focus(replace(period, unread=unread), named, keys, _has(text, _WORDS[SIGNALS]))


def _left_out(text: str, found: Mapping[str, Sequence[str | int]]) -> list[str]:
    """Where the question wants one of the groups left out: it is about that group all the same."""
    words = [_DAY_WORDS[int(one)] if key == Key.WEEKDAY.value else re.escape(str(one).lower())
             for key, groups in found.items() if key != Key.SIDE.value for one in groups]  # fmt: skip
    return [one[0] for word in words for one in re.finditer(rf"{_NOT}(?:{word})s?(?!\w)", text)]


def _has(text: str, words: str) -> bool:
    return re.search(rf"(?<!\w)(?:{words})(?!\w)", text) is not None


def _symbols(question: str, names: Sequence[str]) -> tuple[str | int, ...]:
    """Symbols in the question as it was typed: short ones are words as well, and count in capitals only."""
    lower = " ".join(question.lower().split())
    return tuple(
        name
        for name in names
        if name.strip()
        and (_has(question, re.escape(name.upper())) if len(name) <= _SHORT else _has(lower, re.escape(name.lower())))
    )


def _spoken_of(text: str, names: Sequence[str], kind: str) -> tuple[str | int, ...]:
    """Names that people gave. One that is a common word has to stand in quotation marks or beside its kind."""
    found = []
    for name in names:
        said = " ".join(name.lower().split())
        word = re.escape(said)
        if said and all(part in _COMMON or len(part) < 2 for part in said.split()):  # noqa: PLR2004
            word = rf"(?<=[{_QUOTES}]){word}(?=[{_QUOTES}])|(?:{kind}) {word}|{word} (?:{kind})"
        if said and _has(text, word):
            found.append(name)
    return tuple(found)
