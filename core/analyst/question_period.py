"""The period that a question names: days, weeks, months, quarters and years, in English and German.

What sounds like a time and is not understood is handed back, so that nobody takes figures of all time for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from core.analyst.number_words import english, german

Days = tuple[date, date, str]
"""First day, the day after the last one, and what it is called."""

_NAMES: Final = (
    "january february march april may june july august september october november december",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "jän feb mrz apr mai jun jul aug sept okt nov dez",
)
_MONTHS: Final = {name: at for names in _NAMES for at, name in enumerate(names.split(), 1)}
_TITLES: Final = tuple(name.title() for name in _NAMES[0].split())
_ORDINALS: Final = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4,
                    "erstes": 1, "ersten": 1, "zweites": 2, "zweiten": 2, "drittes": 3, "dritten": 3, "viertes": 4,
                    "vierten": 4}  # fmt: skip
_MONTH: Final = "|".join(sorted(_MONTHS, key=len, reverse=True))
_YEAR: Final = r"(?:19|20)\d\d"
_COUNT: Final = r"(?P<count>\d{1,4}|[a-zäöüß]+(?:-[a-z]+)?)"
_LAST: Final = r"(?:last|past|previous|letzten?|vergangenen)"
_LAST_TRADES: Final = re.compile(rf"\b{_LAST} {_COUNT} (?:closed )?trades?\b")
_LAST_DAYS: Final = re.compile(
    rf"\b{_LAST} {_COUNT} "
    r"(?P<unit>days?|weeks?|months?|quarters?|years?|tagen?|tage|wochen|monaten?|quartalen?|jahren?)\b"
)
_DAYS_IN: Final = {"d": 1, "t": 1, "w": 7, "m": 30, "q": 91, "y": 365, "j": 365}
_NTH: Final = r"(?:st|nd|rd|th|\.)?"
_UNTO: Final = "to|until|till|through|bis"
_ON: Final = rf"(?: ?[-\u2013] ?| (?:{_UNTO}|and|und) )"
"""What stands between the first and the last day of a span."""
_ABSOLUTE: Final = tuple(
    re.compile(rf"(?<![\w.,/-])(?:{pattern})(?![\w/]|[.,-]\d)")
    for pattern in (
        rf"(?P<y>{_YEAR})-(?P<m>\d\d)-(?P<d>\d\d)",
        rf"(?P<d>\d{{1,2}})\.(?P<m>\d{{1,2}})\.(?P<y>{_YEAR})",
        rf"(?P<y>{_YEAR})-(?P<m>\d\d)",
        rf"(?P<n>{_MONTH})\.? (?P<d>\d{{1,2}}){_NTH}{_ON}(?P<e>\d{{1,2}}){_NTH}(?:,? (?P<y>{_YEAR}))?",
        rf"(?P<d>\d{{1,2}}){_NTH}{_ON}(?P<e>\d{{1,2}}){_NTH} (?:of )?(?P<n>{_MONTH})(?:,? (?P<y>{_YEAR}))?",
        rf"(?P<n>{_MONTH})\.? (?P<d>\d{{1,2}}){_NTH}(?:,? (?P<y>{_YEAR}))?",
        rf"(?P<d>\d{{1,2}}){_NTH} (?:of )?(?P<n>{_MONTH})(?:,? (?P<y>{_YEAR}))?",
        rf"(?P<n>{_MONTH})\.?(?: of)?,? (?P<y>{_YEAR})",
        rf"(?:q(?P<q>[1-4])|(?P<o>{'|'.join(_ORDINALS)}) (?:quarter|quartal))(?:(?: of| in)?,? (?P<y>{_YEAR}))?",
        rf"(?P<y>{_YEAR})[ -]?q(?P<q>[1-4])",
        rf"(?P<n>{_MONTH})",
        rf"(?P<y>{_YEAR})",
    )
)
_MODAL: Final = re.compile(
    r"\b(?:i|we|it|they|you|he|she|that|this|which|who|what|there|one|trades?|signals?|desk|model) $"
    r"|^ (?:i|we|be|have|not|it|they|you|also|help|well|still|never|the|my)\b"
)
"""What makes `may` a verb: what stands before it, and what comes after it."""
_SINCE: Final = re.compile(r"\b(?:since|seit|from|ab|starting(?: in)?) (?:the )?$")
_NEVER: Final = re.compile(r"(?!)")
_AFTER: Final = re.compile(r"\b(?:after|nach) (?:the )?$")
_UNTIL: Final = re.compile(r"\b(?:until|till|up to|through|bis) (?:the )?$")
_BEFORE: Final = re.compile(r"\b(?:before|vor) (?:the )?$")
_TO: Final = re.compile(rf" (?:{_UNTO}|-|\u2013) ")
_TO_OR_AND: Final = re.compile(rf" (?:{_UNTO}|and|und|-|\u2013) ")
_RANGE: Final = re.compile(r"\b(?:from|between|von|zwischen) (?:the )?$")
_WEEKDAY: Final = "(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch"
_TIMES: Final = re.compile(
    rf"\b(?:(?:since|until|before|after|during|between|at|the|in) )*(?:"
    rf"{_LAST} (?:[\w-]+ ){{0,3}}?(?:trades?|minutes?|hours?|days?|weeks?|months?|quarters?|years?|{_MONTH}"
    rf"|minuten|stunden|tagen?|wochen|monaten?|jahren?|(?:{_WEEKDAY})[se]?)"
    r"|(?:calendar )?weeks? \d+|(?:kw|kalenderwoche) ?\d+|h[12](?: (?:19|20)\d\d)?|(?:first|second|1st|2nd) half"
    r"|(?:this|last|past|previous|next|current|that|first|second|early|late|diese[nsmr]?|letzte[nsmr]?|"
    r"vorige[nsmr]?|vergangene[nsmr]?) "
    r"(?:days?|weeks?|months?|quarters?|years?|half|decade|night|woche|monat|quartal|jahr)"
    r"|(?:[\w-]+ )?(?:days?|weeks?|months?|quarters?|years?) ago|vor [\w-]+ (?:tag\w*|woche\w*|monat\w*|jahr\w*)"
    rf"|(?:since|seit|until|before|last|this|past|previous) (?:{_WEEKDAY})|week of"
    r"|(?:than|and) (?:before|after)|and a half"
    r"|ago|recent(?:ly)?|lately|neulich|kürzlich|nowadays|so far|weekends?|wochenenden?|fortnight|decade"
    r"|quarters?|quartal|"
    r"semester|half[ -]year|halbjahr|spring|summer|autumn|winter|frühling|sommer|herbst|christmas|easter|weihnachten|"
    r"ostern|holidays?|vacation|urlaub|lunch(?:time)?|noon|midday|midnight|tonight|mittags?|mitternacht|ytd|mtd|"
    r"today|heute|yesterday|gestern|tomorrow|morgen"
    rf"|\d{{1,2}}(?::\d\d)? ?(?:am|pm|uhr|o'clock)|\d{{1,2}}:\d\d|\d{{1,2}}[./]\d{{1,2}}(?:[./]\d{{2,4}})?|q\d|{_YEAR}"
    rf"|(?:between|from) \d{{1,2}} (?:and|to) \d{{1,2}}|{'|'.join(sorted(set(_MONTHS) - {'may'}))})(?!\w)"
)


@dataclass(frozen=True)
class Period:
    """Closes from `since` on and before `until`, or the `last` so many trades; `label` says it in words.

    `unread` are words of the question that name a time and were not understood.
    """

    label: str
    since: datetime | None = None
    until: datetime | None = None
    last: int | None = None
    unread: tuple[str, ...] = ()


def period_of(text: str, now: datetime, zone: str) -> Period:
    """The period a question names (in lower case), by the days of the account's time zone; else all of time."""
    today = now.astimezone(ZoneInfo(zone)).date()
    found = _last(text, today, zone) or _named(text, today, zone)
    if found is None:
        return Period("all time", unread=_unread(text))
    period, start, end = found
    rest = f"{text[:start]} | {text[end:]}"
    return Period(period.label, period.since, period.until, period.last, _unread(rest))


