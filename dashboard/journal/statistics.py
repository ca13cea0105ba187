"""Every figure of the closed trades that match, each with its interval where few trades leave it open, and by group."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import streamlit as st

from core.stats.groups import Key
from core.stats.returns import ReturnStats
from core.stats.trades import TradeStats
from dashboard import data
from dashboard.components import formats
from dashboard.components.equity import sum_of
from dashboard.components.markup import Markup, show, tag
from dashboard.components.panels import note, section, tone
from dashboard.journal import data as journal_data
from dashboard.journal import empties as journal_empties
from dashboard.journal.data import PERCENT, UNITS, R, Results
from dashboard.journal.figures import not_counted
from dashboard.journal.groups import group_table
from dashboard.journal.units import Unit
from dashboard.journal.words import MEANINGS
from db.models import Account
from db.views.journal import TradeFilter

FEW = 30
"""Below this many trades the page says that the intervals matter more than the figures."""
_GROUPS = {
    Key.HOUR: "Hour", Key.WEEKDAY: "Weekday", Key.SESSION: "Session", Key.SYMBOL: "Symbol", Key.SIDE: "Side",
    Key.SETUP: "Setup", Key.TAG: "Tag", Key.STRATEGY: "Strategy", Key.BAND: "Confidence",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One figure: its name, what it is, and under it its interval or what it rests on."""

    name: str
    value: str
    note: str = ""
    tone: str = ""


def statistics_view(key: data.Stamp, account: Account, wanted: TradeFilter, results: Results) -> None:
    """Draw all of it for one unit and one grouping."""
    if not len(results.trades):
        journal_empties.no_statistics(wanted == TradeFilter(account.id))
        return
    st.session_state.setdefault("journal_unit", UNITS[0])
    chosen = st.segmented_control("Unit", UNITS, key="journal_unit", label_visibility="collapsed", required=True)
    unit = Unit.of(str(chosen or UNITS[0]), account)
    stats = journal_data.statistics(key, account, wanted, unit.name)
    if not stats.closed:
        note("None of these trades had a stop, so none has an R. Choose money or percent.")
        return
    _caution(stats, results, unit)
    panels(stats, journal_data.returns(key, account, wanted), unit, not_counted(results, account.currency))
    share = float(account.initial_balance) if unit.name == PERCENT else None
    sum_of(results.counted_in(unit.name), unit.title, key="journal_sum", height=190, share_of=share)
    _groups(key, account, wanted, unit)


def _caution(stats: TradeStats, results: Results, unit: Unit) -> None:
    said = []
    if stats.closed < FEW:
        said.append(
            f"{stats.closed} closed trades are few: the interval (95 %) under a figure says how little is known."
        )
    if unit.name == R and stats.closed < len(results.trades):
        left = len(results.trades) - stats.closed
        said.append(f"{left:,} of {len(results.trades):,} trades had no stop and so no R: they are left out.")
    if said:
        note(" ".join(said))


def panels(stats: TradeStats, daily: ReturnStats, unit: Unit, left_out: str = "") -> None:
    """Result, risk, time and price in lists side by side; what each figure is stands on its name. `left_out` says what
    the net result does not count yet.
    """
    lists = (
        ("Result", _result(stats, unit, left_out)),
        ("Trades", _trades(stats, unit)),
        ("Risk", _risk(stats, daily, unit)),
        ("Time and price", _time(stats)),
    )
    show(tag("div", *(_list(title, lines) for title, lines in lists), cls="lists"))


def _result(stats: TradeStats, unit: Unit, left_out: str) -> list[Line]:
    counted = "; ".join(filter(None, (f"{stats.closed:,} closed trades", left_out)))
    return [
        Line("Net result", unit.write(stats.net), counted, tone(stats.net)),
        Line(
            "Win rate",
            formats.percent(stats.win_rate, 1),
            f"{_between(stats.win_rate_low, stats.win_rate_high)}; break-even counts",
        ),
        Line(
            "Win rate, decided",
            formats.percent(stats.decided_rate, 1),
            f"{_between(stats.decided_low, stats.decided_high)}; {stats.break_even:,} break-even left out",
        ),
        Line("Profit factor", formats.ratio(stats.profit_factor), "" if stats.losses else "nothing was lost"),
        Line(
            "Expectancy",
            unit.write(stats.expectancy),
            _interval(unit.write(stats.expectancy_low), unit.write(stats.expectancy_high)),
            tone(stats.expectancy),
        ),
        Line(
            "Expectancy in R",
            formats.multiple(stats.average_r),
            _interval(formats.multiple(stats.average_r_low), formats.multiple(stats.average_r_high))
            or f"{stats.with_r} with a stop",
            tone(stats.average_r),
        ),
    ]


