"""Broker files into the journal: previewed, written once, never overwriting."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest
from sqlmodel import col, select

from core.errors import DeskError
from core.journal.imports.read import read_file
from core.journal.imports.rows import Options
from db.actions.clear import Scope, clear_history, preview_clearing, purge_cleared, undo_clearing
from db.actions.import_trades import Source, import_trades, preview_import
from db.engine import reader, writer
from db.models import CashMovement, ImportBatch, LineageStep, Symbol, Trade, TradeFill
from db.store.accounts import balance
from db.store.revision import current
from tests.db.desk import rows
from tests.factories import make_account, make_symbol

SAMPLES = Path(__file__).parents[1] / "core" / "journal" / "samples"
NOW = datetime(2026, 3, 10, tzinfo=UTC)
D = Decimal


def source(name, **options):
    return of((SAMPLES / name).read_bytes(), name, **options)


def of(content, name="file.csv", **options):
    return Source(name, sha256(content).hexdigest(), read_file(content, Options(**options)))


def table(*lines):
    head = "Time,Symbol,Side,Quantity,Price,Fee,Id\n"
    return of((head + "\n".join(lines)).encode())


def account(engine):
    with writer(engine) as session:
        make_account(session, initial_balance=D(0))
    return engine


def test_executions_become_trades_and_the_same_file_again_adds_nothing(engine):
    account(engine)
    file = source("ibkr_flex.csv", zone="America/New_York")
    preview = preview_import(engine, 1, file, NOW)
    assert (len(preview.new), len(preview.cash), [one.name for one in preview.symbols]) == (3, 2, ["AAPL", "ESH6"])
    assert [rows(engine, model) for model in (Trade, TradeFill, CashMovement, ImportBatch, Symbol)] == [[]] * 5
    report = import_trades(engine, 1, file, NOW)
    assert [(line.symbol, line.direction, line.quantity, line.pnl) for line in report.new] == [
        # 100 x 2 less 2.02 of commission; short two E-minis, 2 x 10 x 50 less 4.50 and two thirds of 6.75.
        ("AAPL", 1, D(100), D("197.98")),
        ("ESH6", -1, D(2), D(991)),
        ("ESH6", 1, D(1), D("-2.25")),
    ]
    with reader(engine) as session:
        assert balance(session, 1) == D("197.98") + D(991) - D("2.25") + D(5000) - D("4.5")
        before = current(session)
    again = import_trades(engine, 1, file, NOW)
    assert (again.new, again.changed, again.cash, again.known, again.rejected) == ([], [], [], 7, [])
    assert (len(rows(engine, Trade)), len(rows(engine, TradeFill)), len(rows(engine, ImportBatch))) == (3, 6, 1)
    with reader(engine) as session:
        assert current(session) == before
    made = [(step.kind, step.entity) for step in rows(engine, LineageStep)[:3]]
    assert made == [("settings", "account"), ("import", "import_batch"), ("trade", "trade")]


@pytest.mark.parametrize(
    ("name", "results"),
    [
        ("metatrader4.html", {"eurusd": D("121.5"), "xauusd": D("-101.25")}),
        ("metatrader5.html", {"EURUSD": D("121.5"), "XAUUSD": D("-101.25")}),
        ("ctrader.csv", {"EURUSD": D("121.5"), "XAUUSD": D("-101.25")}),
        ("tradovate_performance.csv", {"MNQH6": D(20)}),
        ("tradovate_fills.csv", {"MNQH6": D("38.44")}),
        ("tradingview.csv", {"AAPL": D(51)}),
        ("table.csv", {"MSFT": D("192.5")}),
        # 10 x 10 at 1.2 less 3 x 1.1 and 3 x 1.2.
        ("ibkr_flex.xml", {"SAP": D("113.1")}),
    ],
)
def test_every_format_arrives_with_the_brokers_result(sqlite_engine, name, results):
    account(sqlite_engine)
    file = source(name, day_first=name == "ctrader.csv" or None)
    found: dict[str, Decimal] = {}
    for line in import_trades(sqlite_engine, 1, file, NOW).new:
        found[line.symbol] = found.get(line.symbol, D(0)) + (line.pnl or D(0))
    assert found == results
    with reader(sqlite_engine) as session:
        cash = sum((row.amount for row in rows(sqlite_engine, CashMovement)), D(0))
        assert balance(session, 1) == sum(results.values()) + cash
    again = import_trades(sqlite_engine, 1, file, NOW)
    assert (again.new, again.changed, again.cash) == ([], [], [])


def test_what_the_broker_calls_a_point_is_found_out(sqlite_engine):
    account(sqlite_engine)
    import_trades(sqlite_engine, 1, source("metatrader5.html"), NOW)
    assert {row.name: row.point_value for row in rows(sqlite_engine, Symbol)} == {
        "EURUSD": D(100_000),
        "XAUUSD": D(100),
    }
    euro = rows(sqlite_engine, Trade)[0]
    # 0.5 lots with a stop of 20 pips.
    assert (euro.risk, euro.r_multiple) == (D(100), 1.215)


def test_a_later_file_goes_on_with_what_is_open(engine):
    account(engine)
    import_trades(engine, 1, table("2026-03-02 10:00,X,buy,10,100,1,a"), NOW)
    later = table(
        "2026-03-02 10:00,X,buy,10,100,1,a", "2026-03-03 10:00,X,sell,4,101,1,b", "2026-03-04 10:00,X,sell,9,102,3,c"
    )
    preview = preview_import(engine, 1, later, NOW)
    assert [(line.trade_id, line.fills) for line in preview.changed] == [(1, 2)]
    import_trades(engine, 1, later, NOW)
    first, second = rows(engine, Trade)
    # 4 x 1 + 6 x 2 less 1 + 1 + 2; what is sold beyond opens a short of 3 with a third of the fee.
    assert (first.status, first.pnl, first.version) == ("closed", D(12), 2)
    assert (second.direction, second.open_quantity, second.pnl) == (-1, D(3), D(-1))
    assert import_trades(engine, 1, later, NOW).known == 3


def test_a_position_of_metatrader_is_closed_by_the_next_report(sqlite_engine):
    account(sqlite_engine)
    import_trades(sqlite_engine, 1, source("metatrader4.html"), NOW)
    assert rows(sqlite_engine, Trade)[2].status == "open"
    closed = (SAMPLES / "metatrader4.csv").read_text().splitlines()[0] + "\n"
    closed += "100005;2026.03.05 09:00:00;buy;0,20;eurusd;1,10100;1,09900;0;2026.03.06 09:00:00;1,10200;0;0;0;20,00\n"
    report = import_trades(sqlite_engine, 1, Source("b.csv", "1" * 64, read_file(closed.encode())), NOW)
    assert ([line.trade_id for line in report.changed], report.known) == ([3], 1)
    assert (rows(sqlite_engine, Trade)[2].pnl, rows(sqlite_engine, Trade)[2].status) == (D(20), "closed")


def test_nothing_that_is_there_is_overwritten(sqlite_engine):
    account(sqlite_engine)
    import_trades(
        sqlite_engine, 1, table("2026-03-02 10:00,X,buy,10,100,1,a", "2026-03-02 11:00,X,sell,10,101,1,b"), NOW
    )
    other = table(
        "2026-03-02 10:00,X,buy,10,99,1,a",
        "2026-03-02 11:00,X,sell,10,101,1,b",
        "2026-03-02 12:00,X,buy,1,100,1,c",
        "2026-03-02 12:00,X,buy,1,100,1,c",
        "2026-04-02 12:00,X,buy,1,100,1,d",
    )
    report = import_trades(sqlite_engine, 1, other, NOW)
    assert [(item.line, item.reason) for item in report.rejected] == [
        (2, "execution table:a is in the journal with 10 at 100.0: kept"),
        (6, "it lies in the future (2026-04-02 12:00 UTC)"),
    ]
    assert (len(report.new), report.known) == (1, 3)
    late = import_trades(sqlite_engine, 1, table("2026-03-01 10:00,X,sell,1,100,1,e"), NOW)
    assert [item.reason for item in late.rejected] == [
        "it is older than trades of X in the journal and would change them: clear the trades of X, and import its "
        "files again a day later, the oldest first"
    ]
    assert rows(sqlite_engine, Trade)[0].entry_price == 100.0


def test_cleared_trades_do_not_come_back_with_the_file(sqlite_engine):
    account(sqlite_engine)
    file = source("tradingview.csv")
    import_trades(sqlite_engine, 1, file, NOW)
    scope = Scope("trades", account_id=1)
    clear_history(sqlite_engine, scope, preview_clearing(sqlite_engine, scope).confirmation, NOW)
    report = import_trades(sqlite_engine, 1, file, NOW)
    assert [item.reason for item in report.rejected][:2] == [
        "its trade was cleared: undo that, or import it a day later"
    ] * 2
    purge_cleared(sqlite_engine, NOW + timedelta(days=1))
    assert len(import_trades(sqlite_engine, 1, file, NOW + timedelta(days=1)).new) == 1


def test_a_symbol_of_the_desk_is_used_however_it_is_cased(sqlite_engine):
    account(sqlite_engine)
    with writer(sqlite_engine) as session:
        make_symbol(session, "EURUSD", point_value=D(100_000), lot_step=D("0.01"))
    report = import_trades(sqlite_engine, 1, source("metatrader4.html"), NOW)
    assert [one.name for one in report.symbols] == ["xauusd"]


FLEX = "ClientAccountID,CurrencyPrimary,Symbol,Buy/Sell,Quantity,TradePrice,DateTime,IBCommission,IBExecID\n"
FLEX_XML = """<FlexQueryResponse><Trades>
<Trade accountId="U1" currency="USD" symbol="A" buySell="BUY" quantity="9" tradePrice="10" dateTime="20260302;093000"
 ibExecID="e1"/>
