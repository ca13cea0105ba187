"""The journal's figures by group (hour, symbol, setup ...) and by day, month and year. One row a group."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.bars import Floats, Times
from core.errors import ParameterError
from core.local_time import to_local
from core.patterns.sessions import SESSIONS
from core.stats.closed import ClosedTrades, closed_trades
from core.stats.intervals import student_t, wilson_interval

NONE: Final = "-"
"""The group of trades that have nothing there: no setup, no tag, no strategy."""
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_MINUTE_MS, _HOUR_MS, _DAY_MS = 60_000, 3_600_000, 86_400_000
_EPOCH, _EPOCH_WEEKDAY = date(1970, 1, 1), 3
_SATURDAY = 5


class Key(StrEnum):
    """What trades are grouped by. Hour, weekday and session are those of the entry."""

    HOUR = "hour"
    WEEKDAY = "weekday"
    SESSION = "session"
    SYMBOL = "symbol"
    SIDE = "side"
    SETUP = "setup"
    TAG = "tag"
    STRATEGY = "strategy"
    BAND = "band"


class Period(StrEnum):
    """What the calendar shows: the local date of the close."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


def by(frame: pd.DataFrame, key: Key | str, zone: str = "UTC", trades: ClosedTrades | None = None) -> pd.DataFrame:
    """The figures of each group of closed trades, in the natural order of the groups (hours, weekdays, else by name).

    The index holds the groups: hours 0 to 23 on the clock of `zone`, weekdays, sessions (all that were open, "London,
    New York"; `NONE` outside of them), `Long` and `Short`, or the values of the column `symbol`, `setup`, `strategy` or
    `band`. For `tag` the column `tags` holds a sequence of tags for each trade; one with several counts in each.

    Columns: `trades`, `wins`, `losses`, `win_rate` with `win_rate_low` and `win_rate_high` (Wilson, 95 %), `net`
    (exact, Decimal), `expectancy` (mean P&L) with `expectancy_low` and `expectancy_high` (Student, 95 %; NaN below two
    trades), `profit_factor` (NaN when nothing was lost), `with_r`, `net_r`, `average_r` (NaN without a stop).

    `trades` saves time where the frame's `closed_trades` are at hand.

    Raises:
        ParameterError: there is no such key, the frame lacks its column, or a P&L is missing.
    """
    try:
        wanted = Key(key)
    except ValueError:
        raise ParameterError(f"Trades cannot be grouped by '{key}': choose one of {', '.join(Key)}.", key) from None
    trades = closed_trades(frame) if trades is None else trades
    if wanted is Key.TAG:
        return _by_tag(trades, _column(frame, "tags", trades))
    if wanted in (Key.HOUR, Key.WEEKDAY, Key.SESSION):
        return _by_time(trades, wanted, zone)
    if wanted is Key.SIDE:
        sides = _column(frame, "direction", trades).astype(np.int64)
        return _table(trades, (sides < 0).astype(np.int64), ["Long", "Short"])
    return _by_value(trades, _column(frame, wanted.value, trades))


def calendar(
    frame: pd.DataFrame, period: Period | str = Period.DAY, zone: str = "UTC", trades: ClosedTrades | None = None
) -> pd.DataFrame:
    """The figures of `by` for each day, month or year with closed trades; the index is the period's first `date`."""
    trades = closed_trades(frame) if trades is None else trades
    days = to_local(trades.closed, zone) // _DAY_MS
    starts = days.astype("datetime64[D]")
    if Period(period) is not Period.DAY:
        starts = starts.astype("datetime64[M]" if Period(period) is Period.MONTH else "datetime64[Y]")
    values, codes = np.unique(starts.astype("datetime64[D]"), return_inverse=True)
    return _table(trades, codes, values.astype(object).tolist())


def _column(frame: pd.DataFrame, name: str, trades: ClosedTrades) -> NDArray[Any]:
    if name not in frame:
        raise ParameterError(f"These trades have no column '{name}' to group by.", name)
    return frame[name].to_numpy(dtype=object)[trades.row]


def _by_value(trades: ClosedTrades, values: NDArray[Any]) -> pd.DataFrame:
    names = [NONE if absent else str(value) or NONE for absent, value in zip(pd.isna(values), values, strict=True)]
    codes, found = pd.factorize(np.array(names, dtype=object), sort=True)
    return _table(trades, codes, list(found))


def _by_tag(trades: ClosedTrades, tags: Iterable[Any]) -> pd.DataFrame:
    sets = [dict.fromkeys(several) if isinstance(several, list | tuple) else {} for several in tags]
    pairs = [(at, tag) for at, several in enumerate(sets) for tag in (several or (NONE,))]
    rows = np.array([at for at, _ in pairs], dtype=np.intp)
    codes, found = pd.factorize(np.array([tag for _, tag in pairs], dtype=object), sort=True)
    return _table(trades, codes, list(found), rows)


