"""What the Charts page shows, as its address says it: read with a sentence for each thing that cannot be, and written.

Everything a person sets is in the address, so that a bookmark, a reload and a link to a colleague show the same charts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from core.charts.series import CHART_TYPES
from core.errors import ParameterError
from core.patterns.naming import FAMILY_TITLES
from core.timeframe import Timeframe
from dashboard.charts.indicators import Chosen, read_chosen

BARS: Final = (100, 200, 300, 500, 1000, 2000, 5000)
MOST_CHARTS: Final = 4
MOST_INDICATORS: Final = 10
SAME_TIME, SAME_COUNT = "time", "bars"
SYNCS: Final = (SAME_TIME, SAME_COUNT)
VOLUME, SIGNALS, TRADES = "volume", "signals", "trades"
SHOWN: Final = (VOLUME, SIGNALS, TRADES, *FAMILY_TITLES)
NOTHING: Final = "none"
_LARGEST_ID: Final = 2**31 - 1
_LONGEST: Final = 12
_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def _first_indicators() -> tuple[Chosen, ...]:
    return tuple(read_chosen(spelled) for spelled in ("EMA~20", "EMA~50", "RSI~14"))


@dataclass(frozen=True)
class ChartView:
    """What is shown. `timeframes` has one entry a chart, empty before any is chosen; the first one leads.

    `bars` of the first chart make the span of time; `sync` says whether the others show that span or that number of
    bars. `as_of` (UTC ms) is the moment at which it is looked at, None for now. `size` and `reversal` are those of
    bricks and columns, None for the proposed ones. `signal` and `trade` are pointed out.
    """

    symbol: int | None = None
    timeframes: tuple[Timeframe, ...] = ()
    type: str = CHART_TYPES[0]
    bars: int = 300
    sync: str = SAME_TIME
    as_of: int | None = None
    size: float | None = None
    reversal: int | None = None
    shown: tuple[str, ...] = (VOLUME, SIGNALS, TRADES)
    indicators: tuple[Chosen, ...] = ()
    signal: int | None = None
    trade: int | None = None

    @property
    def families(self) -> tuple[str, ...]:
        return tuple(name for name in FAMILY_TITLES if name in self.shown)


def first_view() -> ChartView:
    """What a person sees who has not chosen anything yet."""
    return ChartView(indicators=_first_indicators())


def write_view(view: ChartView) -> dict[str, str]:
    """The parameters of the address."""
    told: dict[str, Any] = {
        "symbol": view.symbol,
        "timeframe": " ".join(one.name for one in view.timeframes) or None,
        "type": view.type,
        "bars": view.bars,
        "sync": view.sync if view.sync != SAME_TIME else None,
        "as_of": None if view.as_of is None else write_moment(view.as_of),
        "size": None if view.size is None else f"{view.size:.12g}",
        "reversal": view.reversal,
        "show": " ".join(view.shown) or NOTHING,
        "indicators": " ".join(one.spelled for one in view.indicators) or NOTHING,
        "signal": view.signal,
        "trade": view.trade,
    }
    return {name: str(value) for name, value in told.items() if value is not None}


def read_view(given: Mapping[str, str], before: ChartView) -> tuple[ChartView, list[str]]:
    """What an address asks for, and a sentence for each part of it that cannot be.

    What the address leaves out is as it was `before`, except what belongs to another symbol or another moment.
    """
    complaints: list[str] = []
    found: dict[str, Any] = {}
    for name, (field, reader) in _READERS.items():
        if name in given:
            try:
                found[field] = reader(given[name])
            except ParameterError as error:
                complaints.append(error.message)
    if given:
        before = replace(before, as_of=None, signal=None, trade=None)
    if found.get("symbol", before.symbol) != before.symbol:
        before = replace(before, size=None)
    return replace(before, **found), complaints


def write_moment(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment / 1000, UTC):%Y-%m-%dT%H:%M}"


def read_moment(text: str) -> int:
    """UTC ms of `2026-03-02T14:05` or `2026-03-02`.

    Raises:
        ParameterError: it is neither.
    """
    try:
        read = datetime.fromisoformat(text.strip())
        moment = read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except ValueError as error:
        raise ParameterError(f"'{text}' is no moment: write it as 2026-03-02T14:05 (UTC).", text) from error
    except OverflowError:
        moment = _LATEST + timedelta(days=1)
    if not _EARLIEST <= moment <= _LATEST:
        raise ParameterError(f"'{text}' lies outside of what a chart can show: choose another moment.", text)
    return int(moment.timestamp() * 1000)


def _whole(what: str) -> Callable[[str], int]:
    def read(text: str) -> int:
        plain = text.isascii() and text.isdecimal() and len(text) <= _LONGEST
        if not plain or not 0 < int(text) <= _LARGEST_ID:
            raise ParameterError(f"'{text}' is no {what}: the address wants its number.", text)
        return int(text)

    return read


def _timeframes(text: str) -> tuple[Timeframe, ...]:
    words = text.replace(",", " ").split()
    return tuple(Timeframe.parse(word) for word in words[:MOST_CHARTS])


def _type(text: str) -> str:
    return _one_of(text, CHART_TYPES, "chart type")


def _sync(text: str) -> str:
    return _one_of(text, SYNCS, "way to keep charts together")


def _one_of(text: str, allowed: tuple[str, ...], what: str) -> str:
    if text not in allowed:
        raise ParameterError(f"'{text}' is no {what}: use one of {', '.join(allowed)}.", text)
    return text


def _bars(text: str) -> int:
    count = _whole("number of bars")(text)
    # A number between two that are offered counts as the next larger one.
    return next((one for one in BARS if one >= count), BARS[-1])


def _size(text: str) -> float:
    try:
        size = float(text)
    except ValueError:
        size = -1.0
    if not 0 < size < float("inf"):
        raise ParameterError(f"'{text}' is no size of a brick or box: write a price difference above 0.", text)
    return size


def _shown(text: str) -> tuple[str, ...]:
    words = [] if text == NOTHING else text.replace(",", " ").split()
    for word in words:
        _one_of(word, SHOWN, "part of a chart")
    return tuple(one for one in SHOWN if one in words)


def _indicators(text: str) -> tuple[Chosen, ...]:
    words = [] if text == NOTHING else text.replace(",", " ").split()
    if len(words) > MOST_INDICATORS:
        raise ParameterError(f"{len(words)} indicators are too many: choose at most {MOST_INDICATORS}.", text)
    return tuple(dict.fromkeys(read_chosen(word) for word in words))


_READERS: Final[dict[str, tuple[str, Callable[[str], Any]]]] = {
    "symbol": ("symbol", _whole("symbol")),
    "timeframe": ("timeframes", _timeframes),
    "type": ("type", _type),
    "bars": ("bars", _bars),
    "sync": ("sync", _sync),
    "as_of": ("as_of", read_moment),
    "size": ("size", _size),
    "reversal": ("reversal", _whole("number of boxes")),
    "show": ("shown", _shown),
    "indicators": ("indicators", _indicators),
    "signal": ("signal", _whole("signal")),
    "trade": ("trade", _whole("trade")),
}
