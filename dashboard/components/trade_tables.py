"""Open trades with their mark and a way to close them; closed trades as a table and as a file."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.charts import theme
from dashboard import dialogs, navigation
from dashboard.components import formats, journal_figures
from dashboard.components.markup import SOURCES, badge, show, tag
from dashboard.components.panels import tone
from db.views.desk import LastPrice

OPEN_LIMIT = 40
CLOSED_LIMIT = 500
_COLUMNS = {
    "id": st.column_config.NumberColumn("Trade", format="%d", width=52),
    "closed": st.column_config.DatetimeColumn("Closed (UTC)", format="YYYY-MM-DD HH:mm", timezone="UTC", width=126),
    "symbol": st.column_config.TextColumn("Symbol", width=120),
    "side": st.column_config.TextColumn("Side", width=52),
    "quantity": st.column_config.TextColumn("Quantity", alignment="right", width=90),
    "entry": st.column_config.TextColumn("Entry", alignment="right", width=84),
    "exit": st.column_config.TextColumn("Exit", alignment="right", width=84),
    "pnl": st.column_config.NumberColumn("P&L", format="%+,.2f", width=96),
    "r": st.column_config.NumberColumn("R", format="%+.2f", width=56),
    "held": st.column_config.TextColumn("Held", alignment="right", width=60),
    "strategy": st.column_config.TextColumn("Strategy", width=120),
    "note": st.column_config.TextColumn("Note", width=260),
    "chart": st.column_config.LinkColumn("Chart", display_text="chart", width=60),
    "trace": st.column_config.LinkColumn("Lineage", display_text="trace", width=60),
}


def open_trades(opened: pd.DataFrame, prices: dict[int, LastPrice], asked: int | None) -> None:
    """One line a trade, the one in the address first, each with its mark and a Close button."""
    first = opened["id"] == asked
    for _, trade in pd.concat([opened[first], opened[~first]]).head(OPEN_LIMIT).iterrows():
        with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"open_{trade['id']}"):
            _line(trade, prices.get(int(trade["symbol_id"])))
            st.button(
                "Close", key=f"close_{trade['id']}", on_click=dialogs.show, args=("close", int(trade["id"])), width=80
            )
            if pd.notna(trade["signal_id"]):
                navigation.link("signals", "Signal", signal=int(trade["signal_id"]))
            navigation.link("charts", "Chart", trade=int(trade["id"]))
            navigation.link("lineage", "Lineage", trade=int(trade["id"]))
    if len(opened) > OPEN_LIMIT:
        st.caption(f"The newest {OPEN_LIMIT} of {len(opened)}. Narrow the filters to reach the others.")


def closed_trades(closed: pd.DataFrame) -> None:
    shown = closed.head(CLOSED_LIMIT)
    st.dataframe(
        closed_frame(shown).style.map(_tone, subset=["pnl", "r"]),
        column_config=_COLUMNS,
        hide_index=True,
        row_height=28,
        height=min(420, 38 + 28 * len(shown)),
        key="closed_trades",
    )
    if len(closed) > CLOSED_LIMIT:
        st.caption(f"The newest {CLOSED_LIMIT} of {len(closed)}. The download holds all of them.")


def closed_frame(closed: pd.DataFrame) -> pd.DataFrame:
    """What the table of closed trades shows."""
    rows = [trade for _, trade in closed.iterrows()]
    return pd.DataFrame(
        {
            "id": closed["id"].astype(int).to_list(),
            "closed": pd.to_datetime(closed["closed_at"], utc=True).to_list(),
            "symbol": [_symbol(trade) for trade in rows],
            "side": [formats.side(trade["direction"]) for trade in rows],
            "quantity": [formats.quantity(trade["quantity"]) for trade in rows],
            "entry": [formats.price(trade["entry_price"], trade["tick_size"]) for trade in rows],
            "exit": [formats.price(trade["exit_price"], trade["tick_size"]) for trade in rows],
            "pnl": [float(trade["pnl"]) for trade in rows],
            "r": [float(trade["r_multiple"]) for trade in rows],
            "held": [formats.age((trade["closed_at"] - trade["opened_at"]).total_seconds()) for trade in rows],
            "strategy": [trade["strategy"] or "" for trade in rows],
            "note": [trade["note"] for trade in rows],
            "chart": [f"charts?trade={trade['id']}" for trade in rows],
            "trace": [f"lineage?trade={trade['id']}" for trade in rows],
        }
    )


def csv(trades: pd.DataFrame) -> bytes:
    """All trades as UTF-8 CSV, exact amounts, times in ISO 8601 UTC. Text that a spreadsheet would run is quoted."""
    names = [
        "id",
        "signal_id",
        "status",
        "symbol",
        "source",
        "strategy",
        "direction",
        "quantity",
        "entry_price",
        "stop",
    ]
    names += ["target", "risk", "opened_at", "closed_at", "exit_price", "pnl", "r_multiple", "currency", "note"]
    table = trades[names].copy()
    table["direction"] = [formats.side(direction).lower() for direction in table["direction"]]
    table["signal_id"] = table["signal_id"].astype("Int64")
    for name in ("quantity", "risk", "pnl"):
        table[name] = [None if pd.isna(value) else format(value.normalize(), "f") for value in table[name]]
    for name in ("opened_at", "closed_at"):
        moments = pd.to_datetime(table[name], utc=True)
        table[name] = [None if pd.isna(moment) else f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in moments]
    for name in ("symbol", "strategy", "note"):
        table[name] = [_harmless(value) for value in table[name]]
    return table.to_csv(index=False).encode()


def _line(trade: pd.Series, last: LastPrice | None) -> None:
    tick, currency = float(trade["tick_size"]), str(trade["currency"])
    pnl, multiple = journal_figures.floating(trade, last)
    mark = (
        f"{formats.price(last.price, tick)} as of {formats.utc(last.as_of)}"
        if last is not None
        else "no bar stored yet"
    )
    side = tag("b", formats.side(trade["direction"]), cls="up" if trade["direction"] > 0 else "down")
    cells = (
        (f"Trade {trade['id']}", tag("span", tag("b", trade["symbol"]), badge(trade["source"]), " ", side)),
        ("Quantity", formats.quantity(trade["open_quantity"])),
        ("Entry", formats.price(trade["entry_price"], tick)),
        ("Stop", formats.price(trade["stop"], tick)),
        ("Target", formats.price(trade["target"], tick)),
        ("Last (UTC)", mark),
        ("Floating P&L", tag("b", formats.money(pnl, currency, signed=True), cls=tone(pnl))),
        ("R", tag("b", formats.multiple(multiple), cls=tone(multiple))),
        ("Risk", formats.money(trade["risk"], currency)),
        ("Opened (UTC)", formats.utc(trade["opened_at"])),
    )
    note = tag("div", trade["note"], cls="plain muted") if trade["note"] else ""
    show(
        tag(
            "div",
            tag("dl", *(tag("div", tag("dt", name), tag("dd", value)) for name, value in cells), cls="trade"),
            note,
        )
    )


def _symbol(trade: pd.Series) -> str:
    label = SOURCES.get(trade["source"], "").lower()
    return f"{trade['symbol']} ({label})" if trade["source"] == "sample" else str(trade["symbol"])


def _tone(value: float) -> str:
    return f"color: {theme.UP if value > 0 else theme.DOWN if value < 0 else theme.TEXT}"


def _harmless(text: object) -> str:
    """A leading =, +, - or @ starts a formula in a spreadsheet: an apostrophe keeps it text."""
    written = "" if formats.absent(text) else str(text)
    return f"'{written}" if written.startswith(("=", "+", "-", "@", "\t", "\r")) else written
