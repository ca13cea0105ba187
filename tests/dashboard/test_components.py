"""Figures, escaping, colours, files: the parts that pages are made of."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

import pandas as pd
import pytest
from sqlalchemy import Engine
from sqlmodel import Session
from streamlit import config

from core.charts import theme
from dashboard.components import formats
from dashboard.components.equity import equity_payload
from dashboard.components.markup import markdown, tag
from dashboard.signals.decision import OTHER, rejection_reason
from dashboard.trades.tables import csv
from db.views.journal import TradeFilter, trades
from tests.dashboard.pages_under_test import ROOT


@pytest.mark.parametrize(("tick", "places"), [(0.00001, 5), (0.01, 2), (0.25, 2), (1.0, 0), (0.5, 1)])
def test_prices_have_the_ticks_decimals(tick: float, places: int) -> None:
    assert formats.decimals(tick) == places
    assert formats.price(1.5, tick) == f"{1.5:.{places}f}"


def test_figures_that_are_not_there() -> None:
    written = (formats.price(None, 0.1), formats.money(None), formats.multiple(float("nan")), formats.percent(None))
    assert written == ("-",) * 4


def test_money_and_sizes() -> None:
    assert formats.money(Decimal("1234.5"), "USD", signed=True) == "+1,234.50 USD"
    assert formats.money(Decimal("-0.5")) == "-0.50"
    # Nothing is not a loss.
    assert (formats.money(-0.001, "USD", signed=True), formats.multiple(-0.001)) == ("0.00 USD", "+0.00 R")
    assert formats.quantity(Decimal("12500.00")) == "12,500"
    assert formats.quantity(Decimal("0.030")) == "0.03"


@pytest.mark.parametrize(("seconds", "said"), [(-3, "0 s"), (60, "1 min"), (7300, "2 h"), (90_000, "1 d")])
def test_ages(seconds: float, said: str) -> None:
    assert formats.age(seconds) == said


def test_markup_escapes_text_and_attributes() -> None:
    assert tag("b", "<i>", title='"x"') == '<b title="&quot;x&quot;">&lt;i&gt;</b>'
    assert tag("p", tag("b", "&")) == "<p><b>&amp;</b></p>"


def test_markdown_has_no_active_character_left() -> None:
    assert markdown(":red[x] <b> $a$ [l](u)") == r"\:red\[x\] \<b\> \$a\$ \[l\]\(u\)"


def test_reasons() -> None:
    assert rejection_reason("News", " soon ") == "News: soon"
    assert rejection_reason("News", "") == "News"
    assert rejection_reason(OTHER, " mine ") == "mine"


def test_streamlit_has_the_desks_colours() -> None:
    written = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
    expected = {
        "primaryColor": theme.ACCENT,
        "backgroundColor": theme.BACKGROUND,
        "secondaryBackgroundColor": theme.PANEL,
        "textColor": theme.TEXT,
        "borderColor": theme.BORDER,
        "redColor": theme.DOWN,
        "greenColor": theme.UP,
        "yellowColor": theme.WARNING,
    }
    assert {name: written[name] for name in expected} == expected


def test_every_setting_is_one_that_streamlit_knows() -> None:
    known = set(config.get_config_options())
    for section, options in tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text()).items():
        assert {f"{section}.{name}" for name in options} <= known


def test_trades_closed_in_one_second_are_one_point() -> None:
    moment = pd.Timestamp(1_700_000_000, unit="s", tz="UTC")
    curve = pd.DataFrame({"time": [moment, moment, moment + pd.Timedelta("1min")], "balance": [100.0, 110.0, 90.0]})
    data = equity_payload(curve, 200)[0]["series"][0]["data"]
    assert data == [{"time": 1_700_000_000, "value": 110.0}, {"time": 1_700_000_060, "value": 90.0}]


def test_the_csv_is_exact_and_harmless(sqlite_desk: Engine) -> None:
    with Session(sqlite_desk) as session:
        found = trades(session, TradeFilter())
    found.loc[0, "note"] = '=HYPERLINK("http://x")'
    table = pd.read_csv(BytesIO(csv(found)), dtype=str)
    assert table.loc[0, "note"].startswith("'=")
    assert table.loc[0, "closed_at"] != table.loc[0, "closed_at"]
    assert [Decimal(value) for value in table["pnl"].dropna()] == [value for value in found["pnl"] if value is not None]
    assert datetime.fromisoformat(table.loc[1, "closed_at"]).tzinfo == UTC
