"""Numbers in words, in English and German: `twenty-one`, `a third of`, `twice`, `zweiundzwanzig`.

Not taken for numbers: `a`, `ein`, `no`, `both`, `few`, `first`, `second`, `once`, and `one` unless something is counted
by it. `dozens`, `hundreds` and the like are numbers that nobody can check.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

_UNITS: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_ENGLISH: Final = {word: number for number, word in enumerate(_UNITS)}
_DECADES: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_TENS: Final = {word: 10 * number for number, word in enumerate(_DECADES, 2)}
_SCALES: Final = {"hundred": 100, "thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000}
_NTH: Final = (
    "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth",
    "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth",
)  # fmt: skip
_ORDINALS: Final = {word: number for number, word in enumerate(_NTH, 3)} | {"thirtieth": 30, "fortieth": 40}
_LATER_NTH: Final = re.compile(
    rf"\b(?P<tens>{'|'.join(_DECADES)})[ -](?P<nth>first|second|{'|'.join(_NTH[:7])})\b", re.IGNORECASE
)
_FRACTIONS: Final = {
    "half": 2,
    "halves": 2,
    "third": 3,
    "thirds": 3,
    "quarter": 4,
    "quarters": 4,
    "fifth": 5,
    "fifths": 5,
}
_MULTIPLES: Final[tuple[tuple[str, int | Decimal], ...]] = (
    ("doubl", 2), ("tripl", 3), ("trebl", 3), ("quadrupl", 4), ("quintupl", 5), ("halv", Decimal("0.5")),
)  # fmt: skip
_TIMES: Final[dict[str, int | Decimal]] = {
    "twice": 2, "thrice": 3, "doppelt": 2, "doppelte": 2, "doppelten": 2, "verdoppelt": 2, "verdreifacht": 3,
    "vervierfacht": 4, "verfünffacht": 5, "verzehnfacht": 10, "halbiert": Decimal("0.5"),
    **{f"{stem}{end}": many for stem, many in _MULTIPLES for end in ("e", "ed", "es", "ing")},
}  # fmt: skip
_VAGUE: Final = ("dozens", "hundreds", "thousands", "millions", "dutzende", "hunderte", "tausende")

_GERMAN: Final = {
    "null": 0, "eins": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9,
    "zehn": 10, "elf": 11, "zwölf": 12, "dreizehn": 13, "vierzehn": 14, "fünfzehn": 15, "sechzehn": 16,
    "siebzehn": 17, "achtzehn": 18, "neunzehn": 19, "zwanzig": 20, "dreißig": 30, "dreissig": 30, "vierzig": 40,
    "fünfzig": 50, "sechzig": 60, "siebzig": 70, "achtzig": 80, "neunzig": 90, "dutzend": 12,
}  # fmt: skip
_GERMAN_PARTS: Final = _GERMAN | {"ein": 1}
_GERMAN_SCALES: Final = (("tausend", 1000), ("hundert", 100))
_GERMAN_FRACTIONS: Final = {
    "hälfte": 2,
    "drittel": 3,
    "viertel": 4,
    "fünftel": 5,
    "halb": 2,
    "halbe": 2,
    "halben": 2,
    "halber": 2,
}

_CARDINAL: Final = "|".join(sorted([*_ENGLISH, *_TENS, *_SCALES, "dozen", "couple"], key=len, reverse=True))
_PHRASE: Final = re.compile(rf"\b(?:{_CARDINAL})\b(?:(?:[ -]|[ -]and[ -])(?:{_CARDINAL})\b)*", re.IGNORECASE)
_SHARE: Final = re.compile(
    r"\b(?:(?P<count>an?|one|two|three|four)[ -])?(?P<part>hal(?:f|ves)|thirds?|quarters?|fifths?)\b(?=[ -]of\b)"
    r"|\b(?P<many>two|three|four)[ -](?P<parts>thirds|quarters|fifths)\b|\b(?P<bare>half)\b",
    re.IGNORECASE,
)
_COUNTED: Final = re.compile(
    r"(?:[ -](?:single|more|other|closed|open|losing|winning|bad|good))?"
    r"[ -](?:trades?|loss(?:es)?|wins?|losers?|winners?|days?|weeks?|months?|years?|hours?|minutes?|signals?|percent|"
    r"per cent|r\b|times?|points?|of\b|in\b|out\b)",
    re.IGNORECASE,
)
_NO_SHARE: Final = re.compile(
    r"(?:first|second|other|latter|former|better|worse|this|that|each|either)[ -]$", re.IGNORECASE
)
_WORD: Final = re.compile(r"[^\W\d_]+")

Spoken = tuple[int, int, Decimal | None, str]
"""Start, end, what it comes to (None: nothing that could be checked), and `%`, `x`, `nth` or an empty unit."""


def spoken(text: str) -> Iterator[Spoken]:
    """The numbers that a text has in words, in its order."""
    found = [*_shares(text), *_phrases(text), *_words(text)]
    end = 0
    for one in sorted(found, key=lambda one: (one[0], -one[1])):
        if one[0] >= end:
            end = one[1]
            yield one


def english(phrase: str) -> int:
    """`one hundred and five` as 105."""
    total, current = 0, 0
    for word in re.split(r"[ -]+", phrase.lower()):
        if word in _ENGLISH or word in _TENS:
            current += _ENGLISH.get(word, _TENS.get(word, 0))
        elif word == "hundred":
            current = max(current, 1) * 100
        elif word in {"dozen", "couple"}:
            current = max(current, 1) * (12 if word == "dozen" else 2)
        elif word in _SCALES:
            total, current = total + max(current, 1) * _SCALES[word], 0
    return total + current


def german(word: str) -> int | None:
    """`zweihundertfünfundzwanzig` as 225; None where it is no number."""
    if word in _GERMAN:
        return _GERMAN[word]
    for name, size in _GERMAN_SCALES:
        before, found, after = word.partition(name)
        if found:
            many = _german_part(before) if before else 1
            rest = _german_part(after.removeprefix("und")) if after else 0
            return None if many is None or rest is None else many * size + rest
    unit, found, tens = word.partition("und")
    if found and _GERMAN_PARTS.get(unit, 10) < 10 and _GERMAN.get(tens, 0) >= 20:  # noqa: PLR2004
        return _GERMAN_PARTS[unit] + _GERMAN[tens]
    return None


def _german_part(word: str) -> int | None:
    return 1 if word == "ein" else german(word)


def _fold(word: str) -> int | None:
    """`tenfold`, `zehnfache` and `zehnmal` as 10."""
    found = re.fullmatch(r"(.+?)(?:fold|mal|fach(?:e[nrs]?)?)", word)
    if found is None:
        return None
    return english(found[1]) or german(found[1])


def _shares(text: str) -> Iterator[Spoken]:
    for found in _SHARE.finditer(text):
        if found["bare"] and _NO_SHARE.search(text[: found.start()]):
            continue
        part = (found["part"] or found["parts"] or found["bare"]).lower()
        count = (found["count"] or found["many"] or "one").lower()
        many = _ENGLISH.get(count, 1)
        yield found.start(), found.end(), Decimal(100 * many) / _FRACTIONS[part], "%"


def _phrases(text: str) -> Iterator[Spoken]:
    for found in _PHRASE.finditer(text):
        if found[0].lower() == "one" and not _COUNTED.match(text, found.end()):
            continue
        yield found.start(), found.end(), Decimal(english(found[0])), ""
    for found in _LATER_NTH.finditer(text):
        last = {"first": 1, "second": 2}.get(found["nth"].lower()) or _ORDINALS[found["nth"].lower()]
        yield found.start(), found.end(), Decimal(_TENS[found["tens"].lower()] + last), "nth"


def _words(text: str) -> Iterator[Spoken]:
    for found in _WORD.finditer(text):
        word = found[0].lower()
        place = found.start(), found.end()
        if word in _VAGUE:
            yield *place, None, ""
        elif word in _TIMES:
            yield *place, Decimal(_TIMES[word]), "x"
        elif word in _ORDINALS:
            yield *place, Decimal(_ORDINALS[word]), "nth"
        elif word in _GERMAN_FRACTIONS:
            yield *place, Decimal(100) / _GERMAN_FRACTIONS[word], "%"
        elif (many := _fold(word)) is not None:
            yield *place, Decimal(many), "x"
        elif (number := german(word)) is not None:
            yield *place, Decimal(number), ""
