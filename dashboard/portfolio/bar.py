"""The head of the Portfolio page: which portfolio, which view, its figures, and what is not known or too much."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.portfolio import Concentration
from dashboard import dialogs, navigation
from dashboard.components import formats
from dashboard.components.markup import markdown, show, tag
from dashboard.components.panels import Figure, strip, tone
from dashboard.portfolio.form import NEW
from db.models import Portfolio, Symbol
from db.views.portfolio.performance import Performance
from db.views.portfolio.positions import Cash, Summary

OVERVIEW, POSITIONS, RISK, HISTORY, FACTS = "Overview", "Positions", "Risk", "History", "Inputs"
VIEWS = (OVERVIEW, POSITIONS, RISK, HISTORY, FACTS)
_CHOSEN, _VIEW = "portfolio_chosen", "portfolio_view"
_TIMES = 1.05
_CENT = Decimal("0.005")


def chosen(known: Sequence[Portfolio], archived: Sequence[Portfolio]) -> Portfolio | None:
    """The one in the address, also one of the archive, else the one chosen in this session, else the default."""
    by_id = {one.id: one for one in [*known, *archived]}
    for candidate in (navigation.query_id("portfolio"), st.session_state.get(_CHOSEN)):
        if candidate in by_id:
            return by_id[candidate]
    return known[0] if known else None


def portfolio_bar(known: Sequence[Portfolio], portfolio: Portfolio) -> tuple[str, DeltaGenerator]:
    """Draw it; returns the chosen view and the place of the export."""
    st.session_state.setdefault(_VIEW, OVERVIEW)
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="portfolio_bar"):
        listed = [*known, *([] if any(one.id == portfolio.id for one in known) else [portfolio])]
        names = {one.id: f"{one.name} (default)" if one.is_default and len(listed) > 1 else one.name for one in listed}
        # The widget forgets on other pages, and the address may name another one.
        st.session_state["portfolio_widget"] = portfolio.id
        st.selectbox(
            "Portfolio", list(names), format_func=lambda one: names[one], width=220, key="portfolio_widget",
            label_visibility="collapsed", on_change=_choose,
        )  # fmt: skip
        view = st.segmented_control("View", VIEWS, key=_VIEW, label_visibility="collapsed", required=True)
        st.space("stretch")
        place = st.container(width="content")
        st.button("New portfolio", key="portfolio_new", on_click=dialogs.show, args=("portfolio_form", NEW))
        st.button("Change", key="portfolio_edit", on_click=dialogs.show, args=("portfolio_form", portfolio.id))
    return str(view or OVERVIEW), place


def figures(summary: Summary, result: Performance, benchmark: Symbol | None) -> None:
    """Value, cash, invested, P&L of the day and in all, return beside the benchmark, drawdown."""
    currency, valued = summary.portfolio.currency, summary.valuation
    strip(
        (
            Figure(f"Value ({currency})", _money(valued.equity), _accounts(summary)),
            Figure("Cash", _money(valued.cash), _cash(summary.cash, currency)),
            Figure("Invested, gross", _money(summary.gross), _invested(summary)),
            Figure("Day P&L", _signed(result.day), _since(result), tone(result.day)),
            Figure("Total P&L", _signed(summary.pnl), _made(summary), tone(summary.pnl)),
            Figure("Return, time-weighted", _percent(result.total), _beside(result, benchmark), tone(result.total)),
            _drawdown(result),
        )
    )


def notices(summary: Summary, result: Performance, concentrated: Concentration | None) -> None:
    """What is not known, and what is too much: one line each."""
    lines = [(sentence, "bad") for sentence in summary.missing]
    curve = result.curve
    if curve is not None and curve.left_out:
        days = "day has" if curve.left_out == 1 else "days have"
        names = ", ".join(curve.unknown)
        lines.append((f"{curve.left_out} {days} no value, because {names} had no price or rate: left out.", ""))
    if curve is not None and curve.index is None:
        told = "On a day nothing was left of the portfolio: no return, drawdown or risk can be told over that."
        lines.append((told, ""))
    lines += [(sentence, "") for sentence in summary.stale]
    for name in summary.offset:
        lines.append((f"The open trades of {name} cancel each other: no position is left of them.", ""))
    if summary.valuation.cash is not None and summary.valuation.cash < 0:
        lines.append(
            ("Cash is below zero: the positions are larger than the money behind them, the rest is margin.", "")
        )
    lines += [(sentence, "") for sentence in (concentrated.warnings if concentrated else ())]
    if lines:
        show(tag("div", *(tag("div", one, cls=f"attention {kind}".strip()) for one, kind in lines), cls="notices"))


def _choose() -> None:
    st.session_state[_CHOSEN] = st.session_state["portfolio_widget"]
    st.query_params.pop("portfolio", None)


def _money(value: Decimal | None) -> str:
    return "unknown" if value is None else formats.money(value)


def _signed(value: Decimal | None) -> str:
    return "unknown" if value is None else formats.money(value, signed=True)


def _percent(value: float | None) -> str:
    return "unknown" if value is None else f"{value * 100:+.2f} %"


def _accounts(summary: Summary) -> str:
    return "" if summary.funded is None else f"{formats.money(summary.funded)} paid in, less withdrawals"


def _cash(cash: Sequence[Cash], currency: str) -> str:
    if len(cash) == 1 and cash[0].currency == currency:
        return f"all in {currency}"
    return ", ".join(f"{formats.money(one.amount)} {one.currency}" for one in cash) or "none"


def _invested(summary: Summary) -> str:
    worth, gross = summary.valuation.equity, summary.gross
    if gross is None or summary.net is None or not gross:
        return "no open position" if not summary.lines else ""
    times = float(gross / worth) if worth and worth > 0 else None
    lever = f", {times:.1f} x the value" if times is not None and times > _TIMES else ""
    return f"net {formats.money(summary.net, signed=True)}{lever}"


def _since(result: Performance) -> str:
    if result.since is None:
        return "since the beginning"
    return f"since {formats.utc(result.since)} UTC"


def _made(summary: Summary) -> str:
    total, running, made = summary.pnl, summary.valuation.unrealised, summary.valuation.realised
    if total is None or running is None or made is None:
        return ""
    told = f"open {formats.money(running, signed=True)}, realised {formats.money(made, signed=True)}"
    rest = total - running - made
    if abs(rest) < _CENT:
        return told
    # Fees of the account itself, and what its money gained or lost against the portfolio's currency.
    return f"{told}, exchange rates and charges {formats.money(rest, signed=True)}"


def _beside(result: Performance, benchmark: Symbol | None) -> str:
    if benchmark is None:
        return "no benchmark chosen"
    if result.beside is None:
        return f"{benchmark.name} has no closes of these days"
    own = benchmark_unit(result, benchmark)
    told = f"{benchmark.name}{f' in {own}' if own else ''} {result.beside.benchmark * 100:+.2f} %"
    if result.span is not None:
        start, end = (formats.utc(one)[:10] for one in result.span)
        return f"{start} to {end}: {told}, portfolio {result.beside.portfolio * 100:+.2f} %"
    excess = round(result.beside.excess * 100, 2)
    if not excess:
        return f"{told}, level with it"
    return f"{told}, {'ahead' if excess > 0 else 'behind'} by {abs(excess):.2f}"


def benchmark_unit(result: Performance, benchmark: Symbol) -> str:
    """The benchmark's own currency where no rates turn it into the portfolio's; else empty."""
    return "" if result.curve is None or result.curve.converted else benchmark.currency


def _drawdown(result: Performance) -> Figure:
    fall = result.fall
    if fall is None:
        return Figure("Maximum drawdown", "unknown")
    note = "at its best" if fall.current == 0 else f"now {fall.current * 100:.2f} %"
    return Figure("Maximum drawdown", f"{fall.deepest * 100:.2f} %", note, tone(fall.deepest))


def archive_line(archived: Sequence[Portfolio]) -> None:
    """The archive, closed until it is wanted."""
    if not archived:
        return
    with st.expander(f"Archive ({len(archived)})", key="portfolio_archive_list"):
        for one in archived:
            st.button(
                markdown(one.name), key=f"portfolio_open_{one.id}", type="tertiary", on_click=_open, args=(one.id,)
            )


def _open(portfolio_id: int) -> None:
    st.query_params["portfolio"] = str(portfolio_id)
