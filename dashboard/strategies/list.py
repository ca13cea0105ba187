"""The list of strategies: for each what it does, when it runs next, how its last run went, and its measured record."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from core.errors import ParameterError, StrategyError
from dashboard import data
from dashboard.components import formats
from dashboard.components.markup import Markup, markdown, pill, show, tag
from dashboard.components.panels import section, tone
from dashboard.strategies.schedule_words import next_words, schedule_words
from db.plugins import StrategyFile, strategy_of
from db.views.strategies import Record, StrategyLine

CHOSEN = "strategy_chosen"
NEW = "new"
_NAMED = 4
_BRIEF = ("Fault", "Last run")


def choose(strategy_id: int | str) -> None:
    """Show this strategy, or the form of a new one, and put it into the address; for callbacks."""
    st.session_state[CHOSEN] = strategy_id
    st.query_params["strategy"] = str(strategy_id)


def shown(asked: int | None, lines: list[StrategyLine]) -> int | str | None:
    """The strategy to show: the one in the address, else the one shown before, else the first; None without any."""
    if asked is None and st.query_params.get("strategy") == NEW:
        return NEW
    kept = st.session_state.get(CHOSEN)
    chosen = asked or (kept if kept != NEW else None) or (lines[0].strategy.id if lines else None)
    st.session_state[CHOSEN] = chosen
    return chosen


def strategy_list(lines: list[StrategyLine], chosen: int | str | None) -> None:
    for line in lines:
        known = line.strategy.id or 0
        mark = "on" if known == chosen else "off"
        with st.container(key=f"strategy_{mark}_{known}", gap="small"):
            name = markdown(line.strategy.name)
            st.button(name, key=f"choose_{known}", type="tertiary", on_click=choose, args=(known,))
            show(_card(line))


def strategy_files(files: Iterable[StrategyFile]) -> None:
    """The user's own files, the faulty ones with their error; nothing where there are none."""
    found = list(files)
    if not found:
        return
    section(f"Your own strategy files ({len(found)})")
    for file in found:
        name = tag("code", file.path.name)
        if file.error is None:
            show(tag("div", name, " ", pill("usable", "up"), cls="own"))
        else:
            show(
                tag(
                    "div", name, " ", pill("faulty", "down"), tag("div", file.error, cls="down plain"), cls="own failed"
                )
            )


def code_words(kind: str, parameters: dict[str, object]) -> tuple[str, str | None]:
    """The timeframes of a stored strategy, longest first; or why its code cannot be used."""
    try:
        found = strategy_of(kind, parameters).timeframes
    except (ParameterError, StrategyError) as error:
        return "", fault_words(error)
    return " ".join(one.name for one in sorted(found, reverse=True)), None


def fault_words(error: ParameterError | StrategyError) -> str:
    """The error as a sentence; that of a file begins with the file's name as it is."""
    return error.message if isinstance(error, StrategyError) else error.message[:1].upper() + error.message[1:]


def active_pill(active: bool) -> Markup:
    return pill("active", "up") if active else pill("off", "")


def record_words(record: Record) -> str:
    """`8 decided, 38 % hit, +0.12 R`; a dash before the first case."""
    if not record.ended:
        return formats.NOTHING
    hit = formats.percent(record.hits / record.ended)
    return f"{record.ended} decided, {hit} hit, {formats.multiple(record.average_r)} on average"


def _card(line: StrategyLine) -> Markup:
    strategy = line.strategy
    timeframes, fault = code_words(strategy.kind, strategy.parameters)
    head = tag(
        "div", active_pill(strategy.active), " ", strategy.kind, f" · {timeframes}" if timeframes else "", cls="muted"
    )
    rows: list[tuple[str, object]] = [
        ("Symbols", _names(line.symbols)),
        ("Runs", _schedule(strategy.schedule, runs=strategy.active and not fault)),
        ("Last run", _last(line)),
        ("Signals", f"{line.signals:,}"),
        ("Record", tag("span", record_words(line.record), cls=tone(line.record.average_r))),
    ]
    if fault:
        rows.insert(0, ("Fault", tag("span", fault, cls="down")))
    return tag("div", head, tag("dl", *(_row(name, value) for name, value in rows)), cls="card")


def _row(name: str, value: object) -> Markup:
    # A phone shows only the brief rows of the strategies that are not chosen.
    return tag("div", tag("dt", name), tag("dd", value), cls="brief" if name in _BRIEF else "")


def _names(symbols: list[str]) -> str:
    if not symbols:
        return "none chosen"
    more = f" and {len(symbols) - _NAMED} more" if len(symbols) > _NAMED else ""
    return ", ".join(symbols[:_NAMED]) + more


def _schedule(schedule: str, *, runs: bool) -> str:
    said = schedule_words(schedule)
    if not runs:
        return f"{said}, while it is on and can be used"
    try:
        return f"{said}; next {next_words(schedule, data.now_ms())}"
    except ParameterError as error:
        return error.message


def _last(line: StrategyLine) -> Markup:
    if line.last is None:
        return tag("span", "never yet", cls="muted")
    last = line.last
    passed = formats.age((data.now() - last.finished_at).total_seconds())
    outcome = tag("span", last.outcome, cls="down" if last.failed else "")
    return tag("span", f"{passed} ago on {last.symbol}: ", outcome)