def _last(text: str, today: date, zone: str) -> tuple[Period, int, int] | None:
    trades = _LAST_TRADES.search(text)
    if trades and (count := _number(trades["count"])):
        return Period(f"the last {count} closed trades", last=count), *trades.span()
    days = _LAST_DAYS.search(text)
    if days and (count := _number(days["count"])):
        count *= _DAYS_IN[days["unit"][0]]
        since = today - timedelta(days=min(count, 36_500) - 1)
        return _between(since, today + timedelta(days=1), zone, f"the last {count} days"), *days.span()
    return None


def _named(text: str, today: date, zone: str) -> tuple[Period, int, int] | None:
    spans = sorted([*_relative(text, today), *_absolute(text, today)], key=lambda one: (one[0], -one[1]))
    if not spans:
        return None
    start, end, (since, until, label) = spans[0]
    before = text[:start]
    later = next((one for one in spans if one[0] >= end), None)
    opens = _RANGE.search(before)
    if later and (_TO if opens is None else _TO_OR_AND).fullmatch(text[end : later[0]]):
        last = later[2]
        if _bare(label, today) and since > last[0]:
            since = _shifted(since)
        if since < last[1]:
            return _between(since, last[1], zone, f"{label} to {last[2]}"), opens.start() if opens else start, later[1]
    tomorrow = max(today + timedelta(days=1), since)
    for words, first, after, said in (
        (_SINCE if " to " not in label else _NEVER, since, tomorrow, f"since {label}"),
        (_AFTER, until, max(tomorrow, until), f"after {label}"),
        (_UNTIL, None, until, f"until {label}"),
        (_BEFORE, None, since, f"before {label}"),
    ):
        if opens := words.search(before):
            return _between(first, after, zone, said), opens.start(), end
    return _between(since, until, zone, label), start, end


