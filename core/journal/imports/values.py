"""Numbers, times and sides as brokers write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Final
from zoneinfo import ZoneInfo

from core.journal.imports.rows import Options, RowError

_UNIT = re.compile(r"^([-+(]?\s*[$€£]?\s*[-+(]?[\d.,' \u00a0\u202f]+\)?)\s*([A-Za-z%$€£]+)?$")
_LIMIT: Final = Decimal(10) ** 10
_PLACES: Final = 8
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
    "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S.%f", "%d/%m/%Y %H:%M", "%d/%m/%y %H:%M", "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M:%S.%f", "%d.%m.%Y %H:%M", "%d-%m-%Y %H:%M:%S",
)  # fmt: skip
_SIDES: Final = {
    **dict.fromkeys(("buy", "b", "bot", "bought", "long", "1"), 1),
    **dict.fromkeys(("sell", "s", "sld", "sold", "short", "-1", "sell short", "ss"), -1),
}


def number(text: str, name: str) -> Decimal:
    """A number as `1,234.50`, `1 234,50`, `$(80.00)`, `0.10 Lots` or `-5`.

    Raises:
        RowError: it is none, or larger than any price or size.
    """
    found = _UNIT.match(text.strip().replace("\u2212", "-"))
    plain = re.sub(r"[$€£\s'\u00a0\u202f]", "", found.group(1)) if found else ""
    negative = plain.startswith("(") or plain.startswith("-")
    digits = plain.strip("()+-")
    if digits.count(",") and digits.count("."):
        thousands = "," if digits.rfind(".") > digits.rfind(",") else "."
        digits = digits.replace(thousands, "").replace(",", ".")
    elif re.fullmatch(r"\d{1,3}(,\d{3})+", digits):
        digits = digits.replace(",", "")
    else:
        digits = digits.replace(",", ".")
    try:
        value = Decimal(digits)
    except InvalidOperation:
        raise RowError(f"the {name} '{text}' is no number") from None
    if not value.is_finite() or value >= _LIMIT:
        raise RowError(f"the {name} '{text}' is out of all proportion")
    value = round(value, _PLACES)
    return -value if negative else value


def positive(text: str, name: str) -> Decimal:
    """A number above zero. Raises RowError."""
    value = number(text, name)
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
    for pattern in (*_YEAR_FIRST, *(_DAY_FIRST if options.day_first else _MONTH_FIRST), *_DAY_FIRST):
        # A day first that the person did not ask for is read only where it cannot be a month.
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
