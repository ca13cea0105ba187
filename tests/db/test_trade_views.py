"""What the Journal reads: one trade with all that belongs to it, a page of trades, every decided signal."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import numpy as np
import pandas as pd

from core.stats.outcomes import passed_on
from db.actions.edit_trades import edit_trade
from db.actions.playbooks import Rule, save_filter, save_playbook
from db.actions.positions import Part, close_part, move_stop
from db.engine import reader, writer
from db.models import ChartExport, SignalOutcome, Trade
from db.views import outcomes, trades
from db.views.figures import figures
from db.views.journal import TradeFilter
from db.views.journal import trades as all_trades
from tests.factories import NOW, make_account, make_run, make_signal, make_strategy, make_symbol, make_trade


def test_one_trade_comes_with_all_that_belongs_to_it(engine):
    with writer(engine) as session:
        account, symbol = make_account(session), make_symbol(session)
        make_trade(session, account=account, symbol=symbol, opened_at=NOW - timedelta(hours=3))
        for once, status in (("trade-1-entry", "done"), ("trade-1-exit", "failed"), ("trade-11-entry", "done")):
            row = {"subject": "trade", "subject_id": 1, "format": "png", "theme": "dark", "title": once, "scale": 1}
            session.add(ChartExport(**row, once=once, status=status, request={}, width=9, height=9, created_at=NOW))
    book = save_playbook(engine, None, 0, "Plan", "", [Rule("One"), Rule("Two")], NOW)
    version = close_part(engine, 1, 1, Part(Decimal(100), 103.0, NOW - timedelta(hours=2)), NOW)
    version = move_stop(engine, 1, version, 100.5, NOW - timedelta(hours=1), NOW, "Trail")
    edit_trade(engine, 1, version, {"tags": ["news"], "playbook_id": book, "rules": {2: False}}, NOW)
    save_playbook(engine, book, 1, "Plan", "", [Rule("One", 1)], NOW)
    with reader(engine) as session:
        found = trades.trade_detail(session, 1)
        assert found is not None
        assert [(fill.kind, fill.quantity) for fill in found.fills] == [("entry", 250), ("exit", 100)]
        assert [one.field for one in found.changes] == ["open_quantity", "stop", "tags", "playbook_id", "rules"]
        assert (found.said["tags"], found.said["rules"]) == (["news"], {"2": False})
        assert [chart.once for chart in found.charts] == ["trade-1-entry"]
        assert found.row["symbol"] == "SIM-EURUSD"
        assert [one.text for one in trades.rules(session, book)] == ["One"]
        assert {one.text for one in trades.rules(session, book, [2])} == {"One", "Two"}
        assert trades.trade_detail(session, 2) is None
    with writer(engine) as session:
        session.get_one(Trade, 1).deleted_at = NOW
    with reader(engine) as session:
        assert trades.trade_detail(session, 1) is None


def test_a_page_of_trades_keeps_the_order_it_was_asked_in(engine):
    with writer(engine) as session:
        account, symbol = make_account(session), make_symbol(session)
        for _ in range(4):
            make_trade(session, account=account, symbol=symbol)
        session.get_one(Trade, 3).deleted_at = NOW
    edit_trade(engine, 4, 1, {"tags": ["b", "a"]}, NOW)
    save_filter(engine, "journal", "Mine", {"side": "Long"}, NOW)
    with reader(engine) as session:
        assert trades.trades_by_id(session, [2, 3, 4, 1])["id"].tolist() == [2, 4, 1]
        assert trades.trades_by_id(session, []).empty
        assert trades.tags_of(session, [1, 4]) == {4: ["a", "b"]}
        assert trades.saved_filters(session, "journal") == {"Mine": {"side": "Long"}}


def test_every_decided_signal_is_one_row_followed_or_not(engine):
    with writer(engine) as session:
        symbol, strategy, run = make_symbol(session), make_strategy(session), make_run(session)
        decided = (
            ("rejected", "News", 2.5),
            ("rejected", None, -1.0),
            ("accepted", None, None),
            ("expired", None, None),
        )
        for number, (status, reason, r) in enumerate((*decided, ("new", None, None))):
            fields = {"status": status, "reason": reason, "direction": 1 if number else -1}
            signal = make_signal(
                session, symbol=symbol, strategy=strategy, run=run, source_key=f"zone-{number}", **fields
            )
            if r is not None:
                state = "target" if r > 0 else "stop"
                row = {"signal_id": signal.id, "state": state, "result_r": r, "timeframe": 5, "through": 0}
                session.add(SignalOutcome(**row))
    with reader(engine) as session:
        found = outcomes.decisions(session, TradeFilter())
        assert found["status"].tolist() == ["expired", "accepted", "rejected", "rejected"]
        short = outcomes.decisions(session, TradeFilter(direction=-1))
        assert short["reason"].tolist() == ["News"]
        assert outcomes.decisions(session, TradeFilter(since=NOW + timedelta(days=1))).empty
    result = passed_on(found)
    assert (result.r_missed, result.r_saved) == (2.5, 1.0)
    assert [result.decisions[name].signals for name in ("accepted", "rejected", "ignored")] == [1, 2, 1]
    assert list(result.by_reason) == ["News", "ignored", "rejected"]


def test_the_fast_read_says_what_the_slow_one_says(engine):
    random = np.random.default_rng(3)
    with writer(engine) as session:
        account, symbol = make_account(session), make_symbol(session)
        for number in range(60):
            price, pnl = 100 * float(random.random()) + 1 / 3, Decimal(int(random.integers(-(10**9), 10**9))).scaleb(-8)
            fields = {"entry_price": price, "setup": ("", "a,b", "é \x1f'x")[number % 3], "rating": number % 5 or None}
            if number % 4:
                closed = NOW + timedelta(microseconds=int(random.integers(0, 10**12)))
                fields |= {"status": "closed", "closed_at": closed, "pnl": pnl, "r_multiple": price / 7}
            make_trade(session, account=account, symbol=symbol, **fields)
    with reader(engine) as session:
        slow = all_trades(session, TradeFilter(1))
        fast, light = figures(session, TradeFilter(1)), figures(session, TradeFilter(1), results=True)
        assert figures(session, TradeFilter(2)).empty
    for name in ("id", "direction", "entry_price", "r_multiple", "rating"):
        assert np.array_equal(fast[name].to_numpy(float), pd.to_numeric(slow[name]).to_numpy(float), equal_nan=True)
    for name in ("status", "symbol", "pnl"):
        assert fast[name].tolist() == slow[name].tolist(), name
    assert fast["setup"].tolist() == [one.replace("\x1f", fast_sign(engine)) for one in slow["setup"]]
    assert [None if pd.isna(one) else one for one in fast["closed_at"]] == [
        None if pd.isna(one) else one for one in slow["closed_at"]
    ]
    for name in light:
        pd.testing.assert_series_equal(light[name], fast[name])


def fast_sign(engine) -> str:
    """SQLite's read puts a sign of its own between texts: one inside of them becomes a space."""
    return " " if engine.dialect.name == "sqlite" else "\x1f"
