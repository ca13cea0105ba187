"""A broker's file into the journal: recognised, shown with what it would change, and then written."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from zoneinfo import available_timezones

import streamlit as st

from core.errors import ChartroomError
from core.journal.imports.generic import FIELDS, NEEDED
from core.journal.imports.grid import MOST_BYTES, read_grid
from core.journal.imports.read import TITLES, read_file
from core.journal.imports.rows import ImportFileError, Options
from core.journal.imports.table import columns_of
from core.risk import plain
from dashboard import data, dialogs
from dashboard.challenge.form import number
from dashboard.components import formats
from dashboard.components.markup import markdown, show, table, tag
from dashboard.components.panels import Figure, section, strip, tone
from dashboard.journal import empties as journal_empties
from db.actions.import_trades import Report, Source, TradeLine, import_trades, preview_import
from db.models import Account
from db.money import storable
from db.views import trades

SHOWN = 100
_VALUE = "import_value_"
_ROUND, _DONE = "import_round", "import_done"
_TYPES = ["csv", "txt", "tsv", "xml", "html", "htm", "xlsx"]
_ORDERS = {"As the file's dates show": None, "Day first": True, "Month first": False}
_SIGNS = {"As the file's numbers show": None, "Point: 1,234.50": ".", "Comma: 1.234,50": ","}
_HEADS = (
    ("Trade", "nowrap"), ("Symbol", ""), ("Side", ""), ("Quantity", "num"), ("Opened (UTC)", "nowrap"),
    ("Closed (UTC)", "nowrap"), ("Result", "num"), ("Fills", "num"),
)  # fmt: skip


def import_view(key: data.Stamp, account: Account) -> None:
    """File, how to read it, what it would change, and the button that writes it."""
    done = st.session_state.pop(_DONE, None)
    if done:
        st.success(markdown(done))
    left, right = st.columns([1, 2], gap="medium")
    with left:
        file, options = _file(account)
    with right:
        if file is None:
            journal_empties.no_import()
        else:
            name, content = file
            _preview(account, name, content, options)
    _imported(key, account)


def _file(account: Account) -> tuple[tuple[str, bytes] | None, Options]:
    place = st.session_state.setdefault(_ROUND, 0)
    found = st.file_uploader(
        f"Broker's file, at most {MOST_BYTES // 2**20} MB",
        _TYPES,
        key=f"import_file_{place}",
        max_upload_size=MOST_BYTES // 2**20,
    )
    zones = sorted(available_timezones())
    st.session_state.setdefault("import_zone", account.time_zone if account.time_zone in zones else "UTC")
    zone = st.selectbox("Time zone of times that name none", zones, key="import_zone")
    order = st.selectbox("01/02/2026 is written", list(_ORDERS), key="import_order")
    sign = st.selectbox("Decimal sign", list(_SIGNS), key="import_decimal")
    mapping = None
    if found is not None:
        mapping = _mapping(found.getvalue())
    content = None if found is None else (str(found.name), found.getvalue())
    return content, Options(str(zone), _ORDERS[order], mapping, _SIGNS[sign])


def _mapping(content: bytes) -> dict[str, str] | None:
    """For a table of one's own: which column is which, asked only where it cannot be guessed or the person wants it."""
    if not st.toggle("It is a table of my own: choose its columns", key="import_own"):
        return None
    try:
        lines = read_grid(content)
    except ChartroomError:
        return None
    header = next((line for line in lines if len(columns_of(line)) >= len(NEEDED)), None)
    if header is None:
        st.caption("No line of the file has enough columns.")
        return None
    headings = [cell for cell in header.cells if cell.strip()]
    chosen: dict[str, str] = {}
    with st.container(key="fields_plain"):
        for field in FIELDS:
            label = formats.words(field).capitalize() + (" (needed)" if field in NEEDED else "")
            picked = st.selectbox(label, headings, index=None, key=f"import_{field}", placeholder="By its heading")
            if picked:
                chosen[field] = picked
    return chosen or None


def _preview(account: Account, name: str, content: bytes, options: Options) -> None:
    assert account.id is not None
    try:
        parsed = read_file(content, options)
        source = Source(name, hashlib.sha256(content).hexdigest(), parsed, _entered()[0])
        report = preview_import(data.engine(), account.id, source, data.now())
    except ImportFileError as error:
        st.error(markdown(error.message))
        st.caption(
            "Formats: Interactive Brokers Flex, MetaTrader 4 and 5, cTrader, TradingView paper, Tradovate, tables."
        )
        return
    except ChartroomError as error:
        st.error(markdown(error.message))
        return
    title = TITLES.get(report.format, report.format)
    show(tag("div", tag("b", title), tag("span", f"{name}, {len(content) / 1024:,.0f} kB", cls="muted"), cls="file"))
    _counts(report)
    for note in parsed.notes:
        st.warning(markdown(note))
    _symbols(report)
    if report.anything:
        st.button(
            f"Import into {markdown(account.name)}",
            type="primary",
            key="import_write",
            on_click=_write,
            args=(account.id, source),
        )
    else:
        st.info("Nothing in this file is new.")
    _lines(report)


