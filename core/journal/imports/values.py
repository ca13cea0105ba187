"""Numbers, times and sides as brokers write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Final
from zoneinfo import ZoneInfo

from core.journal.imports.rows import Options, RowError

_UNIT = re.compile(r"^([-+(]?\s*[$€£]?\s*[-+(]?[\d.,' \u00a0\u202f]+\)?)\s*([A-Za-z%$€£]+)?$")
_SPACES = re.compile(r"[\s'\u00a0\u202f]")
_LIMIT: Final = Decimal(10) ** 10
_PLACES: Final = 8
_FIGURES: Final = 8
_GROUP: Final = 3
_OFFSET = re.compile(r"(?:utc|gmt)\s*([+-]\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
_YEAR_FIRST = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M", "%Y.%m.%d %H:%M:%S", "%Y.%m.%d %H:%M",
    "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y%m%d %H%M%S", "%Y%m%d %H:%M:%S", "%Y%m%d", "%Y-%m-%d",
)  # fmt: skip
_MONTH_FIRST = (
    "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S.%f", "%m/%d/%Y %H:%M", "%m/%d/%y %H:%M", "%m/%d/%y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p",
)  # fmt: skip
_DAY_FIRST = (
    "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S.%f", "%d/%m/%Y %H:%M", "%d/%m/%y %H:%M", "%d/%m/%y %H:%M:%S",
    "%d/%m/%Y %I:%M:%S %p", "%d/%m/%Y %I:%M %p",
)  # fmt: skip
# With points and dashes nobody writes the month first.
_DOTTED = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S.%f", "%d.%m.%Y %H:%M", "%d-%m-%Y %H:%M:%S")
_SIDES: Final = {
    **dict.fromkeys(("buy", "b", "bot", "bought", "long", "1"), 1),
    **dict.fromkeys(("sell", "s", "sld", "sold", "short", "-1", "sell short", "ss"), -1),
}


def number(text: str, name: str, point: str = ".") -> Decimal:
    """A number as `1,234.50`, `1 234,50`, `$(80.00)`, `0.10 Lots` or `-5`.

    `point` is the file's decimal sign, for what says nothing about it (`1,234`); "": nobody knows it.

    Raises:
        RowError: it is none, can be read in two ways, or is larger than any price or size.
    """
    plain = _plain(text)
    digits = _SPACES.sub("", plain).strip("()+-")
    negative = plain.lstrip().startswith(("(", "-"))
    if "." in digits or "," in digits:
        sign = decimal_sign(text) or point
        if not sign:
            raise RowError(f"the {name} '{text}' can be read in two ways: choose which decimal sign the file has")
        if digits.count(sign) == 1 or _grouped(digits, sign):
            digits = digits.replace("," if sign == "." else ".", "").replace(sign, ".")
    try:
        value = Decimal(digits)
    except InvalidOperation:
        raise RowError(f"the {name} '{text}' is no number") from None
    if not value.is_finite() or value >= _LIMIT:
        raise RowError(f"the {name} '{text}' is out of all proportion")
    # Eight decimals, and for what is smaller than one eight figures: some coins cost a millionth.
    value = round(value, max(_PLACES, _FIGURES - 1 - value.adjusted()) if value else _PLACES)
    return -value if negative else value


def decimal_sign(text: str) -> str | None:
    """The decimal sign that this number must have, `.` or `,`; None where it says nothing, as 5, 1,234 or a word."""
    plain = _plain(text)
    digits = _SPACES.sub("", plain).strip("()+-")
    signs = [sign for sign in ".," if sign in digits]
    if not signs:
        return None
    if len(signs) == 2:  # noqa: PLR2004
        return max(signs, key=digits.rfind)
    sign, other = signs[0], "," if signs[0] == "." else "."
    if digits.count(sign) > 1:
        return other if _grouped(digits, other) else None
    whole, _, part = digits.partition(sign)
    # Thousands come in threes after at most three figures, of which the first is no zero. Spaces group them already.
    could_group = len(part) == _GROUP and 0 < len(whole) <= _GROUP and whole[0] != "0"
    return None if could_group and not _SPACES.search(plain.strip()) else sign


def _plain(text: str) -> str:
    """The number without its unit and currency, empty where there is none."""
    found = _UNIT.match(text.strip().replace("\u2212", "-"))
    return re.sub(r"[$€£]", "", found.group(1)).strip() if found else ""


def _grouped(digits: str, sign: str) -> bool:
    """Whether these are thousands without a fraction, in threes, under the decimal sign."""
    return re.fullmatch(rf"\d{{1,3}}([{'.' if sign == ',' else ','}]\d{{3}})+", digits) is not None


def positive(text: str, name: str, point: str = ".") -> Decimal:
    """A number above zero, as `number` reads it. Raises RowError."""
    value = number(text, name, point)
    if value <= 0:
        raise RowError(f"the {name} '{text}' is not above zero")
    return value


def moment(text: str, options: Options, heading: str = "") -> datetime:
    """An aware time in UTC. A zone in the text counts, then one in the column's heading (`UTC+2`), then the option's.

    Raises:
        RowError: it is no time, or lies before 1980.
    """
    plain = " ".join(text.strip().replace(";", " ").replace(",", " ").split())
    found = _iso(plain) or _known(plain, options)
    if found is None:
        raise RowError(f"the time '{text}' cannot be read")
    if found.year < 1980 or found.year > 2200:  # noqa: PLR2004
        raise RowError(f"the time '{text}' cannot be")
    if found.tzinfo is None:
        found = found.replace(tzinfo=_zone(heading) or ZoneInfo(options.zone))
    return found.astimezone(UTC)


def side(text: str) -> int:
    """+1 for a buy, -1 for a sell. Raises RowError."""
    found = _SIDES.get(text.strip().lower())
    if found is None:
        raise RowError(f"'{text}' is neither buy nor sell")
    return found


def _iso(text: str) -> datetime | None:
    """ISO 8601 with a zone, as 2026-03-02T09:30:00Z or 2026-03-02 09:30:00+01:00."""
    if not re.search(r"(Z|[+-]\d{2}:?\d{2})$", text) or not re.match(r"\d{4}-\d{2}-\d{2}[T ]", text):
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S") if re.fullmatch(r"[\d-]{10}T[\d:]{8}", text) else None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _known(text: str, options: Options) -> datetime | None:
    for pattern in (*_YEAR_FIRST, *(_DAY_FIRST if options.day_first else _MONTH_FIRST), *_DOTTED):
        try:
            return datetime.strptime(text, pattern)
        except ValueError:
            continue
    return None


def _zone(heading: str) -> timezone | None:
    found = _OFFSET.search(heading)
    if found is None:
        return None
    hours, minutes = int(found.group(1)), int(found.group(2) or 0)
    return timezone(timedelta(hours=hours, minutes=minutes if hours >= 0 else -minutes))
