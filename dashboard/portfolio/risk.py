"""What the portfolio may lose: each measure with its definition and window, and how its holdings move together."""

from __future__ import annotations

import streamlit as st

from core.charts import theme
from core.portfolio import MINIMUM, Concentration, Tail
from dashboard import data
from dashboard.challenge.gauges import bar
from dashboard.components import formats
from dashboard.components.markup import Markup, show, table, tag
from dashboard.components.panels import empty, note, section
from db.models import Symbol
from db.views.portfolio import risk as portfolio_risk
from db.views.portfolio.curve import Curve
from db.views.portfolio.positions import Summary
from db.views.portfolio.risk import PRESENT, TRADED, Risk

_WINDOWS = {
    63: "63 days (a quarter)",
    126: "126 days (half a year)",
    252: "252 days (a year)",
    756: "756 days (3 years)",
}
_LEVELS = (0.95, 0.99)
_TWO = 2


def risk_panel(summary: Summary, past: Curve | None, benchmark: Symbol | None, held: Concentration | None) -> None:
    """Choices, measures, heat map and concentration."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="portfolio_risk_choice"):
        basis = st.segmented_control(
            "Returns", (PRESENT, TRADED), default=PRESENT, required=True, key="risk_basis", label_visibility="collapsed"
        )
        days = st.selectbox(
            "Window",
            list(_WINDOWS),
            2,
            format_func=_WINDOWS.__getitem__,
            key="risk_days",
            label_visibility="collapsed",
            width=210,
        )
        level = st.selectbox(
            "Level", _LEVELS, format_func=lambda one: f"{one:.0%} level", key="risk_level",
            label_visibility="collapsed", width=120,
        )  # fmt: skip
    if basis == TRADED:
        found = portfolio_risk.traded_risk(past, days, level) if past is not None else None
        told = "the portfolio's own daily returns, as it was traded, with payments taken out"
    else:
        found = data.read(portfolio_risk.present_risk, summary, days, level)
        told = "what the present holdings, in their present sizes, would have made each day at today's exchange rates"
    _measures(found, summary, told, level, days, benchmark)
    left, right = st.columns([1.4, 1], gap="medium")
    with left:
        _heat(summary, days, benchmark)
    with right:
        _concentration(held)


def _measures(
    found: Risk | None, summary: Summary, told: str, level: float, days: int, benchmark: Symbol | None
) -> None:
    if found is None or found.count < MINIMUM:
        count = 0 if found is None else found.count
        empty("Too few days to say anything about risk.", _why(found, summary, told, count))
        return
    span = f"{formats.utc(found.start)[:10]} to {formats.utc(found.end)[:10]}"
    note(f"From {found.count} daily returns ({span}, of at most {days}): {told}. Past losses do not bound future ones.")
    worst = f"{1 - level:.0%}"
    beside = "a benchmark is chosen under Change" if benchmark is None else benchmark.name
    spread = f"Standard deviation (n - 1) of the daily returns times the root of {found.periods}, the days of a year."
    cards = [
        _tail("Value at risk, historical", found.historical, summary, "var",
              f"Exceeded on {worst} of these days: the {worst} quantile of the returns, interpolated linearly."),
        _tail("CVaR, historical", found.historical, summary, "cvar",
              f"Expected shortfall: the mean loss of the days at or beyond that {worst} quantile."),
        _tail("Value at risk, parametric", found.parametric, summary, "var",
              f"The {worst} point of a normal distribution with the returns' mean and standard deviation. Real tails "
              "are fatter."),
        _tail("CVaR, parametric", found.parametric, summary, "cvar",
              f"The mean loss beyond that {worst} point, in the same normal distribution."),
        _measure("Volatility, a year", formats.percent(found.volatility, 2), "", spread),
        _measure("Beta", formats.ratio(found.beta), "" if benchmark is None else f"to {beside}",
                 "Covariance with the benchmark over the benchmark's variance, on the days both have."
                 + ("" if found.beta is not None else f" Not known: {_no_beta(benchmark)}")),
    ]  # fmt: skip
    show(tag("div", *cards, cls="measures"))


def _no_beta(benchmark: Symbol | None) -> str:
    if benchmark is None:
        return "no benchmark is chosen."
    return f"{benchmark.name} has fewer than {MINIMUM} of these days."


def _why(found: Risk | None, summary: Summary, told: str, count: int) -> str:
    needed = f"The measures need {MINIMUM} daily returns ({told}); there are {count}."
    if found is not None and found.short:
        return f"{needed} Too few daily bars: {', '.join(found.short)}."
    if summary.lines and summary.valuation.equity is None:
        return f"{needed} A value is not known: see above."
    if not summary.lines:
        return f"{needed} Nothing is held."
    if len(summary.lines) > 1 and found is not None:
        return f"{needed} The holdings have to have daily bars on the same days."
    return needed


def _tail(title: str, tail: Tail | None, summary: Summary, name: str, told: str) -> Markup:
    if tail is None:
        return _measure(title, formats.NOTHING, "", told)
    share = float(getattr(tail, name))
    worth, money = summary.valuation.equity, ""
    if worth is not None:
        money = f"{formats.money(float(worth) * share)} {summary.portfolio.currency} a day"
    return _measure(title, formats.percent(share, 2), money, told)


def _measure(title: str, value: str, beside: str, told: str) -> Markup:
    figure = tag("dd", value, tag("span", beside) if beside else "")
    return tag("div", tag("dl", tag("dt", title), figure), tag("p", told))


def _heat(summary: Summary, days: int, benchmark: Symbol | None) -> None:
    section("Correlation of daily returns")
    found = data.read(portfolio_risk.correlation_table, summary, days)
    if len(found) < _TWO:
        empty("Nothing to compare.", "It takes two holdings, or one and a benchmark.")
        return
    head = tag("tr", tag("th", ""), *(tag("th", name) for name in found.columns))
    body = (tag("tr", tag("th", name), *(_cell(value) for value in found.loc[name].tolist())) for name in found.index)
    show(tag("div", tag("table", tag("thead", head), tag("tbody", *body), cls="heat"), cls="scroll"))
    beside = f" {benchmark.name} is the benchmark." if benchmark is not None else ""
    note(
        f"Pearson's correlation of each pair over its last {days} days on which both have a close; empty with fewer "
        f"than {MINIMUM}. 1: they move together, -1: against each other.{beside}"
    )


def _cell(value: float) -> Markup:
    if value != value:  # noqa: PLR0124
        return tag("td", formats.NOTHING, cls="muted")
    colour = theme.fade(theme.WARNING if value > 0 else theme.ACCENT, round(0.06 + 0.5 * abs(value), 3))
    return tag("td", f"{value:+.2f}", style=f"background:{colour}")


def _concentration(found: Concentration | None) -> None:
    section("Concentration")
    if found is None:
        empty("Nothing is held.", "Shares of the holdings appear here.")
        return
    rows = [(name, formats.percent(share, 1), bar(share)) for name, share in found.shares.items()]
    show(table((("Symbol", ""), ("Share", "num"), ("", "wide")), rows, cls="allocation"))
    note(
        f"Herfindahl-Hirschman index {found.index:.2f}, the sum of the squared shares: as concentrated as "
        f"{found.effective:.1f} equal positions. A warning comes above 25 % in one symbol and above an index of 0.25."
    )
