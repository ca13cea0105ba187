"""The numbers in a sentence: digits in every way of writing them, dates, times of day, and words for numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from core.analyst.currency_words import CODES, LOWER, NAMES, SIGNS, code_of
from core.analyst.number_words import spoken

COMMA_LANGUAGES: Final = frozenset(
    ("german", "french", "spanish", "italian", "portuguese", "dutch", "polish", "czech", "russian", "ukrainian",
     "swedish", "danish", "norwegian", "finnish", "turkish", "greek", "hungarian", "romanian", "indonesian")
)  # fmt: skip
"""Languages whose decimal mark is the comma."""

PERCENT, R, TIMES, COUNT, MONEY, NTH, DATE, CLOCK, WEEKDAY, OTHER = (
    "%", "R", "x", "count", "money", "nth", "date", "clock", "weekday", "other",
)  # fmt: skip

_CODE: Final = "|".join(sorted((*CODES, *LOWER.split("|")), key=len, reverse=True))
_SIGN: Final = f"[{''.join(SIGNS)}]"
_NAMES: Final = (
    "January February March April May June July August September October November December",
    "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
)
_MONTHS: Final = {name: number for names in _NAMES for number, name in enumerate(names.split(), 1)}
_MONTH: Final = "|".join(sorted(_MONTHS, key=len, reverse=True))
_END: Final = r"(?!\w|[.,]\d)"
_YEAR: Final = rf"(?P<y>(?:19|20)\d\d){_END}"
_NTH_DAY: Final = r"(?P<d>\d{1,2})(?:st|nd|rd|th|\.)?"
_DATES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<![\w.,-])(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)(?:-(?P<d>\d\d))?(?!-){_END}",
        rf"(?<![\w.,]){_NTH_DAY} (?:of )?(?P<n>{_MONTH})\b\.?(?:,? {_YEAR})?",
        rf"\b(?P<n>{_MONTH})\.? {_NTH_DAY}{_END}(?:,? {_YEAR})?",
        rf"\b(?P<n>{_MONTH})\.?,? {_YEAR}",
        rf"(?<![\w.,])(?P<d>\d{{1,2}})\.(?P<m>\d{{1,2}})\.{_YEAR}",
        rf"(?<![\w.,/])(?P<d>1[3-9]|2\d|3[01])/(?P<m>\d{{1,2}})/{_YEAR}",
        rf"(?<![\w.,/])(?P<m>\d{{1,2}})/(?P<d>1[3-9]|2\d|3[01])/{_YEAR}",
        rf"\b(?P<n>(?!(?:May|March) (?:be|have|I|you|not|also|help|on|in)\b){_MONTH})\b",
    )
)
_CLOCK: Final = re.compile(
    rf"(?<![\w.,:])(?P<h>[01]?\d|2[0-4]):(?P<min>[0-5]\d)(?!:){_END}(?: ?(?P<half>[ap])\.?m\b)?", re.IGNORECASE
)
_HALF_DAY: Final = re.compile(r"(?<![\w.,:])(?P<h>1[0-2]|0?[1-9]) ?(?P<half>[ap])\.?m\b", re.IGNORECASE)

_ENGLISH_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_GERMAN_DAYS: Final = ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag")
_WEEKDAYS: Final = {word: at for words in (_ENGLISH_DAYS, _GERMAN_DAYS) for at, word in enumerate(words)}
_WEEKDAY: Final = re.compile(rf"\b(?P<day>{'|'.join(_WEEKDAYS)})(?:e?s|e|en)?\b", re.IGNORECASE)
_SHARED_PERCENT: Final = re.compile(
    r"(?:,| ?(?:and|or|to|vs\.?|against|und|oder|bis|gegen|-|\u2013)) ?[\d.,]+ ?(?:%|per ?cent\b)"
)
"""The per cent sign of the number after it, which stands for both."""

_LEADING_PERCENT: Final = re.compile(r"(?<![\d\s])(?<!\d )%$|^%$|(?<=\s)(?<!\d )%$")
"""The sign in front, as Turkish has it."""

_DASHES: Final = "\\-\u2212\u2010\u2011\u2012\u2013\u2014\u2015\ufe58\ufe63\uff0d"
"""Hyphens, minus signs and dashes, for a set of a pattern: whatever stands for a minus."""
_BREAKS: Final = "\u2014\u2015"
"""Dashes that part a sentence where they have blanks on both sides."""
_GROUPS: Final = ("\u00a0", "\u202f", "\u2019", "'", " ")
"""Blanks and apostrophes between thousands."""
_CROSS: Final = "\u00d7"

_DIGITS: Final = re.compile(
    r"(?:(?<![\w.,])\.)?\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)(?:[.,]\d+)?"
    r"|(?:(?<![\w.,])\.)?\d+(?:[.,'\u2019]\d+)*"
)
_BEFORE: Final = re.compile(
    rf"(?:(?P<sign>[+{_DASHES}\u00b1~])\s?)?(?P<money>{_SIGN}|\b(?:{_CODE})\s?)?"
    rf"(?:(?P<after>[+{_DASHES}])\s?)?$"
)
_MINUS: Final = re.compile(r"\b(?:minus|negative)\W{1,3}$", re.IGNORECASE)
_LATIN: Final = "[0-9A-Za-z_\u00aa-\u02af\u0370-\u052f]"
"""Letters that make one word with digits beside them: Latin, Greek, Cyrillic. Scripts without blanks do not."""
_LETTERS: Final = re.compile(rf"{_LATIN}+$")
_TAIL: Final = re.compile(rf"{_LATIN}+")
_AFTER: Final = re.compile(
    r"(?P<nth>st|nd|rd|th)\b"
    r"|(?P<percent>[ \u00a0\u202f-]?[%\u066a]|[ -](?i:percent|per cent|prozent)\b)"
    r"|(?P<other>[ \u00a0]?‰|[ -]?(?:(?i:pips?|bps?|basis points?|points?|punkte?n?|ticks?|lots?|contracts?|"
    r"shares?|percentage points?|prozentpunkte?n?|pp|mio|mrd|mln|bn|tsd|seconds?|secs?|sekunden?|uhr|candles?|bars?)\b"
    r"|o'clock\b))"
    r"|(?P<r>[ \u00a0-]?R\b)"
    rf"|(?P<code>[ -]?(?:{_CODE})\b|[ ]?{_SIGN}|[ -]?(?i:{NAMES})\b)"
    rf"|(?P<times>[ -]?(?:x|times|fold|mal|fach)\b|[ ]?{_CROSS})"
    r"|(?P<span>[ -]?(?P<unit>(?i:hours?|hrs?|h|stunden?|minutes?|min|minuten?|days?|tagen?|tage|weeks?|"
    r"wochen?|months?|monaten?|monate|years?|jahren?|jahre))\b)"
    r"|(?P<count>[ -](?i:(?:(?:closed|open|losing|winning|profitable|consecutive|straight|more|other) )*"
    r"(?:trades?|wins?|loss(?:es)?|losers?|winners?|signals?|cases?|verluste[n]?|gewinne[n]?|signale[n]?))\b)"
)
_SPANS: Final = {"h": "hours", "d": "days", "t": "days", "w": "weeks", "y": "years", "j": "years", "s": "hours"}


@dataclass(frozen=True)
class Number:
    """A number as it is written at `text[start:end]`. `readings` are the values it can mean, each with the number of
    decimals that are written: none where it cannot be read. `sign` is `+`, `-` or nothing. `unit` is one of the names
    above, a word for a length of time, or empty; `currency` a code, empty where none is said.

    A date has `date` (year, month, day; None for what is not said), a time of day `clock` (`14:00`). `name` is set for
    digits inside a word, such as a timeframe or a symbol.
    """

    start: int
    end: int
    readings: tuple[tuple[Decimal, int], ...] = ()
    sign: str = ""
    unit: str = ""
    currency: str = ""
    date: tuple[int | None, int | None, int | None] | None = None
    clock: str = ""
    name: str = ""


def numbers_in(text: str, language: str = "English") -> list[Number]:
    """Every number of a text in its order, with months and weekdays. Every digit, of any script, belongs to one."""
    text = _folded(text)
    found = _apart([*_dates(text), *_clocks(text), *_weekdays(text)])
    taken = [(one.start, one.end) for one in found]
    comma = language.strip().lower() in COMMA_LANGUAGES
    found += _apart([_digits(text, one, comma) for one in _DIGITS.finditer(text) if _free(one.span(), taken)])
    taken = [(one.start, one.end) for one in found]
    found += [one for one in _signs(text) if _free((one.start, one.end), taken)]
    found += [
        Number(start, end, () if value is None else ((value, 0),), _said_sign(text, start), *_unit_of(text, end, unit))
        for start, end, value, unit in spoken(text)
        if _free((start, end), taken)
    ]
    return sorted(found, key=lambda one: one.start)


def readings_of(written: str, comma: bool) -> tuple[tuple[Decimal, int], ...]:
    """What digits with separators can mean, with the number of decimals. `comma`: where the comma is the decimal mark.

    `1,234.5` means the same everywhere, `1.234,5` only with `comma`; `1,234` and `1.234` what the language says.
    """
    plain = written
    for gap in _GROUPS:
        plain = plain.replace(gap, "")
    if plain.startswith("."):
        plain = f"0{plain}"
    points, commas = plain.count("."), plain.count(",")
    if not points and not commas:
        return ((Decimal(plain), 0),)
    thousands, mark = (".", ",") if comma else (",", ".")
    for group, decimal in ((thousands, mark), (mark, thousands)):
        strange = group == mark
        # The other way of writing counts only where it cannot be mistaken: with both marks, or 0.35 in German.
        if strange and not (comma and ((points and commas) or re.fullmatch(r"\d+\.\d+", plain))):
            continue
        pattern = rf"(?:\d{{1,3}}(?:{re.escape(group)}\d{{3}})+|\d+)(?:{re.escape(decimal)}(\d+))?"
        fits = re.fullmatch(pattern, plain)
        if fits:
            value = Decimal(plain.replace(group, "").replace(decimal, "."))
            return ((value, len(fits[1] or "")),)
    return ()


def _dates(text: str) -> list[Number]:
    return [_date(found) for pattern in _DATES for found in pattern.finditer(text)]


def _date(found: re.Match[str]) -> Number:
    parts = found.groupdict()
    month = int(parts["m"]) if parts.get("m") else _MONTHS[parts["n"]]
    year, day = (int(parts[name]) if parts.get(name) else None for name in ("y", "d"))
    return Number(*found.span(), unit=DATE, date=(year, month, day))


def _clocks(text: str) -> Iterator[Number]:
    for found in (*_CLOCK.finditer(text), *_HALF_DAY.finditer(text)):
        hour, minute = int(found["h"]), found.groupdict().get("min") or "00"
        half = (found["half"] or "").lower()
        if half:
            hour = hour % 12 + (12 if half == "p" else 0)
        yield Number(*found.span(), unit=CLOCK, clock=f"{hour:02d}:{minute}")


def _weekdays(text: str) -> Iterator[Number]:
    for found in _WEEKDAY.finditer(text):
        day = _ENGLISH_DAYS[_WEEKDAYS[found["day"].lower()]]
        yield Number(*found.span(), unit=WEEKDAY, name=day.title())


def _folded(text: str) -> str:
    """The text with its signs in their plain form (NFKC), each at its place; one that becomes several stays."""
    return "".join(_plain(sign) for sign in text)


def _plain(sign: str) -> str:
    plain = unicodedata.normalize("NFKC", sign)
    # A superscript or a circled digit is no digit of a number.
    strange = len(plain) != 1 or unicodedata.category(sign) in {"No", "Nl"}
    return sign if strange else plain


def _digits(text: str, found: re.Match[str], comma: bool) -> Number:
    start, end = found.span()
    before = _BEFORE.search(text, 0, start)
    assert before is not None
    letters = _LETTERS.search(text, 0, start)
    money = (before["money"] or "").strip()
    if letters and not money and letters[0] != "R" and letters[0].upper() not in CODES:
        return _named(text, letters.start(), end)
    after = _AFTER.match(text, end)
    if after is None and (tail := _TAIL.match(text, end)):
        return _named(text, start, tail.end())
    unit, currency = _unit_of(text, end, "")
    if not unit and (_SHARED_PERCENT.match(text, end) or _LEADING_PERCENT.search(text, 0, start)):
        unit = PERCENT
    if money or (letters and letters[0].upper() in CODES):
        unit, currency = MONEY, code_of(money or (letters[0] if letters else ""))
    elif letters:
        unit = R
    sign = _sign(text, before, start)
    first = before.start() if sign or money else (letters.start() if letters else start)
    return Number(first, end, readings_of(found[0], comma), sign or _said_sign(text, first), unit, currency)


def _named(text: str, start: int, end: int) -> Number:
    tail = _TAIL.match(text, end)
    end = tail.end() if tail else end
    return Number(start, end, unit=OTHER, name=text[start:end])


def _sign(text: str, before: re.Match[str], start: int) -> str:
    written = before["sign"] or before["after"]
    if not written:
        return ""
    if written in "\u00b1~":
        return ""
    # Between two numbers or words a hyphen is no minus: 10-20.
    at = before.start()
    if before["sign"] and at and (text[at - 1].isalnum() or text[at - 1] in "%."):
        return ""
    apart = before["sign"] and text[at + 1 : at + 2].isspace()
    if apart and (re.search(r"[\d%]\s*$", text[:at]) or (written in _BREAKS and text[:at].strip())):
        return ""
    return "+" if written == "+" else "-"


def _said_sign(text: str, start: int) -> str:
    return "-" if _MINUS.search(text, 0, start) else ""


def _unit_of(text: str, end: int, known: str) -> tuple[str, str]:
    """The unit and currency after a number."""
    if known:
        return known, ""
    found = _AFTER.match(text, end)
    if found is None:
        return "", ""
    kinds = {"nth": NTH, "percent": PERCENT, "other": OTHER, "r": R, "times": TIMES, "count": COUNT}
    for name, unit in kinds.items():
        if found[name]:
            return unit, ""
    if found["code"]:
        return MONEY, code_of(found["code"].strip(" -"))
    word = found["unit"].lower()
    return ("minutes" if word.startswith("min") else "months" if word.startswith("mo") else _SPANS[word[0]]), ""


def _signs(text: str) -> Iterator[Number]:
    """Signs that stand for a number and are no digits: a half, a superscript, a circled or Roman one."""
    for at, sign in enumerate(text):
        if unicodedata.category(sign) in {"No", "Nl"}:
            yield Number(at, at + 1, unit=OTHER)


def _free(span: tuple[int, int], taken: list[tuple[int, int]]) -> bool:
    return all(span[1] <= start or span[0] >= end for start, end in taken)


def _apart(found: list[Number]) -> list[Number]:
    """Without those that begin inside an earlier or longer one."""
    kept: list[Number] = []
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept
