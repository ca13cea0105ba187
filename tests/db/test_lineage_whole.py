"""The lineage of a whole desk: complete after what is done on one, and after its history was cleared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, func
from sqlmodel import select

from core.journal.imports.read import read_file
from db.actions.chart import load_chart, record_chart
from db.actions.clear import Scope, clear_history, preview_clearing, purge_cleared, undo_clearing
from db.actions.close import close_trade
from db.actions.decide import Ticket, accept_signal, reject_signal
from db.actions.import_trades import Source, import_trades
from db.actions.positions import ManualTrade, move_stop, open_trade
from db.actions.replay import replay_signal
from db.actions.strategies import StrategyDraft, create_strategy, edit_strategy
from db.engine import reader, writer
from db.models import ChartExport, LineageStep, Replay, Signal, Trade
from db.store.bars.series import store_bars
from tests.db.desk import kinds, rows, signal_of
from tests.db.test_chart import IMAGE
from tests.db.test_import_trades import SAMPLES
from tests.factories import make_account, make_symbol
from tests.lineage_check import check_lineage
from tests.real_bars import bars_before_a_signal
from workers.scanning import scan_one

DAILY = {"structure": "W1", "shift": "D1", "entry": "D1"}
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
D = Decimal


@pytest.fixture
def signal_ids(engine: Engine) -> list[int]:
    """Four signals of four strategies on the same bars of GOOG."""
    bars = bars_before_a_signal()
    with writer(engine) as session:
        make_account(session)
        symbol = make_symbol(session, "GOOG", source="sample", calendar="us_stocks")
        store_bars(session, symbol, bars)
        symbol_id = symbol.id
    drafts = [StrategyDraft(name, "smc_mtf", "0 0 * * *", DAILY, [symbol_id]) for name in "ABCD"]
    strategies = [create_strategy(engine, draft, NOW) for draft in drafts]
    edit_strategy(engine, strategies[0], 1, drafts[0], NOW)
    made = [scan_one(engine, one, symbol_id, bars.as_of) for one in strategies]
    assert all(made)
    return [signal_id for signal_id in made if signal_id is not None]


def use(engine: Engine, signal_ids: list[int]) -> list[int]:
    """One signal accepted and closed, one rejected, a chart, a replay, a trade by hand, an import; the trades' ids."""
    price = signal_of(engine, signal_ids[0]).entry
    assert check_lineage(engine) == 5 + 8 * len(signal_ids)
    first = accept_signal(engine, signal_ids[0], Ticket(price, D(1)), NOW)
    move_stop(engine, first, 1, price * 0.5, NOW, NOW)
    close_trade(engine, first, price * 1.01, NOW, "", NOW)
    reject_signal(engine, signal_ids[1], "Against the news", NOW)
    given = load_chart(engine, signal_ids[2])
    assert given is not None
    record_chart(engine, given, IMAGE, NOW, NOW)
    replay_signal(engine, signal_ids[2], NOW)
    by_hand = open_trade(engine, 1, ManualTrade(1, 1, D(1), price, NOW), NOW, limits=False)
    close_trade(engine, by_hand, price, NOW, "", NOW)
    file = Source("table.csv", "0" * 64, read_file((SAMPLES / "table.csv").read_bytes()))
    assert import_trades(engine, 1, file, NOW).new
    return [first, by_hand]


def clear(engine: Engine, scope: Scope) -> int:
    return clear_history(engine, scope, preview_clearing(engine, scope).confirmation, NOW)


def count(engine: Engine) -> int:
    with reader(engine) as session:
        return session.exec(select(func.count()).select_from(LineageStep)).one()


def test_a_desk_in_use_has_a_whole_lineage(engine, signal_ids):
    first, by_hand = use(engine, signal_ids)
    assert check_lineage(engine) > 9 * len(signal_ids)
    assert kinds(engine, "trade", by_hand) == ["settings", "trade", "close"]
    assert kinds(engine, "trade", first)[-5:] == ["signal", "decision", "trade", "stop", "close"]


def test_cleared_signals_take_their_steps_with_them_after_the_day(engine, signal_ids):
    use(engine, signal_ids)
    before = count(engine)
    undone = clear(engine, Scope("signals", symbol_id=1))
    assert undo_clearing(engine, undone, NOW + timedelta(hours=1)) == len(signal_ids) - 1
    clear(engine, Scope("signals", symbol_id=1))
    purge_cleared(engine, NOW + timedelta(hours=2))
    assert count(engine) == before == check_lineage(engine), "for a day all of it is there"
    purged = purge_cleared(engine, NOW + timedelta(days=1))
    assert purged.charts == [IMAGE.path]
    assert [row.id for row in rows(engine, Signal)] == [signal_ids[0]], "the one that became a trade"
    assert rows(engine, ChartExport) == rows(engine, Replay) == []
    # Eight steps of each scan, the rejection and the chart.
    assert check_lineage(engine) == before - 8 * (len(signal_ids) - 1) - 2
    assert kinds(engine, "signal", signal_ids[0]).count("bars") == 2


def test_cleared_trades_leave_the_signal_and_its_decision(engine, signal_ids):
    use(engine, signal_ids)
    before = count(engine)
    clear(engine, Scope("trades", account_id=1))
    purge_cleared(engine, NOW + timedelta(days=1))
    assert rows(engine, Trade) == []
    left = {step.kind for step in rows(engine, LineageStep)}
    assert left == {"settings", "bars", "events", "indicators", "votes", "signal", "decision", "chart", "import"}
    assert kinds(engine, "signal", signal_ids[0])[-1] == "decision"
    assert check_lineage(engine) < before


def test_everything_cleared_leaves_settings_and_imports_alone(engine, signal_ids):
    use(engine, signal_ids)
    clear(engine, Scope("trades", account_id=1))
    clear(engine, Scope("signals", symbol_id=1))
    purge_cleared(engine, NOW + timedelta(days=1))
    assert rows(engine, Signal) == rows(engine, Trade) == []
    assert {step.kind for step in rows(engine, LineageStep)} == {"settings", "import"}
    check_lineage(engine)
