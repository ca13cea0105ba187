"""The overview: how the portfolio went, and what it is made of."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from dashboard.challenge.gauges import bar
from dashboard.components import formats
from dashboard.components.markup import Markup, show, table, tag
from dashboard.components.panels import empty, note, section
from dashboard.portfolio.bar import benchmark_unit
from dashboard.portfolio.curves import RETURN, VALUE, curves, legend
from db.models import Symbol
from db.views.portfolio.performance import Performance
from db.views.portfolio.positions import UNCLASSIFIED, Summary, allocation

_BY = ("symbol", "asset class", "currency", "strategy", "account")
_MOST = 8


def overview(summary: Summary, result: Performance, benchmark: Symbol | None) -> None:
    """Curves on the left, allocation on the right."""
    left, right = st.columns([1.75, 1], gap="medium")
    with left:
        _curves(summary, result, benchmark)
    with right:
        _allocation(summary)


def _curves(summary: Summary, result: Performance, benchmark: Symbol | None) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        section("At the end of each UTC day; the last point is now")
        kind = st.segmented_control(
            "Curve", (VALUE, RETURN), default=VALUE, required=True, key="portfolio_curve", label_visibility="collapsed"
        )
    if result.curve is None:
        empty(
            "No day is over yet.",
            "The curve begins with the first day's end after the first booking, from the stored bars.",
        )
        return
    name = None if benchmark is None else _named(benchmark, benchmark_unit(result, benchmark))
    show(legend(result.curve, str(kind), summary.portfolio.currency, name))
    curves(result.curve, str(kind), name, key=f"curves_{kind}")
    note(
        "Return: each day's value / (value of the day before + what was paid in that day), compounded; money taken out "
        "counts up to the day's end. Deposits and withdrawals are so no gain. Drawdown: that return below its best so "
        "far. Days on which no held market has a bar are left out."
    )


def _named(benchmark: Symbol, unit: str) -> str:
    return f"{benchmark.name} in {unit}" if unit else benchmark.name


def _allocation(summary: Summary) -> None:
    section(f"Allocation ({summary.portfolio.currency}), share of the sizes")
    by = st.segmented_control(
        "By", _BY, default=_BY[0], required=True, key="portfolio_allocation", label_visibility="collapsed",
        format_func=str.capitalize,
    )  # fmt: skip
    found = allocation(summary, str(by))
    if not found:
        empty("Nothing is held.", "Positions appear here with the first trade that is open and has a price.")
        return
    total = sum((long - short for long, short in found.values()), Decimal(0))
    rows = [_row(name, long, short, total) for name, (long, short) in list(found.items())[:_MOST]]
    rest = list(found.values())[_MOST:]
    if rest:
        long, short = (sum((one[at] for one in rest), Decimal(0)) for at in (0, 1))
        rows.append(_row(f"{len(rest)} others", long, short, total))
    heads = ((str(by).capitalize(), ""), ("Long", "num"), ("Short", "num"), ("Share", "num"), ("", "wide"))
    show(table(heads, rows, cls="allocation"))
    if by == "asset class" and UNCLASSIFIED in found:
        note("Say what an unclassified symbol is under Inputs.")
    if by == "currency":
        note("Positions by the currency they are traded in, and cash.")


def _row(name: str, long: Decimal, short: Decimal, total: Decimal) -> tuple[object, ...]:
    share = float((long - short) / total) if total else 0.0
    cells: list[Markup | str] = [tag("b", name)]
    cells += [formats.money(one) if one else "" for one in (long, short)]
    return (*cells, formats.percent(share, 1), bar(share))