<Trade accountId="U1" currency="USD" symbol="A" buySell="SELL" quantity="-9" tradePrice="12" dateTime="20260302;103000"
 ibExecID="e2"/></Trades></FlexQueryResponse>"""


def test_an_execution_is_known_in_every_format_of_its_broker(engine):
    account(engine)
    rows_ = "U1,USD,A,BUY,9,10,20260302;093000,0,e1\nU1,USD,A,SELL,-9,12,20260302;103000,0,e2\n"
    assert len(import_trades(engine, 1, of((FLEX + rows_).encode()), NOW).new) == 1
    again = import_trades(engine, 1, of(FLEX_XML.encode()), NOW)
    assert (again.new, again.known, again.rejected) == ([], 2, [])
    zone = {"zone": "America/New_York"}
    assert len(import_trades(engine, 1, source("tradovate_performance.csv", **zone), NOW).new) == 2
    fills = import_trades(engine, 1, source("tradovate_fills.csv", **zone), NOW)
    assert (fills.new, fills.known) == ([], 2)


def test_executions_imported_under_the_names_of_before_are_known(sqlite_engine):
    account(sqlite_engine)
    rows_ = "U1,USD,A,BUY,9,10,20260302;093000,0,e1\nU1,USD,A,SELL,-9,12,20260302;103000,0,e2\n"
    import_trades(sqlite_engine, 1, of((FLEX + rows_).encode()), NOW)
    import_trades(sqlite_engine, 1, source("tradovate_performance.csv"), NOW)
    before = {"ibkr:e1": "ibkr-flex-csv:e1", "tradovate:81001": "tradovate-performance:81001-81002:in"}
    before |= {"ibkr:e2": "ibkr-flex-csv:e2", "tradovate:81002": "tradovate-performance:81001-81002:out"}
    ctrader = (SAMPLES / "ctrader.csv").read_bytes()
    import_trades(sqlite_engine, 1, of(ctrader, day_first=True), NOW)
    with writer(sqlite_engine) as session:
        for fill in session.exec(select(TradeFill).where(col(TradeFill.external_id).startswith("ctrader:"))):
            # Only the position's number, as before its parts had names.
            fill.external_id = f"ctrader:{fill.external_id[8:12]}:{fill.external_id.rpartition(':')[2]}"
        for fill in session.exec(select(TradeFill)):
            fill.external_id = before.get(fill.external_id, fill.external_id)
    for file in (FLEX_XML.encode(), (SAMPLES / "tradovate_fills.csv").read_bytes()):
        again = import_trades(sqlite_engine, 1, of(file), NOW)
        assert (again.new, again.changed, again.known) == ([], [], 2)
    # With a line more, so that it is not the file of before.
    again = import_trades(sqlite_engine, 1, of(ctrader + b"\n", day_first=True), NOW)
    assert (again.new, again.changed, again.known) == ([], [], 4)


def test_an_order_filled_in_parts_is_several_executions(sqlite_engine):
    account(sqlite_engine)
    head = "Time,Symbol,Side,Quantity,Price,{}\n"
    rows_ = "2026-03-02 10:00,A,Buy,60,10,77\n2026-03-02 10:01,A,Buy,40,10,77\n2026-03-02 12:00,A,Sell,100,11,78\n"
    for name in ("Order ID", "Trade ID"):
        report = import_trades(sqlite_engine, 1, of((head.format(name) + rows_).encode()), NOW)
        # The second file is the first with another heading.
        assert ([line.pnl for line in report.new], report.known) == (([D(100)], 0) if name == "Order ID" else ([], 3))


def test_a_table_in_another_time_zone_is_not_booked_twice(sqlite_engine):
    account(sqlite_engine)
    text = "Time,Symbol,Side,Quantity,Price\n2026-03-02 10:00,A,Buy,10,10\n2026-03-02 11:00,A,Sell,10,11\n"
    import_trades(sqlite_engine, 1, of(text.encode()), NOW)
    longer = text + "2026-03-03 10:00,A,Buy,5,10\n"
    report = import_trades(sqlite_engine, 1, of(longer.encode(), zone="Europe/Berlin"), NOW)
    assert (report.known, len(report.new)) == (2, 1)
    # The same instants, written otherwise.
    iso = "\n".join(
        f"{line[:10]}T{line[11:16]}:00Z{line[16:]}" if line[:1] == "2" else line for line in text.split("\n")
    )
    assert import_trades(sqlite_engine, 1, of(iso.encode()), NOW).known == 2
    # Imported before times counted as they are written: only the file itself tells.
    with writer(sqlite_engine) as session:
        for fill in session.exec(select(TradeFill)):
            fill.external_id = f"table:#{fill.id}"
    with pytest.raises(DeskError, match="was imported on 2026-03-10 with another time zone"):
        preview_import(sqlite_engine, 1, of(text.encode(), zone="Europe/Berlin"), NOW)


def test_older_history_is_booked_beside_an_open_trade_where_it_comes_out_flat(engine):
    account(engine)
    import_trades(engine, 1, table("2026-03-03 10:00,A,buy,100,11,0,m1", "2026-03-05 10:00,A,sell,40,12,0,m2"), NOW)
    flat = ("2026-01-02 10:00,A,buy,50,10,0,j1", "2026-01-05 10:00,A,sell,50,12,0,j2")
    report = import_trades(engine, 1, table(*flat, "2026-03-06 10:00,A,sell,60,12,0,m3"), NOW)
    assert ([line.pnl for line in report.new], [line.pnl for line in report.changed]) == ([D(100)], [D(100)])
    # The journal has an exit alone, as a short; its entry would make it another trade.
    import_trades(engine, 1, table("2026-03-03 10:00,B,sell,10,11,0,b2"), NOW)
    entry = table("2026-02-03 10:00,B,buy,10,10,0,b1", "2026-03-04 10:00,B,buy,10,10,0,b3")
    report = import_trades(engine, 1, entry, NOW)
    assert (report.new, report.changed, [item.line for item in report.rejected]) == ([], [], [2, 3])
    assert "clear the trades of B" in report.rejected[0].reason
    assert report.rejected[1].reason == "earlier executions of B in this file could not be booked: see there"


def test_what_follows_an_open_trade_that_was_cleared_waits(sqlite_engine):
    account(sqlite_engine)
    lines = ("2026-03-02 09:30,A,buy,100,10,0,x1", "2026-03-02 10:30,A,sell,100,11,0,x2")
    import_trades(sqlite_engine, 1, table(lines[0]), NOW)
    scope = Scope("trades", account_id=1)
    clearing = clear_history(sqlite_engine, scope, preview_clearing(sqlite_engine, scope).confirmation, NOW)
    for file in (table(*lines), table(lines[1])):
        report = import_trades(sqlite_engine, 1, file, NOW)
        assert (report.new, report.rejected[-1].reason) == (
            [],
            "an open trade of A was cleared: undo that, or import it a day later",
        )
    undo_clearing(sqlite_engine, clearing, NOW)
    assert [line.pnl for line in import_trades(sqlite_engine, 1, table(*lines), NOW).changed] == [D(100)]


@pytest.mark.parametrize("ids", [(4, 3), (3, 4)])
def test_at_one_instant_the_files_order_counts_either_way_round(sqlite_engine, ids):
    account(sqlite_engine)
    exit_, entry = (f"2026-03-02 12:00,A,{side},1,{price},0,{{}}" for side, price in (("sell", 11), ("buy", 10)))
    lines = (exit_, entry) if ids == (4, 3) else (entry, exit_)
    report = import_trades(
        sqlite_engine, 1, table(*(line.format(number) for line, number in zip(lines, ids, strict=True))), NOW
    )
    older = "2026-03-01 12:00,B,buy,1,10,0,1"
    both = (exit_.format(2).replace("A", "B"), older) if ids == (4, 3) else (older, exit_.format(2).replace("A", "B"))
    report.new += import_trades(sqlite_engine, 1, table(*both), NOW).new
    assert [(line.direction, line.pnl) for line in report.new] == [(1, D(1))] * 2
