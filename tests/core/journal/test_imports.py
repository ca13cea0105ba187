"""Brokers' files, written by hand from the formats' documentation, whole and broken."""

import io
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from core.errors import ParameterError
from core.journal.imports import grid
from core.journal.imports.read import read_file
from core.journal.imports.rows import ImportFileError, Options

SAMPLES = Path(__file__).parent / "samples"
D = Decimal


def read(name, **options):
    return read_file((SAMPLES / name).read_bytes(), Options(**options))


def lines(parsed):
    return [one.line for one in parsed.rejected]


def brief(deal):
    return (deal.symbol, deal.side, deal.quantity, deal.price, deal.fee + deal.swap)


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_ibkr_flex_csv():
    found = read("ibkr_flex.csv", zone="America/New_York")
    assert found.format == "ibkr-flex-csv"
    assert [brief(deal) for deal in found.deals] == [
        ("AAPL", 1, D(60), D("150.25"), D("0.6")),
        ("AAPL", 1, D(40), D("150.25"), D("0.4")),
        ("AAPL", -1, D(100), D("152.25"), D("1.02")),
        ("ESH6", -1, D(2), D("5900.5"), D("4.5")),
        ("ESH6", 1, D(3), D("5890.5"), D("6.75")),
    ]
    assert found.deals[0].at == at(2026, 3, 2, 14, 30, 1)
    assert (found.deals[3].multiplier, found.deals[0].id) == (D(50), "ibkr:0000e0d5.65e2f1a1.01.01")
    assert [(row.kind, row.amount, row.id) for row in found.cash] == [
        ("deposit", 5000, "31001"),
        ("fee", D("-4.5"), "31002"),
    ]
    assert (found.rejected, found.ignored) == ([], 2)


def test_ibkr_flex_xml():
    found = read("ibkr_flex.xml")
    assert [brief(deal) for deal in found.deals] == [
        ("SAP", 1, D(10), D(200), D("3.3")),
        ("SAP", -1, D(10), D(210), D("3.6")),
    ]
    assert (found.deals[1].rate, found.deals[1].currency, found.deals[1].line) == (D("1.2"), "EUR", 7)
    assert [(row.kind, row.amount) for row in found.cash] == [("withdrawal", -250)]
    assert lines(found) == [8]


def test_metatrader_4_statement():
    found = read("metatrader4.html", zone="Europe/Athens")
    assert [brief(deal) for deal in found.deals] == [
        ("eurusd", 1, D("0.50"), D("1.1"), D(0)),
        ("eurusd", -1, D("0.50"), D("1.1025"), D("3.50")),
        ("xauusd", -1, D("0.10"), D(2900), D(0)),
        ("xauusd", 1, D("0.10"), D(2910), D("1.25")),
        ("eurusd", 1, D("0.20"), D("1.101"), D(0)),
    ]
    first, last = found.deals[:2]
    assert (first.at, first.stop, first.target) == (at(2026, 3, 2, 7, 30), None, D("1.105"))
    assert (last.stated, last.position, found.deals[2].stop) == (D(125), "metatrader:100002", None)
    assert [(row.kind, row.amount, row.text) for row in found.cash] == [("deposit", 10_000, "Deposit")]
    assert found.rejected == []


def test_metatrader_5_report():
    found = read("metatrader5.html")
    four = read("metatrader4.html")
    assert [brief(deal)[1:] for deal in found.deals] == [brief(deal)[1:] for deal in four.deals[:4]]
    assert [deal.stated for deal in found.deals] == [None, 125, None, -100]
    assert [(row.id, row.amount) for row in found.cash] == [("400001:balance", 10_000)]
    assert found.rejected == []


def test_metatrader_as_workbook_and_csv():
    book = Workbook()
    for line in grid.read_grid((SAMPLES / "metatrader5.html").read_bytes()):
        book.active.append(line.cells)
    file = io.BytesIO()
    book.save(file)
    html, sheet = read("metatrader5.html"), read_file(file.getvalue())
    assert [(deal.id, brief(deal), deal.at) for deal in sheet.deals] == [(d.id, brief(d), d.at) for d in html.deals]
    found = read("metatrader4.csv")
    assert [deal.position for deal in found.deals[::2]] == ["metatrader:100002", "metatrader:100007"]
    assert (lines(found), found.rejected[0].reason) == ([3], "it was closed before it was opened")


def test_ctrader():
    found = read("ctrader.csv", day_first=True)
    assert [brief(deal) for deal in found.deals[1::2]] == [
        ("EURUSD", -1, D("0.50"), D("1.1025"), D("3.50")),
        ("XAUUSD", 1, D(10), D(2910), D("1.25")),
    ]
    assert found.deals[0].at == datetime(2026, 3, 2, 9, 30, 0, 123000, tzinfo=UTC)
    assert (found.deals[1].stated, lines(found)) == (D(125), [4])


