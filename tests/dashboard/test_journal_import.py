"""A broker's file on the Journal page: what it would add is shown, corrected and then written."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Engine
from sqlmodel import select

from db.engine import reader
from db.models import Symbol, Trade
from tests.dashboard.pages_under_test import open_page, run, text

FILE = b"Time,Symbol,Side,Quantity,Price\n2026-03-02 10:00,MESH6,Buy,1,5000\n2026-03-02 11:00,MESH6,Sell,1,5010\n"


def test_what_a_point_is_worth_is_shown_and_may_be_corrected(sqlite_desk: Engine) -> None:
    at = open_page("journal")
    run(at, at.segmented_control(key="journal_view").set_value("Import"))
    at.file_uploader(key="import_file_0").set_value(("t.csv", FILE, "text/csv"))
    assert "5 USD" in text(run(at))
    assert "contract MES<" in text(at)
    run(at, at.toggle(key="import_correct").set_value(True))
    run(at, at.text_input(key="import_value_MESH6").set_value("nothing"))
    assert "worth a number above zero" in " ".join(one.value for one in at.error)
    run(at, at.text_input(key="import_value_MESH6").set_value("4"))
    assert "entered here" in text(at)
    run(at, at.button(key="import_write").click())
    with reader(sqlite_desk) as session:
        assert session.exec(select(Symbol.point_value).where(Symbol.name == "MESH6")).one() == Decimal(4)
        assert session.exec(select(Trade.pnl).where(Trade.import_id == 1)).one() == Decimal(40)
