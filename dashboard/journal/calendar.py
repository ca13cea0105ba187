"""The calendar of results: a month day by day or a year month by month, and what happened on the chosen day."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from core.stats.groups import WEEKDAYS, Period
from dashboard import data
from dashboard.components import formats
from dashboard.components.markup import join, show, tag
from dashboard.components.panels import Figure, section, strip, tone
from dashboard.journal import data as journal_data
from dashboard.journal.data import UNITS, R
from dashboard.journal.day import day_note
from dashboard.journal.units import Unit
from dashboard.trades import tables as trade_tables
from db.models import Account
from db.views import trades
from db.views.journal import TradeFilter

_MONTH, _DAY = "calendar_month", "calendar_day"
_FIRST_YEAR, _LAST_YEAR = 1970, 2100
SHOWN = 200


def calendar_view(key: data.Stamp, account: Account, wanted: TradeFilter) -> None:
    """Draw the month or the year, and the chosen day under it."""
    shown = _shown(key, account, wanted)
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="calendar_bar"):
        st.session_state.setdefault("calendar_span", "Month")
        span = st.segmented_control(
            "Span", ("Month", "Year"), key="calendar_span", label_visibility="collapsed", required=True
        )
        st.session_state.setdefault("journal_unit", UNITS[0])
        chosen = st.segmented_control("Unit", UNITS, key="journal_unit", label_visibility="collapsed", required=True)
        _turn(shown, by_year=span == "Year")
    unit = Unit.of(str(chosen or UNITS[0]), account)
    if unit.name == R:
        st.caption("Trades without a stop have no R: they are left out here.")
    if span == "Year":
        _year(journal_data.periods(key, account, wanted, Period.MONTH, unit.name), shown.year, unit)
        return
    days = journal_data.periods(key, account, wanted, Period.DAY, unit.name)
    _month(key, account, days, shown, unit)
    day = st.session_state.get(_DAY)
    if day is not None and (day.year, day.month) == (shown.year, shown.month):
        _the_day(key, account, wanted, day, days, unit)
    else:
        st.caption("Choose a day to see its trades and to write about it.")


def _shown(key: data.Stamp, account: Account, wanted: TradeFilter) -> date:
    """The first of the month that is shown: the chosen one, else that of the last close, else the present one."""
    chosen: date | None = st.session_state.get(_MONTH)
    if chosen is not None:
        return chosen
    zone = ZoneInfo(account.time_zone)
    closed = journal_data.results(key, wanted).trades.closed
    last = data.now() if not len(closed) else datetime.fromtimestamp(int(closed[-1]) / 1000, UTC)
    return last.astimezone(zone).date().replace(day=1)


def _turn(shown: date, *, by_year: bool) -> None:
    """Buttons to the span before and after, around the name of this one."""
    step = 12 if by_year else 1
    title = str(shown.year) if by_year else f"{shown:%B %Y}"
    st.button("Earlier", key="calendar_earlier", on_click=_go, args=(_add(shown, -step),))
    st.html(tag("b", title), width="content")
    st.button("Later", key="calendar_later", on_click=_go, args=(_add(shown, step),))


def _add(month: date, count: int) -> date:
    place = month.year * 12 + month.month - 1 + count
    year = min(max(place // 12, _FIRST_YEAR), _LAST_YEAR)
    return date(year, place % 12 + 1, 1)


def _go(month: date) -> None:
    st.session_state[_MONTH] = month


def _open_month(month: date) -> None:
    st.session_state[_MONTH] = month
    st.session_state["calendar_span"] = "Month"


def _choose(day: date) -> None:
    st.session_state[_DAY] = day


def _month(key: data.Stamp, account: Account, days: pd.DataFrame, shown: date, unit: Unit) -> None:
    following = _add(shown, 1)
    notes = data.cached(key, trades.day_notes, account.id or 0, shown, following)
    found = {day: row for day, row in _by_date(days) if shown <= day < following}
    _sum(found, unit)
    show(tag("div", *(tag("span", name[:3]) for name in WEEKDAYS), tag("span", "Week"), cls="weekdays"))
    with st.container(key="calendar_days"):
        for week in calendar.Calendar().monthdatescalendar(shown.year, shown.month):
            for day in week:
                with st.container(key=_day_key(day, shown, found.get(day))):
                    if day.month == shown.month:
                        label = _label(str(day.day), found.get(day), unit, noted=bool(day in notes and notes[day].text))
                        st.button(label, key=f"choose_{day}", on_click=_choose, args=(day,), width="stretch")
                    else:
                        # An empty place would not be drawn at all, and move every day after it.
                        show(tag("div", cls="outside"))
            with st.container(key=f"week_{week[0]}"):
                _week([found[day] for day in week if day in found], unit)


def _by_date(frame: pd.DataFrame) -> Iterator[tuple[date, pd.Series]]:
    """Days or months with their rows."""
    return zip(frame.index, (row for _, row in frame.iterrows()), strict=True)


def _day_key(day: date, shown: date, row: pd.Series | None) -> str:
    if day.month != shown.month:
        return f"outside_{day}"
    chosen = "_chosen" if st.session_state.get(_DAY) == day else ""
    return f"day_{tone(row['net']) if row is not None else ''}{chosen}_{day}"


def _label(name: str, row: pd.Series | None, unit: Unit, *, noted: bool = False) -> str:
    mark = " ✎" if noted else ""
    if row is None:
        return f"{name}{mark}"
    count = int(row["trades"])
    return f"{name}{mark}\n**{unit.write(row['net'])}**\n{_count(count)}"


def _count(count: int) -> str:
    return f"{count:,} trade{'' if count == 1 else 's'}"


def _week(rows: list[pd.Series], unit: Unit) -> None:
    if not rows:
        show(tag("div", cls="week"))
        return
    net = sum((row["net"] for row in rows[1:]), rows[0]["net"])
    count = int(sum(row["trades"] for row in rows))
    show(tag("div", "Week", tag("b", unit.write(net), cls=tone(net)), _count(count), cls="week"))


def _sum(found: dict[date, pd.Series], unit: Unit, *, by_year: bool = False) -> None:
    if not found:
        st.caption("No trade was closed in this time.")
        return
    rows = list(found.values())
    net = sum((row["net"] for row in rows[1:]), rows[0]["net"])
    won = sum(row["net"] > 0 for row in rows)
    count, wins = int(sum(row["trades"] for row in rows)), int(sum(row["wins"] for row in rows))
    name = "%B" if by_year else "%Y-%m-%d"
    best, worst = max(rows, key=lambda row: row["net"]), min(rows, key=lambda row: row["net"])
    strip(
        (
            Figure("Net", unit.write(net), unit.title, tone(net)),
            Figure("Trades", f"{count:,}", f"{formats.percent(wins / count)} won"),
            Figure("Months" if by_year else "Days", str(len(rows)), f"{won} in profit"),
            Figure("Best", unit.write(best["net"]), f"{best.name:{name}}", tone(best["net"])),
            Figure("Worst", unit.write(worst["net"]), f"{worst.name:{name}}", tone(worst["net"])),
        )
    )


def _year(months: pd.DataFrame, year: int, unit: Unit) -> None:
    found = {month: row for month, row in _by_date(months) if month.year == year}
    _sum(found, unit, by_year=True)
    with st.container(key="calendar_months"):
        for number in range(1, 13):
            month = date(year, number, 1)
            row = found.get(month)
            with st.container(key=f"month_{tone(row['net']) if row is not None else ''}_{month}"):
                label = _label(f"{month:%B}", row, unit)
                st.button(label, key=f"choose_month_{number}", on_click=_open_month, args=(month,), width="stretch")


def _the_day(key: data.Stamp, account: Account, wanted: TradeFilter, day: date, days: pd.DataFrame, unit: Unit) -> None:
    zone = ZoneInfo(account.time_zone)
    start = datetime.combine(day, time(), zone)
    first, last = (int(one.timestamp() * 1000) for one in (start, datetime.combine(day + timedelta(1), time(), zone)))
    results = journal_data.results(key, wanted)
    of_day = results.trades.row[(results.trades.closed >= first) & (results.trades.closed < last)]
    ids = [int(one) for one in results.frame["id"].to_numpy()[of_day]]
    left, right = st.columns([1.75, 1], gap="medium")
    with left:
        net = dict(zip(days.index, days["net"], strict=True)).get(day)
        title = tag("b", unit.write(net), cls=tone(net)) if net is not None else ""
        show(tag("div", tag("span", join([f"{day:%A} {day}, {len(ids)} closed "]), cls="muted"), title))
        if ids:
            shown = ids[:SHOWN]
            table = data.cached(key, trades.trades_by_id, shown)
            trade_tables.closed_trades(table, data.cached(key, trades.tags_of, shown), "day_trades", height=320)
        else:
            st.caption("No trade that matches was closed on this day.")
    with right:
        section(f"Notes of {day}")
        day_note(key, account, day)
