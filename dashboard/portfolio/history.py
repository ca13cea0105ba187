"""What moved the portfolio's money, and everything as a file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from core.journal.exports import Kind, write
from dashboard import data
from dashboard.components import formats
from dashboard.components.panels import empty, note, section
from db.store.portfolio.ledger import Ledger
from db.views.portfolio import history as portfolio_history
from db.views.portfolio.curve import Curve
from db.views.portfolio.positions import Summary

SHOWN = 500
_ROW, _HEAD = 28, 38
_TIME = st.column_config.DatetimeColumn("Time (UTC)", format="YYYY-MM-DD HH:mm", timezone="UTC", width=126)
_NUMBER = "%,.2f"
_TRANSACTIONS = {
    "time": _TIME,
    "account": st.column_config.TextColumn("Account", width=110),
    "kind": st.column_config.TextColumn("Kind", width=72),
    "symbol": st.column_config.TextColumn("Symbol", width=110),
    "quantity": st.column_config.TextColumn("Quantity", alignment="right", width=90),
    "price": st.column_config.TextColumn("Price", alignment="right", width=90),
    "amount": st.column_config.NumberColumn("Amount", format="%+,.2f", width=110),
    "currency": st.column_config.TextColumn("", width=44),
    "cost": st.column_config.NumberColumn("Costs", format=_NUMBER, width=74),
    "trade": st.column_config.LinkColumn("Trade", display_text=r"trade=(\d+)", width=54),
    "detail": st.column_config.TextColumn("Detail", width=180),
}
_FUNDING = {
    "time": _TIME,
    "account": st.column_config.TextColumn("Account", width=130),
    "kind": st.column_config.TextColumn("Kind", width=130),
    "amount": st.column_config.NumberColumn("Amount", format="%+,.2f", width=120),
    "currency": st.column_config.TextColumn("", width=44),
    "reason": st.column_config.TextColumn("Reason", width=260),
    "booked_by": st.column_config.TextColumn("Booked by", width=120),
}
_MIMES = {
    Kind.CSV: "application/zip",
    Kind.EXCEL: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Kind.JSON: "application/json",
}
_LABELS = {Kind.CSV: "CSV (zip)", Kind.EXCEL: "Excel", Kind.JSON: "JSON"}


def history(ledger: Ledger) -> None:
    """Transactions, then what the owner paid in and took out."""
    section("Transactions: fills, charges, dividends, splits")
    found = data.read(portfolio_history.transactions, ledger, SHOWN)
    if found.empty:
        empty("No transaction yet.", "The first fill of a trade in one of these accounts is the first line.")
    else:
        _table(_shown(found), _TRANSACTIONS, "portfolio_transactions", 460)
        if len(found) == SHOWN:
            note(f"The newest {SHOWN}. The export has all of them.")
        note("Amount: what the fill brought (negative: cost) at full price, before the costs beside it.")
    section("Funding")
    paid = data.read(portfolio_history.funding, ledger)
    if paid.empty:
        empty("Nothing was paid in.", "Initial balances, deposits and withdrawals are booked on the Accounts page.")
        return
    paid["amount"] = paid["amount"].astype(float)
    _table(paid, _FUNDING, "portfolio_funding", 300)
    note(
        "Deposits, withdrawals and adjustments are no gain and no loss: returns are told without them. Fees are costs."
    )


def export_menu(portfolio_id: int, ledger: Ledger, summary: Summary, curve: Curve | None) -> None:
    """Everything the page shows, as files that are made when the button is pressed."""
    with st.popover("Export", key="portfolio_export"):
        section("Positions, lots, transactions, funding, daily values")
        with st.container(horizontal=True, gap="small"):
            for kind in Kind:
                end = "zip" if kind is Kind.CSV else kind.value
                st.download_button(
                    _LABELS[kind],
                    partial(_file, ledger, summary, curve, kind),
                    f"chartroom-portfolio-{portfolio_id}.{end}",
                    _MIMES[kind],
                    key=f"portfolio_{kind.value}",
                    on_click="ignore",
                )


def _file(ledger: Ledger, summary: Summary, curve: Curve | None, kind: Kind) -> bytes:
    return write(data.read(portfolio_history.tables, ledger, summary, curve), kind)


def _shown(found: pd.DataFrame) -> pd.DataFrame:
    shown = found.copy()
    for name in ("quantity", "price"):
        shown[name] = [formats.NOTHING if formats.absent(one) else formats.quantity(one) for one in found[name]]
    for name in ("amount", "cost"):
        shown[name] = found[name].astype(float)
    shown["trade"] = [None if formats.absent(one) else f"journal?trade={int(one)}" for one in found["trade"]]
    return shown


def _table(frame: pd.DataFrame, columns: Mapping[str, Any], key: str, height: int) -> None:
    st.dataframe(
        frame, column_config=columns, hide_index=True, row_height=_ROW, height=min(height, _HEAD + _ROW * len(frame)),
        key=key, placeholder=formats.NOTHING,
    )  # fmt: skip
