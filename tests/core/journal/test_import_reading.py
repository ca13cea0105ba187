"""What a broker's file leaves open, and what stands in it by mistake."""

import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from openpyxl import Workbook

from core.journal.imports.read import read_file
from core.journal.imports.rows import ImportFileError, Options

D = Decimal


def lines(parsed):
    return [one.line for one in parsed.rejected]


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


def prices(text, **options):
    found = read_file(text.encode(), Options(**options))
    return [(one.quantity, one.price) for one in found.deals], [one.reason for one in found.rejected]


def test_one_decimal_sign_counts_for_the_whole_file():
    head, line = "Time;Symbol;Side;Quantity;Price\n", "2026-03-02 1{};X;buy;{};{}\n"
    german = head + line.format("0:00", "0,100", "148,25") + line.format("1:00", "1.500", "148,375")
    assert prices(german) == ([(D("0.1"), D("148.25")), (D(1500), D("148.375"))], [])
    open_ = head + line.format("0:00", "1", "18.250") + line.format("1:00", "2", "18")
    refused = "the price '18.250' can be read in two ways: choose which decimal sign the file has"
    assert prices(open_) == ([(D(2), D(18))], [refused])
    assert prices(open_, decimal=",")[0][0] == (D(1), D(18250))
    # A comma parts the cells here: it is nobody's decimal sign.
    assert prices(open_.replace(";", ","))[0][0] == (D(1), D("18.25"))
    book, file = Workbook(), io.BytesIO()
    book.active.append(head.strip().split(";"))
    book.active.append([datetime(2026, 3, 2, 10), "X", "buy", 1234.567, 148.375])
    book.save(file)
    assert [(one.quantity, one.price) for one in read_file(file.getvalue()).deals] == [(D("1234.567"), D("148.375"))]


def test_one_order_of_day_and_month_counts_for_the_whole_file():
    head, line = "Time,Symbol,Side,Quantity,Price\n", "{} 10:00,X,buy,1,2\n"
    days = "".join(line.format(day) for day in ("02/03/2026", "25/03/2026"))
    assert [one.at for one in read_file((head + days).encode()).deals] == [at(2026, 3, 2, 10), at(2026, 3, 25, 10)]
    assert lines(read_file((head + days).encode(), Options(day_first=False))) == [3]
    either = read_file((head + line.format("02/03/2026")).encode())
    assert either.deals[0].at == at(2026, 2, 3, 10)
    assert either.notes == ["No date says whether day or month comes first: 02/03/2026 is read with the month first."]
    with pytest.raises(ImportFileError, match=r"day first \(25/03/2026\), others the month \(03/25/2026\)"):
        read_file((head + days + line.format("03/25/2026")).encode())


def test_a_price_below_a_millionth_keeps_its_figures():
    text = "Time,Symbol,Side,Quantity,Price\n2026-03-02 10:00,PEPE,buy,1000000,0.0000012345\n"
    assert prices(text) == ([(D(1_000_000), D("0.0000012345"))], [])


def test_a_stray_quotation_mark_takes_no_other_line_with_it():
    head, row = "Time,Symbol,Side,Quantity,Price,Note\n", "2026-03-02 1{}:00,{},buy,1,10,{}\n"
    good = [row.format(0, "A", "x"), row.format(2, "B", '"two lines,\nof a note"'), row.format(3, "C", 'a 5" pipe')]
    stray = row.format(1, '"A', "x")
    for text, bad in (
        (head + good[0] + stray + good[1] + good[2], [3]),
        (head + good[0] + stray + good[2] + row.format(4, 'A"', "") + good[1], [3]),
        (head + good[0] + stray + stray + good[1] + good[2], [3, 4]),
    ):
        found = read_file(text.encode())
        assert {deal.symbol for deal in found.deals} >= {"A", "B", "C"}
        assert lines(found) == bad
        assert "quotation mark" in found.rejected[0].reason