def _counts(report: Report) -> None:
    strip(
        (
            Figure("New trades", f"{len(report.new):,}"),
            Figure("Changed", f"{len(report.changed):,}", "open trades that gain fills"),
            Figure("Cash movements", f"{len(report.cash):,}"),
            Figure("Known already", f"{report.known:,}", "left as they are"),
            Figure("Rejected", f"{len(report.rejected):,}", "", "down" if report.rejected else ""),
            Figure("Other lines", f"{report.ignored:,}", "sums, pending orders"),
        )
    )


def _symbols(report: Report) -> None:
    """The markets that the file adds, what a point of each is worth, and a field for what the file does not state."""
    if not report.symbols:
        return
    section(f"Symbols that will be added ({len(report.symbols):,})")
    heads = (("Symbol", ""), ("A point is worth", "num"), ("Where that comes from", ""))
    rows = [(one.name, f"{plain(one.point_value)} {one.currency}", one.origin) for one in report.symbols[:SHOWN]]
    show(table(heads, rows))
    _more(len(report.symbols))
    open_ones = [one for one in report.symbols[:SHOWN] if not one.stated]
    if open_ones and st.toggle("Correct what a point is worth", key="import_correct"):
        with st.container(key="fields_values"):
            for one in open_ones:
                label = f"{markdown(one.name)} ({markdown(one.currency)})"
                st.text_input(label, key=f"{_VALUE}{one.name}", placeholder=plain(one.point_value))
        for name in _entered()[1]:
            st.error(
                markdown(f"A point of {name} is worth a number above zero: correct it. Until then it is not used.")
            )


def _entered() -> tuple[dict[str, Decimal], list[str]]:
    """Point values that the person entered, by symbol; and the symbols whose value is none."""
    values, wrong = dict[str, Decimal](), list[str]()
    for key, text in st.session_state.items():
        name = str(key).removeprefix(_VALUE)
        if name == key or not str(text or "").strip():
            continue
        try:
            values[name] = number(str(text), name)
        except ChartroomError:
            wrong.append(name)
    wrong += [name for name, value in values.items() if value <= 0 or not storable(value)]
    return {name: value for name, value in values.items() if name not in wrong}, wrong


def _lines(report: Report) -> None:
    if report.rejected:
        section(f"Rejected lines ({len(report.rejected):,})")
        rows = [(one.line, one.reason) for one in report.rejected[:SHOWN]]
        show(table((("Line", "nowrap"), ("Why", "")), rows, cls="groups"))
        _more(len(report.rejected))
    for title, lines in (("New", report.new), ("Changed", report.changed)):
        if lines:
            section(f"{title} trades ({len(lines):,})")
            show(table(_HEADS, [_trade(one) for one in lines[:SHOWN]]))
            _more(len(lines))
    if report.cash:
        section(f"Cash movements ({len(report.cash):,})")
        heads = (("Happened (UTC)", "nowrap"), ("Kind", ""), ("Amount", "num"), ("Text", ""))
        cash = [
            (formats.utc(one.at), one.kind, formats.money(one.amount, signed=True), one.text) for one in report.cash
        ]
        show(table(heads, cash[:SHOWN]))
        _more(len(report.cash))


def _trade(one: TradeLine) -> tuple[object, ...]:
    return (
        "new" if one.trade_id is None else f"trade {one.trade_id}",
        one.symbol,
        tag("span", formats.side(one.direction), cls="up" if one.direction > 0 else "down"),
        formats.quantity(one.quantity),
        formats.utc(one.opened_at),
        "open" if one.closed_at is None else formats.utc(one.closed_at),
        tag("span", formats.money(one.pnl, signed=True), cls=tone(one.pnl)),
        one.fills,
    )


def _more(count: int) -> None:
    if count > SHOWN:
        st.caption(f"The first {SHOWN} of {count:,}.")


def _write(account_id: int, source: Source) -> None:
    try:
        report = import_trades(data.engine(), account_id, source, data.now())
    except ChartroomError as error:
        st.session_state[_DONE] = error.message
        return
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    new, changed = len(report.new), len(report.changed)
    sentence = f"{source.name}: {new:,} new trades, {changed:,} changed, {len(report.cash):,} cash movements."
    st.session_state[_DONE] = sentence
    dialogs.succeed("The file is imported.")


def _imported(key: data.Stamp, account: Account) -> None:
    """The files that were imported before."""
    batches = data.cached(key, trades.imports, account.id or 0)
    if not batches:
        return
    section("Imported before")
    heads = (
        ("Imported (UTC)", "nowrap"), ("File", ""), ("Format", ""), ("New", "num"), ("Known", "num"),
        ("Rejected", "num"),
    )  # fmt: skip
    rows = [
        (
            formats.utc(one.imported_at), one.file_name, TITLES.get(one.format, one.format), f"{one.new:,}",
            f"{one.known:,}", f"{one.rejected:,}",
        )
        for one in batches
    ]  # fmt: skip
    show(table(heads, rows))
