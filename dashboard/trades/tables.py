"""Open trades with their mark and a way to close them; closed trades as a table to choose from, and as a file."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from core.charts import theme
from dashboard import dialogs, navigation
from dashboard.components import formats, row_table
from dashboard.components.markup import SOURCES, badge, show, tag
from dashboard.components.panels import tone
from dashboard.journal import figures as journal_figures
from db.views.desk import LastPrice

OPEN_LIMIT = 40
_COLUMNS = {
    "id": st.column_config.NumberColumn("Trade", format="%d", width=50),
    "symbol": st.column_config.TextColumn("Symbol", width=98),
    "side": st.column_config.TextColumn("Side", width=46),
    "pnl": st.column_config.NumberColumn("P&L", format="%+,.2f", width=84),
    "r": st.column_config.NumberColumn("R", format="%+.2f", width=52),
    "closed": st.column_config.DatetimeColumn("Closed (UTC)", format="YYYY-MM-DD HH:mm", timezone="UTC", width=122),
    "held": st.column_config.TextColumn("Held", alignment="right", width=54),
    "quantity": st.column_config.TextColumn("Quantity", alignment="right", width=76),
    "entry": st.column_config.TextColumn("Entry", alignment="right", width=74),
    "exit": st.column_config.TextColumn("Exit", alignment="right", width=74),
    "setup": st.column_config.TextColumn("Setup", width=92),
    "tags": st.column_config.ListColumn("Tags", width=116),
    "rating": st.column_config.TextColumn("Rating", width=62),
    "strategy": st.column_config.TextColumn("Strategy", width=92),
    "note": st.column_config.TextColumn("Note", width=132),
    "chart": st.column_config.LinkColumn("Chart", display_text="chart", width=50),
    "trace": st.column_config.LinkColumn("Lineage", display_text="trace", width=58),
}


def open_trades(opened: pd.DataFrame, prices: dict[int, LastPrice]) -> None:
    """One line a trade, each with its mark and its buttons."""
    for _, trade in opened.head(OPEN_LIMIT).iterrows():
        trade_id = int(trade["id"])
        with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"open_{trade_id}"):
            open_line(trade, prices.get(int(trade["symbol_id"])))
            st.button("Details", key=f"details_{trade_id}", on_click=show_trade, args=(trade_id,), width=80)
            st.button("Close", key=f"close_{trade_id}", on_click=dialogs.show, args=("close", trade_id), width=80)
            navigation.link("charts", "Chart", trade=trade_id)
    if len(opened) > OPEN_LIMIT:
        st.caption(f"The newest {OPEN_LIMIT} of {len(opened)}. Narrow the filters to reach the others.")


def show_trade(trade_id: int) -> None:
    """Show this trade alone, and put it into the address; for callbacks."""
    st.query_params["trade"] = str(trade_id)


def closed_trades(closed: pd.DataFrame, tags: dict[int, list[str]], key: str, height: int = 460) -> list[int]:
    """Draw a table of these trades; returns the ids of those that are ticked. A click on a cell shows its trade."""
    ids = [int(one) for one in closed["id"]]
    name = row_table.key_of(key, ids)
    event = st.dataframe(
        closed_frame(closed, tags).style.map(_tone, subset=["pnl", "r"]),
        column_config=_COLUMNS,
        hide_index=True,
        row_height=row_table.ROW,
        height=row_table.height_of(len(ids), height),
        key=name,
        on_select=partial(_clicked, name, ids),
        selection_mode=["multi-row", "single-cell"],
        placeholder=formats.NOTHING,
    )
    return [ids[row] for row in event["selection"]["rows"] if row < len(ids)]


def closed_frame(closed: pd.DataFrame, tags: dict[int, list[str]]) -> pd.DataFrame:
    """What the table of closed trades shows; nothing where a trade has no R."""
    rows = [trade for _, trade in closed.iterrows()]
    return pd.DataFrame(
        {
            "id": closed["id"].astype(int).to_list(),
            "symbol": [_symbol(trade) for trade in rows],
            "side": [formats.side(trade["direction"]) for trade in rows],
            "pnl": [float(trade["pnl"]) for trade in rows],
            "r": pd.to_numeric(closed["r_multiple"]).to_list(),
            "closed": pd.to_datetime(closed["closed_at"], utc=True).to_list(),
            "held": [formats.age((trade["closed_at"] - trade["opened_at"]).total_seconds()) for trade in rows],
            "quantity": [formats.quantity(trade["quantity"]) for trade in rows],
            "entry": [formats.price(trade["entry_price"], trade["tick_size"]) for trade in rows],
            "exit": [formats.price(trade["exit_price"], trade["tick_size"]) for trade in rows],
            "setup": [trade["setup"] for trade in rows],
            "tags": [tags.get(int(trade["id"]), []) for trade in rows],
            "rating": ["" if formats.absent(trade["rating"]) else "★" * int(trade["rating"]) for trade in rows],
            "strategy": ["" if formats.absent(trade["strategy"]) else trade["strategy"] for trade in rows],
            "note": [" ".join(trade["note"].split())[:160] for trade in rows],
            "chart": [f"charts?trade={trade['id']}" for trade in rows],
            "trace": [f"lineage?trade={trade['id']}" for trade in rows],
        }
    )


def _clicked(key: str, ids: list[int]) -> None:
    cell = row_table.clicked(key)
    if cell is not None and cell[0] < len(ids) and cell[1] not in ("chart", "trace"):
        show_trade(ids[cell[0]])


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
    names += ["fees", "swap", "setup", "emotion", "rating", *(["tags"] if "tags" in trades else [])]
    table = trades[names].copy()
    table["rating"] = table["rating"].astype("Int64")
    table["direction"] = [formats.side(direction).lower() for direction in table["direction"]]
    table["signal_id"] = table["signal_id"].astype("Int64")
    for name in ("quantity", "risk", "pnl", "fees", "swap"):
        table[name] = [None if pd.isna(value) else format(value.normalize(), "f") for value in table[name]]
    for name in ("opened_at", "closed_at"):
        moments = pd.to_datetime(table[name], utc=True)
        table[name] = [None if pd.isna(moment) else f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in moments]
    for name in {"symbol", "strategy", "note", "setup", "emotion", "tags"} & set(names):
        table[name] = [_harmless(value) for value in table[name]]
    return table.to_csv(index=False).encode()


def open_line(trade: pd.Series, last: LastPrice | None) -> None:
    """The facts of an open trade, with its mark at the last stored close."""
    tick, currency = float(trade["tick_size"]), str(trade["account_currency"])
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
    show(tag("dl", *(tag("div", tag("dt", name), tag("dd", value)) for name, value in cells), cls="trade"))


def _symbol(trade: pd.Series) -> str:
    label = SOURCES.get(trade["source"], "").lower()
    return f"{trade['symbol']} ({label})" if trade["source"] == "sample" else str(trade["symbol"])


def _tone(value: object) -> str:
    colours = {"up": theme.UP, "down": theme.DOWN}
    return f"color: {colours.get(tone(value), theme.TEXT)}"


def _harmless(text: object) -> str:
    """A leading =, +, - or @ starts a formula in a spreadsheet: an apostrophe keeps it text."""
    written = "" if formats.absent(text) else str(text)
    return f"'{written}" if written.startswith(("=", "+", "-", "@", "\t", "\r")) else written
