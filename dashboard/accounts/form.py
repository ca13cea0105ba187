"""Open an account, change it, put it away. Whoever was overtaken sees what differs before anything is saved."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import streamlit as st

from core.errors import ChartroomError, EditConflictError
from core.journal.sessions import NAMES
from core.risk import plain
from dashboard import data, dialogs
from dashboard.accounts import choice as account_choice
from dashboard.challenge.form import number
from dashboard.components import dialog_parts, formats
from dashboard.components.markup import show, table, tag
from db.actions.accounts import NAME_LENGTH, AccountDraft, archive_account, create_account, edit_account
from db.models import Account
from db.views.signals import symbol_names

NEW = 0
_SEEN = "dialog_seen_version"
_DIFFERS = "dialog_differs"
_RISKS = {"percent": "% of the balance", "fixed": "fixed sum"}


def form_dialogs(account: Account | None) -> None:
    """Draw the dialog that is open about a new account or this one."""
    if dialogs.is_open("account_form", NEW):
        _form("Open an account", None)
    elif account is not None and dialogs.is_open("account_form", account.id or 0):
        _form("Change this account", account)
    elif account is not None and dialogs.is_open("account_archive", account.id or 0):
        _archive_dialog(account)


def _form(title: str, account: Account | None) -> None:
    st.dialog(title, width="large", on_dismiss=dialogs.close)(_fields)(account)


def _fields(account: Account | None) -> None:
    subject = NEW if account is None else account.id or 0
    if not dialogs.is_open("account_form", subject):
        st.rerun()
    st.session_state.setdefault(_SEEN, account.version if account else 0)
    known = account or Account(
        name="", initial_balance=Decimal(100_000), risk_percent=Decimal("0.5"), created_at=data.now()
    )
    st.session_state.setdefault("dialog_percent", known.risk_percent)
    names = data.read(symbol_names)
    with st.container(key="account_fields"):
        _text("Name", "name", known.name, NAME_LENGTH)
        _text("Currency", "currency", known.currency, 5)
        _text("Initial balance", "balance", plain(known.initial_balance))
        _text("Time zone of its days", "zone", known.time_zone)
        kind = "fixed" if known.risk_fixed is not None else "percent"
        st.selectbox(
            "Risk for one trade as", list(_RISKS), index=list(_RISKS).index(kind), format_func=_RISKS.__getitem__,
            key="dialog_risk_kind",
        )  # fmt: skip
        _text("Risk for one trade", "risk", plain(known.risk_percent if known.risk_fixed is None else known.risk_fixed))
        _text("Most trades at once", "max_open", "" if known.max_open is None else str(known.max_open))
        most = known.max_risk_percent
        _text("Most risk in use (%)", "max_risk", "" if most is None else plain(most))
    st.caption("Empty limits are none. Risk in use is what all open stops lose together, as a share of the balance.")
    symbols = [one for one in known.symbols if one in names]
    st.multiselect(
        "Allowed symbols",
        list(names),
        default=symbols,
        format_func=names.__getitem__,
        key="dialog_symbols",
        placeholder="All",
    )
    st.multiselect(
        "Allowed sessions",
        NAMES,
        default=known.sessions,
        format_func=lambda one: formats.words(one).title(),
        key="dialog_sessions",
        placeholder="Any time",
    )
    _difference()
    dialog_parts.show_error()
    label = "Open the account" if account is None else "Save"
    if st.session_state.get(_DIFFERS):
        label = "Save mine over it"
    st.button(label, type="primary", key="dialog_save", on_click=_save, args=(subject,), width="stretch")


@st.dialog("Archive", on_dismiss=dialogs.close)
def _archive_dialog(account: Account) -> None:
    if not dialogs.is_open("account_archive", account.id or 0):
        st.rerun()
    back = account.archived_at is not None
    what = "comes back from the archive." if back else "goes to the archive: it takes no trades and no page chooses it."
    show(tag("div", tag("b", account.name), f" {what} Its history stays."))
    dialog_parts.show_error()
    st.button(
        "Restore" if back else "Archive",
        type="primary",
        key="dialog_archive",
        on_click=_archive,
        args=(account.id, account.version, not back, account.name),
        width="stretch",
    )


def draft_of(fields: Any) -> AccountDraft:
    """The draft that the fields say.

    Raises:
        ParameterError: a field is no number.
    """
    risk = number(fields["dialog_risk"], "risk for one trade")
    fixed = fields["dialog_risk_kind"] == "fixed"
    open_, share = fields["dialog_max_open"].strip(), fields["dialog_max_risk"].strip()
    return AccountDraft(
        name=fields["dialog_name"],
        initial_balance=number(fields["dialog_balance"], "initial balance"),
        currency=fields["dialog_currency"].strip().upper(),
        # The percentage stays beside a fixed sum: it is what comes back when that is taken away.
        risk_percent=fields["dialog_percent"] if fixed else risk,
        risk_fixed=risk if fixed else None,
        max_open=int(number(open_, "trades at once")) if open_ else None,
        max_risk_percent=number(share, "risk in use") if share else None,
        symbols=list(fields["dialog_symbols"]),
        sessions=list(fields["dialog_sessions"]),
        time_zone=fields["dialog_zone"].strip(),
    )


def _text(label: str, name: str, value: str, most: int | None = None) -> None:
    st.text_input(label, value=value, max_chars=most, key=f"dialog_{name}", on_change=dialogs.forgive)


def _difference() -> None:
    """What somebody else saved since, beside what is typed here."""
    fields: dict[str, tuple[object, object]] | None = st.session_state.get(_DIFFERS)
    if fields:
        rows = [(formats.words(name), str(theirs), str(mine)) for name, (theirs, mine) in fields.items()]
        show(table((("Field", ""), ("Saved meanwhile", ""), ("Yours", "")), rows))


def _save(subject: int) -> None:
    # The second click of a double click finds the dialog closed.
    if not dialogs.is_open("account_form", subject):
        return
    try:
        draft = draft_of(st.session_state)
        if subject == NEW:
            made = create_account(data.engine(), draft, data.now())
            st.query_params["account"] = str(made)
            account_choice.choose(made)
        else:
            edit_account(data.engine(), subject, st.session_state[_SEEN], draft)
    except EditConflictError as error:
        st.session_state[_DIFFERS] = error.fields
        st.session_state[_SEEN] = _version(subject)
        dialogs.fail(error.message)
    except ChartroomError as error:
        dialogs.fail(error.message)
    else:
        dialogs.succeed(f"{draft.name.strip()} is saved.")


def _version(account_id: int) -> int:
    account = data.read(lambda session: session.get(Account, account_id))
    return 0 if account is None else account.version


def _archive(account_id: int, version: int, archived: bool, name: str) -> None:
    if not dialogs.is_open("account_archive", account_id):
        return
    with dialog_parts.attempt():
        archive_account(data.engine(), account_id, version, archived, data.now())
        dialogs.succeed(f"{name} is {'archived' if archived else 'back from the archive'}.")
