"""Create a portfolio, change it, make it the default, put it away."""

from __future__ import annotations

import streamlit as st

from core.errors import ChartroomError, EditConflictError
from core.ledger import Method
from dashboard import data, dialogs
from dashboard.components import dialog_parts, formats
from dashboard.components.markup import show, table
from db.actions.portfolio import (
    NAME_LENGTH,
    PortfolioDraft,
    archive_portfolio,
    create_portfolio,
    edit_portfolio,
    make_default,
)
from db.models import Portfolio
from db.store.portfolio import portfolios as store
from db.store.portfolio.portfolios import all_accounts
from db.views.signals import symbol_names

NEW = 0
METHODS = {
    Method.AVERAGE.value: "Average price of all lots",
    Method.FIFO.value: "FIFO: the oldest lot is sold first",
    Method.LIFO.value: "LIFO: the newest lot is sold first",
}
_SEEN, _DIFFERS = "dialog_seen_version", "dialog_differs"


def form_dialogs(portfolio: Portfolio | None) -> None:
    """Draw the dialog that is open about a new portfolio or this one."""
    if dialogs.is_open("portfolio_form", NEW):
        _form("New portfolio", None)
    elif portfolio is not None and dialogs.is_open("portfolio_form", portfolio.id or 0):
        _form("Change this portfolio", portfolio)


def _form(title: str, portfolio: Portfolio | None) -> None:
    st.dialog(title, width="large", on_dismiss=dialogs.close)(_fields)(portfolio)


def _fields(portfolio: Portfolio | None) -> None:
    subject = NEW if portfolio is None else portfolio.id or 0
    if not dialogs.is_open("portfolio_form", subject):
        st.rerun()
    st.session_state.setdefault(_SEEN, portfolio.version if portfolio else 0)
    accounts = {one.id or 0: one.name for one in data.read(all_accounts)}
    inside = [one.id for one in data.read(store.accounts_of, subject)] if portfolio else list(accounts)
    known = portfolio or Portfolio(name="", created_at=data.now())
    names = data.read(symbol_names)
    with st.container(key="portfolio_fields"):
        st.text_input("Name", known.name, NAME_LENGTH, key="dialog_name", on_change=dialogs.forgive)
        st.text_input("Currency", known.currency, 5, key="dialog_currency", on_change=dialogs.forgive)
        st.selectbox(
            "Which lots a sale takes", list(METHODS), list(METHODS).index(known.method),
            format_func=METHODS.__getitem__, key="dialog_method",
        )  # fmt: skip
        benchmarks = [None, *names]
        st.selectbox(
            "Benchmark", benchmarks, benchmarks.index(known.benchmark_id if known.benchmark_id in names else None),
            format_func=lambda one: "None" if one is None else names[one], key="dialog_benchmark",
        )  # fmt: skip
    st.multiselect(
        "Accounts", list(accounts), [one for one in inside if one in accounts], format_func=accounts.__getitem__,
        key="dialog_accounts", on_change=dialogs.forgive,
    )  # fmt: skip
    st.caption("An account may be in several portfolios. One that is in none joins the default portfolio by itself.")
    _difference()
    dialog_parts.show_error()
    with st.container(horizontal=True, gap="small"):
        label = "Create" if portfolio is None else "Save mine over it" if st.session_state.get(_DIFFERS) else "Save"
        st.button(label, type="primary", key="dialog_save", on_click=_save, args=(subject,))
        if portfolio is not None:
            _more(portfolio)


def _more(portfolio: Portfolio) -> None:
    if portfolio.archived_at is not None:
        st.button("Take it out of the archive", key="dialog_restore", on_click=_archive, args=(portfolio, False))
    elif not portfolio.is_default:
        st.button("Make it the default", key="dialog_default", on_click=_default, args=(portfolio,))
        st.button("Archive", key="dialog_archive", on_click=_archive, args=(portfolio, True))


def _difference() -> None:
    """What somebody else saved since, beside what is typed here."""
    fields: dict[str, tuple[object, object]] | None = st.session_state.get(_DIFFERS)
    if fields:
        rows = [(formats.words(name), str(theirs), str(mine)) for name, (theirs, mine) in fields.items()]
        show(table((("Field", ""), ("Saved meanwhile", ""), ("Yours", "")), rows))


def _draft() -> PortfolioDraft:
    state = st.session_state
    return PortfolioDraft(
        name=state["dialog_name"],
        currency=state["dialog_currency"].strip().upper(),
        benchmark_id=state["dialog_benchmark"],
        method=state["dialog_method"],
        account_ids=tuple(state["dialog_accounts"]),
    )


def _save(subject: int) -> None:
    # The second click of a double click finds the dialog closed.
    if not dialogs.is_open("portfolio_form", subject):
        return
    draft = _draft()
    try:
        if subject == NEW:
            made = create_portfolio(data.engine(), draft, data.now())
            st.query_params["portfolio"] = str(made)
        else:
            edit_portfolio(data.engine(), subject, st.session_state[_SEEN], draft, data.now())
    except EditConflictError as error:
        st.session_state[_DIFFERS] = error.fields
        st.session_state[_SEEN] = data.read(store.get_portfolio, subject).version
        dialogs.fail(error.message)
    except ChartroomError as error:
        dialogs.fail(error.message)
    else:
        dialogs.succeed(f"{draft.name.strip()} is saved.")


def _default(portfolio: Portfolio) -> None:
    if not dialogs.is_open("portfolio_form", portfolio.id or 0):
        return
    with dialog_parts.attempt():
        make_default(data.engine(), portfolio.id or 0, data.now())
        dialogs.succeed(f"{portfolio.name} is the default portfolio.")


def _archive(portfolio: Portfolio, archived: bool) -> None:
    if not dialogs.is_open("portfolio_form", portfolio.id or 0):
        return
    with dialog_parts.attempt():
        archive_portfolio(data.engine(), portfolio.id or 0, portfolio.version, archived, data.now())
        st.query_params.pop("portfolio", None)
        dialogs.succeed(f"{portfolio.name} is {'archived' if archived else 'back from the archive'}.")