def _trades(stats: TradeStats, unit: Unit) -> list[Line]:
    loss = None if stats.average_loss is None else -stats.average_loss
    return [
        Line("Won, lost, even", f"{stats.wins:,} / {stats.losses:,} / {stats.break_even:,}"),
        Line("Average win", unit.write(stats.average_win), tone="up" if stats.average_win else ""),
        Line("Average loss", unit.write(loss), tone="down" if loss else ""),
        Line("Payoff", formats.ratio(stats.payoff)),
        Line("Largest win", unit.write(stats.largest_win)),
        Line("Largest loss", unit.write(stats.largest_loss)),
        Line("Longest streaks", f"{stats.longest_wins} won, {stats.longest_losses} lost", _streak(stats.streak)),
    ]


def _risk(stats: TradeStats, daily: ReturnStats, unit: Unit) -> list[Line]:
    fall = stats.drawdown
    when = "" if fall is None else f"{fall.began:%Y-%m-%d} to {fall.bottom:%Y-%m-%d}"
    share = "" if fall is None or fall.share is None or unit.name == R else f"{formats.percent(fall.share, 1)}, "
    lasted = "" if fall is None else "recovered" if fall.recovered else "not recovered yet"
    longest = "" if fall is None else f"{lasted}; the longest of all {span(fall.longest)}"
    return [
        Line("Max drawdown", formats.NOTHING if fall is None else unit.write(-fall.amount), f"{share}{when}"),
        Line("Its duration", formats.NOTHING if fall is None else span(fall.duration), longest),
        Line("Recovery factor", formats.ratio(stats.recovery_factor)),
        Line("Sharpe", formats.ratio(daily.sharpe), _interval(_ratio(daily.sharpe_low), _ratio(daily.sharpe_high))),
        Line("Sortino", formats.ratio(daily.sortino)),
        Line("Calmar", formats.ratio(daily.calmar), f"{daily.days:,} days"),
        Line("SQN", formats.ratio(stats.sqn)),
        Line("Kelly", formats.percent(stats.kelly, 1), "" if stats.kelly is None or stats.kelly > 0 else "do not bet"),
    ]


def _time(stats: TradeStats) -> list[Line]:
    away = stats.excursions
    known = f"{away.trades:,} trades with a stop and bars" if away.trades else "no trade with a stop and bars yet"
    return [
        Line("Winners held", span(stats.hold_wins), f"median {span(stats.hold_wins_median)}"),
        Line("Losers held", span(stats.hold_losses), f"median {span(stats.hold_losses_median)}"),
        Line("MAE", formats.multiple(away.mae_r), known),
        Line("MFE", formats.multiple(away.mfe_r)),
        Line("MAE of winners", formats.multiple(away.mae_r_wins)),
        Line("MFE of losers", formats.multiple(away.mfe_r_losses)),
        Line(
            "Exit efficiency",
            formats.percent(away.efficiency),
            f"winners {formats.percent(away.efficiency_wins)}; {away.with_efficiency:,} were in profit",
        ),
    ]


def _list(title: str, lines: Iterable[Line]) -> Markup:
    return tag("div", tag("h3", title), tag("dl", *(_line(one) for one in lines)))


def _line(one: Line) -> Markup:
    meaning = MEANINGS.get(one.name)
    name = tag("dt", tag("span", one.name), title=meaning) if meaning else tag("dt", one.name)
    return tag("div", name, tag("dd", one.value, cls=one.tone), tag("small", one.note) if one.note else "")


def _groups(key: data.Stamp, account: Account, wanted: TradeFilter, unit: Unit) -> None:
    st.session_state.setdefault("journal_group", Key.SYMBOL)
    section("By")
    group = st.segmented_control(
        "By", list(_GROUPS), format_func=lambda one: _GROUPS[one], key="journal_group", label_visibility="collapsed",
        required=True,
    )  # fmt: skip
    chosen = Key(group or Key.SYMBOL)
    table = journal_data.grouped(key, account, wanted, chosen, unit.name)
    if chosen in (Key.HOUR, Key.WEEKDAY):
        st.caption(f"When they were entered, on the clock of the account's time zone, {account.time_zone}.")
    group_table(table, _GROUPS[chosen], unit)


def span(time: timedelta | None) -> str:
    """`3 d 4 h`, `2 h 5 min`, `40 s`: the two largest units."""
    if time is None:
        return formats.NOTHING
    seconds = int(time.total_seconds())
    days, hours, minutes = seconds // 86_400, seconds % 86_400 // 3600, seconds % 3600 // 60
    if days:
        return f"{days} d {hours} h" if days < 100 and hours else f"{days:,} d"  # noqa: PLR2004
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"


def _streak(streak: int) -> str:
    return f"now {abs(streak)} {'won' if streak > 0 else 'lost'}" if streak else "none now"


def _ratio(value: float | None) -> str:
    return formats.ratio(value)


def _between(low: float | None, high: float | None) -> str:
    return _interval(formats.percent(low), formats.percent(high))


def _interval(low: str, high: str) -> str:
    return "" if formats.NOTHING in (low, high) else f"95 %: {low} to {high}"