def test_tradingview_paper_trading():
    found = read("tradingview.csv")
    assert [(deal.symbol, deal.side, deal.price, deal.id) for deal in found.deals] == [
        ("AAPL", -1, D("155.2"), "tradingview-paper:9002"),
        ("AAPL", 1, D(150), "tradingview-paper:9001"),
    ]
    assert (lines(found), found.ignored) == ([5], 1)


def test_tradovate():
    fills = read("tradovate_fills.csv", zone="America/New_York")
    assert [(*brief(deal), deal.at) for deal in fills.deals] == [
        ("MNQH6", 1, D(2), D("21000.25"), D("0.78"), at(2026, 3, 2, 14, 30)),
        ("MNQH6", -1, D(2), D("21010.25"), D("0.78"), at(2026, 3, 2, 14, 45)),
    ]
    assert lines(fills) == [4]
    pairs = read("tradovate_performance.csv")
    assert [(deal.side, deal.stated) for deal in pairs.deals] == [(1, None), (-1, 40), (-1, None), (1, -20)]
    assert lines(pairs) == [4]


def test_a_table_of_ones_own():
    found = read("table.csv", mapping={"quantity": "Shares"})
    assert [(deal.side, deal.quantity, deal.fee) for deal in found.deals] == [
        (1, 60, D("0.5")), (1, 40, D("0.5")), (1, 40, D("0.5")), (-1, 140, D(1)),
    ]  # fmt: skip
    # Two lines that say the same are two executions, and get the same ids whenever they are read.
    assert len({deal.id for deal in found.deals}) == 4
    assert [deal.id for deal in found.deals] == [deal.id for deal in read("table.csv").deals]
    assert lines(found) == [6]
    swapped = b"When;What;Units;At;Way\n2026-03-02 10:00;X;1;2;buy\n"
    with pytest.raises(ImportFileError, match="say which columns are time, symbol, side, quantity, price"):
        read_file(swapped)
    mapping = {"time": "When", "symbol": "What", "quantity": "Units", "price": "At", "side": "Way"}
    assert read_file(swapped, Options(mapping=mapping)).deals[0].price == 2


def test_every_bad_line_is_reported_and_no_good_one_lost():
    found = read("ibkr_flex_broken.csv")
    assert [deal.id.rpartition(":")[2] for deal in found.deals] == ["A.1", "A.9"]
    assert [(one.line, one.reason) for one in found.rejected] == [
        (3, "the time '2026-13-02;093001' cannot be read"),
        (4, "the symbol is missing"),
        (5, "the quantity is 0"),
        (6, "the quantity 'sixty' is no number"),
        (7, "the tradeprice '-150.25' is not above zero"),
        (8, "'HOLD' is neither buy nor sell"),
        (9, "the quantity is missing"),
    ]
    cut = read("ibkr_flex_broken.xml")
    assert [deal.id for deal in cut.deals] == ["ibkr:00020057.1"]
    assert [one.line for one in cut.rejected] == [7, 8, 10]
    statement = read("metatrader4_broken.html")
    assert [deal.position for deal in statement.deals] == ["metatrader:100002"] * 2
    assert [one.reason for one in statement.rejected] == [
        "the size 'lots' is no number",
        "the time '2026.02.31 09:00:00' cannot be read",
    ]


XML = b'<?xml version="1.0"?>'
BOMB = XML + b'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><FlexQueryResponse>&b;</FlexQueryResponse>'
FILE = XML + b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><FlexQueryResponse>&a;</FlexQueryResponse>'


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"hello", "No line names the columns"),
        (b"\x00\x01\x02", "no table"),
        (b"PK\x03\x04 broken", "workbook cannot be read"),
        (BOMB, "refused"),
        (FILE, "refused"),
        (b'<?xml version="1.0"?><other/>', "no Flex statement"),
        (b"<?xml version='1.0'?>" + b"<a>" * 100, "nested too deeply"),
        (b"Ticket,Open Time,Type,Size,Item,Price\n", "holds no executions"),
        (b"x" * (grid.MOST_BYTES + 1), "30 MB are the most"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(content, sentence):
    with pytest.raises(ImportFileError, match=sentence):
        read_file(content)


def test_a_time_zone_that_does_not_exist_is_told():
    with pytest.raises(ParameterError, match="no time zone 'Mars'"):
        read("table.csv", zone="Mars")


GOOD = "2026-03-02 10:00:00,EURUSD,buy,1,1.1"


@settings(max_examples=60)
@given(st.lists(st.one_of(st.just(GOOD), st.text(st.characters(exclude_categories=["Cs"]), max_size=30)), max_size=12))
def test_whatever_stands_between_them_good_lines_are_read(rows):
    """A line of noise is reported or passed over; it never takes a good line with it."""
    rows = [row.replace("\r", " ").replace("\n", " ").replace("\x00", " ") for row in rows]
    text = "\n".join(["Time,Symbol,Side,Quantity,Price", GOOD, *rows])
    found = read_file(text.encode("utf-8"))
    assert len(found.deals) == 1 + rows.count(GOOD)
    assert len(found.deals) + len(found.rejected) <= 1 + len(rows)
