"""What code knows for a question about the journal: the figures of the trades it is about, ready to be cited."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pandas as pd

from core.analyst.question_columns import COURSE, GROUPED, SIGNALS, SINGLE, SUMMARY
from core.analyst.question_evidence import Evidence, NoEvidenceError
from core.analyst.question_figures import Group, Ledger, Value
from core.analyst.question_scope import EMOTION, MONTH, Focus
from core.analyst.question_select import chosen as chosen_of
from core.analyst.question_select import in_period, label_of
from core.stats.cash import Movements
from core.stats.closed import closed_trades
from core.stats.groups import WEEKDAYS, Key, Period, by, calendar
from core.stats.outcomes import passed_on
from core.stats.trades import TradeStats, trade_stats

ROWS: Final = 8
"""Rows of one table: the ones with the largest results either way."""
MONTHS: Final = 12
TRADES: Final = 3
"""Largest losses and gains that are shown one by one."""
TABLES: Final = 6
OTHERS: Final = "all other trades"
DEFAULT: Final = (Key.WEEKDAY, Key.SESSION, Key.SYMBOL, Key.SETUP, Key.STRATEGY, Key.SIDE)
"""What the answer is broken down by where the question does not say."""

_OUTSIDE: Final = frozenset({Key.SYMBOL, Key.SETUP, Key.TAG, Key.STRATEGY, Key.BAND, EMOTION})
_TITLES: Final = {
    Key.WEEKDAY: "weekday of the entry", Key.HOUR: "hour of the entry", Key.SESSION: "session at the entry",
    Key.SYMBOL: "symbol", Key.SIDE: "side", Key.SETUP: "setup", Key.TAG: "tag", Key.STRATEGY: "strategy",
    Key.BAND: "confidence band of the signal", EMOTION: "emotion", MONTH: "month of the close",
}  # fmt: skip


def evidence_for(
    frame: pd.DataFrame,
    signals: pd.DataFrame | None,
    focus: Focus,
    initial: Decimal,
    currency: str,
    zone: str,
    cash: Movements = (),
) -> Evidence:
    """The figures of closed trades (`db.views.figures` with tags) and decided signals (`db.views.outcomes.decisions`).
    `cash` are the account's deposits and withdrawals.

    Where the question names groups, they stand beside all others and are broken down by everything else.

    Raises:
        NoEvidenceError: there is neither a closed trade nor a signal that it could be about.
    """
    every = frame[frame["status"] == "closed"]
    frame = in_period(every, focus)
    chosen = chosen_of(frame, focus, zone)
    subset, rest = frame[chosen], frame[~chosen]
    ledger = Ledger(currency, _days(focus), zone, _weekdays(focus))
    label = label_of(focus)
    if len(subset):
        _summaries(ledger, subset, rest, label, initial + _earned_before(every, frame), cash, focus)
        for key in _keys(focus):
            _breakdown(ledger, subset, key, zone, label)
        worst = _singles(ledger, subset, label)
    else:
        worst = ()
    if focus.signals and signals is not None:
        ledger.about = ()
        _decided(ledger, signals)
    if not ledger.figures:
        raise NoEvidenceError(
            f"There is nothing to answer from: no closed trade of {label} in {focus.period.label}.{_unread(focus)}"
        )
    return Evidence(_scope(label, focus, zone), tuple(ledger.tables), ledger.figures, worst)


def _earned_before(every: pd.DataFrame, period: pd.DataFrame) -> Decimal:
    """What the closed trades before those of the period made."""
    before = every[(every["closed_at"] <= period["closed_at"].min()) & ~every.index.isin(period.index)]
    return sum(before["pnl"], Decimal(0))


def _scope(label: str, focus: Focus, zone: str) -> str:
    said = f"{label[:1].upper()}{label[1:]}, {focus.period.label}; weekdays and hours by the clock of {zone}"
    unread = _unread(focus)
    return f"{said}.{unread}" if unread else said


def _unread(focus: Focus) -> str:
    """A sentence about the words that were not understood; empty without any."""
    if not focus.period.unread:
        return ""
    words = ", ".join(f'"{one}"' for one in focus.period.unread)
    return f" Not understood: {words}; the figures are of {label_of(focus)}, {focus.period.label}."


def _weekdays(focus: Focus) -> tuple[str, ...]:
    return tuple(WEEKDAYS[int(one)] for one in focus.named.get(Key.WEEKDAY.value, ()))


def _days(focus: Focus) -> tuple[str, ...]:
    period = focus.period
    last = None if period.until is None else period.until - timedelta(microseconds=1)
    return tuple(one.date().isoformat() for one in (period.since, last) if one is not None)


def _keys(focus: Focus) -> list[str]:
    """What to break down by: what was asked for; else everything that is not named itself."""
    asked = [key for key in focus.keys if key not in focus.named]
    if asked and not focus.narrowed:
        return asked[:TABLES]
    others = [key.value for key in (*DEFAULT, Key.HOUR, Key.TAG) if key not in focus.named and key not in asked]
    return [*asked, *(others if focus.narrowed else [key.value for key in DEFAULT])][:TABLES]


def _summaries(
    ledger: Ledger,
    subset: pd.DataFrame,
    rest: pd.DataFrame,
    label: str,
    initial: Decimal,
    cash: Movements,
    focus: Focus,
) -> None:
    parts = [(label, subset)]
    if focus.narrowed and len(rest):
        parts.append((OTHERS, rest))
    stats = [(_summary_group(name, focus), trade_stats(part, initial, cash=cash)) for name, part in parts]
    ledger.add("summary", "Summary", SUMMARY, [(group, _summary(one)) for group, one in stats])
    ledger.add("course", "Runs, extremes and drawdown", COURSE, [_course(stats[0][0], stats[0][1], subset, focus)])


def _summary_group(name: str, focus: Focus) -> Group:
    outside = any(key in _OUTSIDE for key in focus.named)
    return Group(name[:1].upper() + name[1:], outside=outside, other=name == OTHERS)


def _summary(one: TradeStats) -> list[Value]:
    return [
        one.closed, one.win_rate, one.net, one.average_r, one.wins, one.losses, one.expectancy, one.profit_factor,
        one.average_win, one.average_loss, one.net_r,
    ]  # fmt: skip


def _course(group: Group, one: TradeStats, subset: pd.DataFrame, focus: Focus) -> tuple[Group, list[Value]]:
    fall = one.drawdown
    # Some of the trades alone never had a balance that their fall could be a share of.
    share = fall.share if fall and not focus.narrowed else None
    closed = closed_trades(subset).closed
    first, last = (pd.Timestamp(int(at), unit="ms", tz="UTC").to_pydatetime() for at in (closed[0], closed[-1]))
    values: list[Value] = [
        one.longest_wins, one.longest_losses, one.largest_win, one.largest_loss,
        fall.amount if fall else None, share, fall.began if fall else None,
        fall.bottom if fall else None, one.hold_wins, one.hold_losses, first, last,
    ]  # fmt: skip
    return group, values


def _breakdown(ledger: Ledger, subset: pd.DataFrame, key: str, zone: str, label: str) -> None:
    if key == MONTH:
        table = calendar(subset, Period.MONTH, zone).tail(MONTHS)
    elif key == EMOTION:
        table = by(subset.assign(setup=subset["emotion"]), Key.SETUP, zone)
    else:
        table = by(subset, key, zone)
    if len(table) > ROWS and key != MONTH:
        largest = table["net"].map(abs).sort_values(ascending=False, kind="stable").index[:ROWS]
        table = table[table.index.isin(largest)]
    if len(table) < 2 and key in _OUTSIDE and set(map(str, table.index)) <= {"-"}:  # noqa: PLR2004
        return
    title = f"{label[:1].upper()}{label[1:]} by {_TITLES[Key(key) if key in set(Key) else key]}"
    ledger.add(f"by_{key}", title, GROUPED, _grouped(table, key))


def _grouped(table: pd.DataFrame, key: str) -> Iterator[tuple[Group, list[Value]]]:
    columns = zip(table["trades"], table["win_rate"], table["net"], table["average_r"], strict=True)
    for group, (trades, rate, net, average) in zip(table.index, columns, strict=True):
        yield _group_of(group, key), [int(trades), float(rate), net, float(average)]


def _group_of(group: Any, key: str) -> Group:
    if key == Key.HOUR:
        first, last = f"{int(group):02d}:00", f"{int(group):02d}:59"
        return Group(f"{first} to {last}", mentions=(first, last))
    if key == MONTH:
        return Group(f"{group:%Y-%m}", dates=(group.isoformat(),))
    if group == "-":
        return Group(f"no {key}")
    return Group(str(group), outside=key in _OUTSIDE)


def _singles(ledger: Ledger, subset: pd.DataFrame, label: str) -> tuple[int, ...]:
    """The largest losses and gains one by one; their ids, the worst first."""
    trades = closed_trades(subset)
    order = np.argsort(trades.pnl, kind="stable")
    losses = [at for at in order[:TRADES] if trades.pnl[at] < 0]
    gains = [at for at in order[::-1][:TRADES] if trades.pnl[at] > 0]
    ids = subset["id"].to_numpy()[trades.row]
    symbols = subset["symbol"].to_numpy()[trades.row]
    rows = []
    for at in (*losses, *gains):
        day = pd.Timestamp(int(trades.closed[at]), unit="ms", tz="UTC").to_pydatetime()
        group = Group(f"Trade {ids[at]}", mentions=tuple(_named_symbol(symbols[at])))
        rows.append((group, [day, trades.exact[at], float(trades.r[at])]))
    ledger.add("trades", f"Largest losses and gains of {label}", SINGLE, rows)
    return tuple(int(ids[at]) for at in (*losses, *gains))


def _named_symbol(symbol: Any) -> list[str]:
    text = str(symbol)
    return [text] if text.isalpha() else []


def _decided(ledger: Ledger, signals: pd.DataFrame) -> None:
    found = passed_on(signals)
    rows: list[tuple[Group, list[Value]]] = [
        (
            Group(f"{name} signals".capitalize()),
            [
                one.signals, one.outcome.ended, one.outcome.hit_rate, one.outcome.expectancy,
                one.won_r if one.outcome.ended else None, one.lost_r if one.outcome.ended else None,
            ],
        )
        for name, one in found.decisions.items()
        if one.signals
    ]  # fmt: skip
    ledger.add("signals", "Signals by decision", SIGNALS, rows)
