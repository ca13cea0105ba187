"""Many processes act on the same row at the same moment: one outcome, on both data bases."""

import pytest

from core.timeframe import Timeframe
from db.actions.decide import accept_signal
from db.engine import reader, writer
from db.models import Portfolio, PortfolioAccount, Symbol, Trade
from db.store import revision
from tests.db.desk import crowd, kinds, open_desk, rows, signal_of, trade_of
from tests.factories import NOW, NOW_MS, add, add_bars, make_account, make_bars


@pytest.fixture(scope="module")
def act():
    with crowd() as together:
        yield together


def changes(engine):
    with reader(engine) as session:
        return revision.current(session)


def test_eight_accepts_make_one_trade(engine, database_url, act):
    signal_id = open_desk(engine)
    outcomes = act(database_url, ["accept"] * 8, signal_id)
    (trade,) = rows(engine, Trade)
    assert outcomes == [("done", trade.id)] * 8
    assert signal_of(engine, signal_id).status == "accepted"
    assert kinds(engine, "trade", trade.id) == ["bars", "signal", "decision", "trade"]
    assert changes(engine) == 1


def test_accepts_and_rejects_have_one_outcome(engine, database_url, act):
    signal_id = open_desk(engine)
    outcomes = act(database_url, ["accept", "reject"] * 4, signal_id)
    status = signal_of(engine, signal_id).status
    won, lost = (outcomes[0::2], outcomes[1::2]) if status == "accepted" else (outcomes[1::2], outcomes[0::2])
    assert status in {"accepted", "rejected"}
    assert [kind for kind, _ in won] == ["done"] * 4
    assert [kind for kind, _ in lost] == ["ConflictError"] * 4
    assert len(rows(engine, Trade)) == (status == "accepted")
    assert kinds(engine, "signal", signal_id).count("decision") == 1
    assert changes(engine) == 1


def test_eight_closes_close_once(engine, database_url, act):
    trade_id = accept_signal(engine, open_desk(engine), None, NOW)
    outcomes = act(database_url, ["close"] * 8, trade_id)
    assert sorted(kind for kind, _ in outcomes) == ["ConflictError"] * 7 + ["done"]
    assert trade_of(engine, trade_id).status == "closed"
    assert kinds(engine, "trade", trade_id) == ["bars", "signal", "decision", "trade", "close"]
    assert changes(engine) == 2


def test_bars_and_people_settle_a_signal_once(engine, database_url, act):
    signal_id = open_desk(engine)
    with writer(engine) as session:
        symbol = session.get_one(Symbol, 1)
        add_bars(session, symbol, make_bars([(99.0, 99.0, 97.0, 98.0)], start=NOW_MS, timeframe=Timeframe.M5))
    outcomes = act(database_url, ["accept", "follow"] * 4, signal_id)
    signal = signal_of(engine, signal_id)
    expired = sum(count for _, count in outcomes[1::2])
    assert (signal.status, expired, len(rows(engine, Trade))) in {("accepted", 0, 1), ("expired", 1, 0)}
    assert {kind for kind, _ in outcomes[0::2]} == {"done" if signal.status == "accepted" else "ConflictError"}
    decided = {"decision", "expiry"} & set(kinds(engine, "signal", signal_id))
    assert decided == {"decision" if signal.status == "accepted" else "expiry"}
    assert changes(engine) == 1


def test_eight_choices_of_a_default_portfolio_leave_one(engine, database_url, act):
    with writer(engine) as session:
        account = make_account(session)
        for name in ("Swing", "Prop"):
            portfolio = add(session, Portfolio(name=name, created_at=NOW))
            add(session, PortfolioAccount(portfolio_id=portfolio.id, account_id=account.id))
        first = portfolio.id - 1
    assert {kind for kind, _ in act(database_url, ["ensure", "default", "default next", "default"] * 2, first)} == {
        "done"
    }
    assert [one.is_default for one in rows(engine, Portfolio)].count(True) == 1
