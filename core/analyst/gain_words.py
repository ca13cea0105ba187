"""Whether a sentence speaks of a gain or of a loss where a number stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

_SPLIT: Final = re.compile(
    r"[;:!?]|[.,](?!\d)|\s[\u2013\u2014-]\s(?!\d)"
    r"|\b(?:while|whereas|but|although|though|however|despite|yet|and|or|aber|während|obwohl|jedoch|und|oder|trotz)\b"
    r"|\b(?=(?:with|for|at|on) an? (?:\w+ )?(?:net|total|average|mean|expectancy)\b)",
    re.IGNORECASE,
)
_CONTRAST: Final = re.compile(
    r"(?:while|whereas|but|although|though|however|despite|yet|aber|während|obwohl|jedoch|trotz)$", re.IGNORECASE
)
_LOSS: Final = re.compile(
    r"\b(?:lose[sr]?|loss(?:es)?|losing|losers|lost|negative|minus|down(?! (?:to|from)\b)|cost(?:s|ing)?|red|"
    r"behind|deficit|drain(?:s|ed|ing)?|shr(?:a|i|u)nks?|set (?:you )?back|"
    r"(?:fell|drop(?:s|ped)?|declined)(?! (?:to|from)\b)|gave back|bled|burned|"
    r"verlor(?:en)?|verlier\w*|verlust\w*|negativ\w*|gekostet|eingebüßt)\b",
    re.IGNORECASE,
)
_GAIN: Final = re.compile(
    r"\b(?:gain(?:s|ed|ing)?|won|win(?:s|ning|ners?)?|made(?! an? (?:\w+ )?loss)|earn(?:s|ed|ing)?|"
    r"profit(?:s|ed|able)?(?! factor)|positive|plus|up(?! to\b)|green|grew|brought in|"
    r"gewonnen|gewinn\w*|verdient|erzielt|positiv\w*)\b",
    re.IGNORECASE,
)
_FALL: Final = re.compile(r"\b(?:draw-?downs?|rückgang\w*)\b", re.IGNORECASE)
_DENIED: Final = re.compile(
    r"\b(?:no|not|never|without(?: an?| any| the)?|far from|instead of|rather than|kein\w*|nicht|ohne)(?: an?)?\s$",
    re.I,
)
_BESIDE: Final = re.compile(
    # What only says which trades, how many, or how often: it is no statement about the amount.
    r"\b(?:losing|winning|losers|winners|profitable)(?: \w+)? (?:trades?|streaks?|runs?|days?|weeks?|months?|setups?)\b"
    r"|\b(?:win|loss|hit)[ -]?rates?\b"
    r"|\b(?:average|largest|biggest|best|worst|mean) (?:win|gain|profit|loss)(?:es|s)?\b"
    r"|\b(?:won|lost|lose|win) (?:only |just |about )?(?:[\w.,]+ of )?(?:\d+|[a-z-]+)(?: of \w+)?(?: \w+)? trades?\b"
    r"|\b(?:won|lost|lose|win) [\d.,]+ ?(?:%|percent\b)"
    r"|\b(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|more|most|few|fewer|many) (?:wins|loss(?:es)?|losers|"
    r"winners|gains)\b",
    re.IGNORECASE,
)
_ITS_OWN: Final = re.compile(
    r"\b(?:net(?:ted)?|total|average[ds]?|expectancy|p&l|result|is|was|are|were|ist|war|waren|sind)\b", re.IGNORECASE
)


def direction(text: str, start: int, end: int) -> tuple[str, bool]:
    """(`-`, `+` or nothing, whether the text says so of the amount itself) for a number at `text[start:end]`.

    The word nearest to it in its own clause counts; a clause that says nothing itself goes on with the one before it.
    """
    clauses = _clauses(text)
    at = next((place for place, (first, last, _) in enumerate(clauses) if first <= start <= last), 0)
    while True:
        first, last, contrast = clauses[at]
        found = _said(text, first, last, start, end)
        if found[0] or contrast or at == 0 or _ITS_OWN.search(text, first, last):
            return found
        at -= 1


def told(text: str, start: int, end: int) -> str:
    """What the clause of a number at `text[start:end]` speaks of: `+` wins, `-` losses, nothing for neither or both."""
    first, last = next(((one[0], one[1]) for one in _clauses(text) if one[0] <= start <= one[1]), (0, len(text)))
    signs = {sign for sign, _ in _words(text, first, last, (("-", _LOSS), ("-", _FALL), ("+", _GAIN)))}
    return signs.pop() if len(signs) == 1 else ""


def _clauses(text: str) -> list[tuple[int, int, bool]]:
    """(start, end, whether a word of contrast opens it) of each."""
    made, first, contrast = [], 0, False
    for one in _SPLIT.finditer(text):
        made.append((first, one.start(), contrast))
        first, contrast = one.end(), _CONTRAST.match(one[0]) is not None
    return [*made, (first, len(text), contrast)]


def _words(
    text: str, first: int, last: int, kinds: Sequence[tuple[str, re.Pattern[str]]]
) -> Iterator[tuple[str, re.Match[str]]]:
    """Each word of these kinds within a clause that the clause does not deny, with the sign of its kind."""
    for sign, words in kinds:
        for one in words.finditer(text, first, last):
            if not _DENIED.search(text, first, one.start()):
                yield sign, one


def _said(text: str, first: int, last: int, start: int, end: int) -> tuple[str, bool]:
    beside = [one.span() for one in _BESIDE.finditer(text, first, last)]
    plain: list[tuple[int, str]] = []
    aside: set[str] = set()
    for sign, one in _words(text, first, last, (("-", _LOSS), ("+", _GAIN))):
        if any(left <= one.start() < right for left, right in beside):
            aside.add(sign)
        else:
            plain.append((max(start - one.end(), one.start() - end), sign))
    if plain:
        return min(plain)[1], True
    return (aside.pop() if len(aside) == 1 else ""), False
