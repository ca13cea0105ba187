"""Files for a person's own use: the trades that match, or all of the account. Made when the button is pressed."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from core.journal.exports import Kind, write
from dashboard import data
from dashboard.components.panels import section
from dashboard.trades import tables as trade_tables
from db.models import Account
from db.views import exports, journal, trades
from db.views.journal import TradeFilter

_MIMES = {
    Kind.CSV: "text/csv",
    Kind.EXCEL: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Kind.JSON: "application/json",
}
_LABELS = {Kind.CSV: "CSV", Kind.EXCEL: "Excel", Kind.JSON: "JSON"}
_CHUNK = 500


def export_menu(account: Account, wanted: TradeFilter) -> None:
    """Draw the menu with its six buttons."""
    with st.popover("Export", key="journal_export"):
        section("Trades that match the filters")
        with st.container(horizontal=True, gap="small"):
            for kind in Kind:
                st.download_button(
                    f"Download {_LABELS[kind]}",
                    partial(matching, wanted, kind),
                    f"chartroom-journal.{kind.value}",
                    _MIMES[kind],
                    key=kind.value,
                    on_click="ignore",
                )
        section(f"Everything of {account.name}: trades, fills, changes, notes, cash, challenges, signals")
        with st.container(horizontal=True, gap="small"):
            for kind in Kind:
                end = "zip" if kind is Kind.CSV else kind.value
                st.download_button(
                    f"All as {_LABELS[kind]}",
                    partial(_everything, account.id, kind),
                    f"chartroom-account-{account.id}.{end}",
                    "application/zip" if kind is Kind.CSV else _MIMES[kind],
                    key=f"all_{kind.value}",
                    on_click="ignore",
                )


def matching(wanted: TradeFilter, kind: Kind) -> bytes:
    """The trades that match, with their tags, as one table."""
    found = data.read(journal.trades, wanted)
    ids = [int(one) for one in found["id"]]
    tags: dict[int, list[str]] = {}
    for start in range(0, len(ids), _CHUNK):
        tags |= data.read(trades.tags_of, ids[start : start + _CHUNK])
    found["tags"] = [", ".join(tags.get(one, ())) for one in ids]
    if kind is Kind.CSV:
        return trade_tables.csv(found)
    return write({"trades": _table(found)}, kind)


def _table(found: pd.DataFrame) -> pd.DataFrame:
    """As objects, so that no number becomes another one on its way; without what the desk alone needs."""
    plain = found.drop(columns=["symbol_id", "playbook_id", "version", "tick_size"]).astype(object)
    return plain.where(plain.notna(), None)


def _everything(account_id: int | None, kind: Kind) -> bytes:
    return write(data.read(exports.everything, account_id), kind)