def _relative(text: str, today: date) -> Iterator[tuple[int, int, Days]]:
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    quarter = first.replace(month=first.month - (first.month - 1) % 3)
    january, tomorrow, day = today.replace(month=1, day=1), today + timedelta(days=1), timedelta(days=1)
    this, last = r"(?:this|the current|diese[nsmr]?) ", r"(?:last|the past|past|previous|letzte[nsmr]?|vorige[nsmr]?) "
    spans = (
        (r"today|heute", today, tomorrow, "today"),
        (r"yesterday|gestern", today - day, today, "yesterday"),
        (rf"{this}(?:week|woche)", monday, tomorrow, "this week"),
        (rf"{last}(?:week|woche)", monday - 7 * day, monday, "last week"),
        (rf"{this}(?:month|monat)|mtd|month to date", first, tomorrow, "this month"),
        (rf"{last}(?:month|monat)", before, first, "last month"),
        (rf"{this}(?:quarter|quartal)", quarter, tomorrow, "this quarter"),
        (rf"{last}(?:quarter|quartal)", _add_months(quarter, -3), quarter, "last quarter"),
        (rf"{this}(?:year|jahr)|ytd|year to date", january, tomorrow, "this year"),
        (rf"{last}(?:year|jahr)", january.replace(year=today.year - 1), january, "last year"),
    )
    for words, since, until, label in spans:
        for one in re.finditer(rf"(?<!\w)(?:{words})(?!\w)", text):
            yield *one.span(), (since, until, label)


def _absolute(text: str, today: date) -> Iterator[tuple[int, int, Days]]:
    for pattern in _ABSOLUTE:
        for one in pattern.finditer(text):
            parts = one.groupdict()
            bare = parts.get("n") == "may" and not any(parts.get(name) for name in ("y", "d"))
            if bare and (not text[: one.start()].strip() or _modal(text, *one.span())):
                continue
            days = _days_of(parts, today)
            if days is not None:
                yield *one.span(), days


def _modal(text: str, start: int, end: int) -> bool:
    """Whether `may` at this place is the verb."""
    before, after = _MODAL.search(text, 0, start), _MODAL.match(text[end:])
    return after is not None or (before is not None and before.end() == start)


def _days_of(parts: dict[str, str | None], today: date) -> Days | None:
    """The days of a date, month, quarter or year; one without a year is the latest that has begun."""
    year = int(parts["y"] or 0) if parts.get("y") else 0
    quarter = int(parts.get("q") or _ORDINALS.get(parts.get("o") or "", 0) or 0)
    named = parts.get("n")
    month = 3 * quarter - 2 if quarter else _MONTHS[named] if named else int(parts.get("m") or 0)
    day = int(parts.get("d") or 0)
    if not month:
        return date(year, 1, 1), date(year + 1, 1, 1), f"{year}"
    try:
        since = date(year or today.year, month, day or 1)
        if not year and since > today:
            since = since.replace(year=today.year - 1)
    except ValueError:
        return None
    if quarter:
        return since, _add_months(since, 3), f"Q{quarter} {since.year}"
    if day:
        name = f"{_TITLES[month - 1]} {since.year}"
        last = int(parts.get("e") or day)
        if last < day or last > ((_add_months(since.replace(day=1), 1)) - timedelta(days=1)).day:
            return None
        said = f"{since.day} {name}" if last == day else f"{since.day} to {last} {name}"
        return since, since + timedelta(days=last - day + 1), said
    return since, _add_months(since, 1), f"{_TITLES[month - 1]} {since.year}"


def _bare(label: str, today: date) -> bool:
    return label.endswith(f" {today.year}")


def _shifted(day: date) -> date:
    return day.replace(year=day.year - 1, day=min(day.day, 28))


def _add_months(first: date, months: int) -> date:
    at = first.year * 12 + first.month - 1 + months
    return date(at // 12, at % 12 + 1, 1)


def _number(word: str) -> int:
    """A number in digits or words; 0 where it is none."""
    if word.isdigit():
        return int(word)
    if word in {"few", "couple"}:
        return 0
    return english(word) or german(word) or 0


def _unread(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one[0].strip() for one in _TIMES.finditer(text)))


def _between(since: date | None, until: date, zone: str, label: str) -> Period:
    place = ZoneInfo(zone)
    last = until - timedelta(days=1)
    said = f"to {last}" if since is None else f"{since}" if last == since else f"{since} to {last}"
    return Period(
        f"{label} ({said})",
        None if since is None else datetime.combine(since, time(), place),
        datetime.combine(until, time(), place),
    )