def _by_time(trades: ClosedTrades, key: Key, zone: str) -> pd.DataFrame:
    known = np.flatnonzero(trades.opened > 0)
    opened = trades.opened[known]
    if key is Key.SESSION:
        codes, names = _sessions(opened)
        return _table(trades, codes, names, known)
    local = to_local(opened, zone)
    if key is Key.HOUR:
        return _table(trades, local % _DAY_MS // _HOUR_MS, list(range(24)), known)
    return _table(trades, _weekday(local), list(WEEKDAYS), known)


def _weekday(local: Times) -> Times:
    return (local // _DAY_MS + _EPOCH_WEEKDAY) % 7


def _sessions(opened: Times) -> tuple[Times, list[str]]:
    """Each time's code by the sessions that were open, and the codes' names; code 0 is outside of all."""
    codes = np.zeros(len(opened), dtype=np.int64)
    for bit, session in enumerate(SESSIONS):
        local = to_local(opened, session.zone)
        minute = local % _DAY_MS // _MINUTE_MS
        inside = (minute >= session.opens) & (minute < session.closes) & (_weekday(local) < _SATURDAY)
        codes |= inside.astype(np.int64) << bit
    names = [session.kind.name.removeprefix("SESSION_").replace("_", " ").title() for session in SESSIONS]
    every = [
        ", ".join(name for bit, name in enumerate(names) if code >> bit & 1) or NONE for code in range(2 ** len(names))
    ]
    return codes, every


def _table(trades: ClosedTrades, codes: Any, labels: list[Any], rows: Any = None) -> pd.DataFrame:
    """One row of figures for each code that occurs, in the order of the codes; `rows` says which trade each code is."""
    rows = np.arange(len(trades)) if rows is None else rows
    order = np.argsort(codes, kind="stable")
    present, starts = np.unique(codes[order], return_index=True)
    chosen = rows[order]
    figures = _figures(trades, chosen, starts, len(chosen)) if len(chosen) else _figures_of_none()
    table = pd.DataFrame(figures)
    table.index = pd.Index([labels[code] for code in present], dtype=object, name="group")
    return table


def _figures(trades: ClosedTrades, chosen: NDArray[np.intp], starts: NDArray[np.intp], length: int) -> dict[str, Any]:
    pnl, r = trades.pnl[chosen], trades.r[chosen]
    exact = np.empty(len(trades), dtype=object)
    exact[:] = trades.exact
    exact = exact[chosen]

    def total(values: NDArray[Any]) -> NDArray[Any]:
        return np.add.reduceat(values, starts)

    count = np.diff(np.append(starts, length))
    won, lost, with_r = (
        total((pnl > 0).astype(np.int64)),
        total((pnl < 0).astype(np.int64)),
        total((~np.isnan(r)).astype(np.int64)),
    )
    net = total(exact)
    mean = np.array([float(value) for value in net]) / count
    away = pnl - np.repeat(mean, count)
    low, high = _student(mean, total(away * away), count)
    rates = [wilson_interval(int(wins), int(trades)) for wins, trades in zip(won, count, strict=True)]
    gross_loss, net_r = -total(np.minimum(pnl, 0.0)), total(np.nan_to_num(r))
    return {
        "trades": count,
        "wins": won,
        "losses": lost,
        "win_rate": won / count,
        "win_rate_low": [low for low, _ in rates],
        "win_rate_high": [high for _, high in rates],
        "net": net,
        "expectancy": mean,
        "expectancy_low": low,
        "expectancy_high": high,
        "profit_factor": _divide(total(np.maximum(pnl, 0.0)), gross_loss),
        "with_r": with_r,
        "net_r": np.where(with_r > 0, net_r, np.nan),
        "average_r": _divide(net_r, with_r),
    }


def _student(mean: Floats, squares: Floats, count: NDArray[np.int64]) -> tuple[Floats, Floats]:
    points = np.array([student_t(int(one) - 1) if one > 1 else np.nan for one in count])
    spread = points * np.sqrt(_divide(squares, np.maximum(count - 1, 0)) / count)
    return mean - spread, mean + spread


def _divide(above: Any, below: Any) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below > 0, above / below, np.nan)


def _figures_of_none() -> dict[str, Any]:
    names = ("trades", "wins", "losses", "win_rate", "win_rate_low", "win_rate_high", "net", "expectancy")
    more = ("expectancy_low", "expectancy_high", "profit_factor", "with_r", "net_r", "average_r")
    return {name: np.empty(0) for name in (*names, *more)}
