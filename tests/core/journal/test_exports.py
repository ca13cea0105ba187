"""Tables as CSV, Excel and JSON, with text that a spreadsheet must not run."""

import csv
import io
import json
import zipfile
from datetime import UTC, datetime
from decimal import Decimal

import pandas as pd
from openpyxl import load_workbook

from core.journal.exports import Kind, write

D = Decimal
NOTES = ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\tx", "plain", "a=b", None, "bad\x07bell"]
FRAME = pd.DataFrame(
    {
        "note": NOTES,
        "pnl": [D("-0.10"), D("12345678901.12345678"), None, D(0), D("5E+2"), D(1), D(2), D(3), D(4)],
        "at": [datetime(2026, 3, 29, 1, 0, tzinfo=UTC)] * 9,
        "r": [float("nan"), -1.5, *[0.0] * 7],
        "rules": [{"a": ["=x"]}] * 9,
    },
    dtype=object,
)


def test_csv_keeps_amounts_exact_and_text_harmless():
    with zipfile.ZipFile(io.BytesIO(write({"trades": FRAME, "cash": FRAME[:0]}, Kind.CSV))) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("trades.csv").decode(), newline="")))
        assert archive.read("cash.csv").decode().strip() == "note,pnl,at,r,rules"
    assert [row["note"] for row in rows] == [
        "'=HYPERLINK(1)", "'+1", "'-1", "'@SUM(A1)", "'\tx", "plain", "a=b", "", "bad\x07bell",
    ]  # fmt: skip
    assert [row["pnl"] for row in rows[:5]] == ["-0.1", "12345678901.12345678", "", "0", "500"]
    assert (rows[0]["at"], rows[0]["r"], rows[1]["r"]) == ("2026-03-29T01:00:00Z", "", "-1.5")
    assert json.loads(rows[0]["rules"]) == {"a": ["=x"]}


def test_excel_has_a_sheet_a_table_and_no_formula():
    book = load_workbook(io.BytesIO(write({"trades": FRAME, "cash": FRAME[:0]}, Kind.EXCEL)))
    assert book.sheetnames == ["trades", "cash"]
    cells = list(book["trades"].iter_rows(min_row=2))
    assert all(cell.data_type != "f" for row in cells for cell in row)
    assert (cells[0][0].value, cells[8][0].value) == ("'=HYPERLINK(1)", "badbell")
    # More digits than a sheet keeps: as text.
    assert (cells[0][1].value, cells[1][1].value, cells[2][1].value) == (-0.1, "12345678901.12345678", None)


def test_json_is_exact_and_says_what_was_typed():
    found = json.loads(write({"trades": FRAME}, Kind.JSON))["trades"]
    assert [row["note"] for row in found] == NOTES
    assert (found[0]["pnl"], found[0]["r"], found[0]["rules"]) == ("-0.1", None, {"a": ["=x"]})
