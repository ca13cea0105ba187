"""What a person says about trades, and history that is cleared."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from PIL import Image

from core.errors import ConflictError, DeskError, EditConflictError, NotFoundError
from db.actions.clear import Scope, clear_history, preview_clearing, purge_cleared, undo_clearing, undoable
from db.actions.decide import accept_signal
from db.actions.edit_trades import BulkEdit, BulkEdited, edit_trade, edit_trades
from db.actions.playbooks import Rule, drop_filter, save_filter, save_playbook, write_day_note
from db.actions.positions import ManualTrade, open_trade
from db.actions.trade_images import add_image, remove_image
from db.engine import reader, writer
from db.models import DayNote, PlaybookRule, SavedFilter, Signal, SignalVote, Trade, TradeChange, TradeFill, TradeImage
from db.store.accounts import balance
from db.views import journal, signals
from tests.db.desk import open_desk, rows, trade_of
from tests.factories import NOW, make_account, make_signal, make_symbol, make_trade

D = Decimal
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def desk(sqlite_engine):
    """An account with two open trades and one that was closed with a profit of 50."""
    with writer(sqlite_engine) as session:
        account, symbol = make_account(session), make_symbol(session)
        for _ in range(2):
            make_trade(session, account=account, symbol=symbol)
        make_trade(session, account=account, symbol=symbol, status="closed", pnl=D(50), closed_at=NOW)
    return sqlite_engine


def test_a_trade_is_described(engine):
    with writer(engine) as session:
        make_trade(session, account=make_account(session), symbol=make_symbol(session))
    playbook = save_playbook(engine, None, 0, "Breakout", "", [Rule("Volume rises"), Rule("Not before news")], NOW)
    first, second = (rule.id for rule in rows(engine, PlaybookRule))
    values = {"setup": " Breakout ", "emotion": "calm", "rating": 4, "note": "# Plan", "playbook_id": playbook}
    values |= {"tags": ["A+", "trend", "A+"], "rules": {first: True, second: False}}
    assert edit_trade(engine, 1, 1, values, LATER) == 2
    assert edit_trade(engine, 1, 2, values, LATER) == 2
    with reader(engine) as session:
        wanted = journal.TradeFilter(
            tags=(next(iter(journal.tag_names(session))),), ratings=(4, 5), setups=("Breakout",)
        )
        found = journal.trades(session, wanted)
        assert journal.trades(session, journal.TradeFilter(emotions=("afraid",))).empty
    assert found.loc[0, ["setup", "emotion", "rating", "note"]].tolist() == ["Breakout", "calm", 4, "# Plan"]
    changed = {row.field: (row.before, row.after) for row in rows(engine, TradeChange)}
    assert changed["tags"] == ([], ["A+", "trend"])
    assert changed["rules"] == ({}, {str(first): True, str(second): False})


def test_the_second_of_two_tabs_is_told_and_sees_the_difference(desk):
    edit_trade(desk, 1, 1, {"note": "Mine was first", "rating": 5}, LATER)
    with pytest.raises(EditConflictError, match="Trade 1 was changed in the meantime") as told:
        edit_trade(desk, 1, 1, {"note": "Mine too", "setup": "Pullback"}, LATER)
    assert told.value.fields == {"note": ("Mine was first", "Mine too"), "setup": ("", "Pullback"), "rating": (5, None)}
    assert (trade_of(desk, 1).note, trade_of(desk, 1).setup) == ("Mine was first", "")
    edit_trade(desk, 1, 2, {"note": "Both"}, LATER)
    assert trade_of(desk, 1).note == "Both"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"pnl": 1}, "cannot be edited"),
        ({"rating": 6}, "from 1 to 5"),
        ({"setup": "x" * 81}, "more than 80"),
        ({"tags": ["x" * 41]}, "more than 40"),
        ({"playbook_id": 9}, "no playbook 9"),
        ({"rules": {9: True}}, "no rule 9"),
    ],
)
def test_a_description_that_cannot_be_is_refused(desk, values, sentence):
    with pytest.raises(DeskError, match=sentence):
        edit_trade(desk, 1, 1, values, LATER)
    assert trade_of(desk, 1).version == 1


def test_many_trades_are_edited_at_once(engine):
    with writer(engine) as session:
        account, symbol = make_account(session), make_symbol(session)
        for _ in range(3):
            make_trade(session, account=account, symbol=symbol)
    edit_trade(engine, 1, 1, {"tags": ["news", "trend"], "setup": "Gap"}, NOW)
    assert edit_trades(engine, {1: 2, 2: 1}, BulkEdit({"setup": "Gap"}, ["late"], ["news"]), LATER).changed == 2
    with reader(engine) as session:
        by_name = {name: key for key, name in journal.tag_names(session).items()}
        late = journal.trades(session, journal.TradeFilter(tags=(by_name["late"],)))
        news = journal.trades(session, journal.TradeFilter(tags=(by_name["news"],)))
    assert (late["id"].tolist(), late["setup"].tolist(), news.empty) == ([2, 1], ["Gap", "Gap"], True)
    with pytest.raises(NotFoundError, match="Trade 99"):
        edit_trades(engine, {3: 1, 99: 1}, BulkEdit({"setup": "Lost"}), LATER)
    assert trade_of(engine, 3).setup == ""


def test_an_edit_of_many_leaves_alone_what_another_tab_changed(desk):
    edit_trade(desk, 1, 1, {"setup": "A: careful words"}, NOW)
    done = edit_trades(desk, {1: 1, 2: 1}, BulkEdit({"setup": "B"}), LATER)
    assert done == BulkEdited(1, {1: 2})
    assert [trade_of(desk, one).setup for one in (1, 2)] == ["A: careful words", "B"]


def test_a_rule_that_is_reworded_is_another_rule(sqlite_engine):
    save_playbook(sqlite_engine, None, 0, "Breakout", "", [Rule("One"), Rule("Two")], NOW)
    save_playbook(sqlite_engine, 1, 1, "Breakout", "", [Rule("Two", 2), Rule("Uno", 1)], LATER)
    found = [(row.text, row.position, row.archived_at) for row in rows(sqlite_engine, PlaybookRule)]
    assert found == [("One", 0, LATER), ("Two", 0, None), ("Uno", 1, None)]
    with pytest.raises(EditConflictError):
        save_playbook(sqlite_engine, 1, 1, "Other", "", [], LATER)
    with pytest.raises(ConflictError, match="'Breakout' already"):
        save_playbook(sqlite_engine, None, 0, "Breakout", "", [], LATER)


def test_notes_of_a_day_and_saved_filters(engine):
    with writer(engine) as session:
        make_account(session)
    day = date(2026, 11, 20)
    assert write_day_note(engine, 1, day, 0, "Calm", NOW) == 1
    assert write_day_note(engine, 1, day, 1, "Calm, then not", NOW) == 2
    with pytest.raises(EditConflictError) as told:
        write_day_note(engine, 1, day, 1, "Wild", NOW)
    assert told.value.fields == {"text": ("Calm, then not", "Wild")}
    with reader(engine) as session:
        assert session.get_one(DayNote, (1, day)).text == "Calm, then not"
    save_filter(engine, "journal", "Longs", {"direction": 1}, NOW)
    save_filter(engine, "journal", " Longs ", {"direction": 1, "status": "closed"}, NOW)
    (kept,) = rows(engine, SavedFilter)
    assert (kept.name, kept.definition) == ("Longs", {"direction": 1, "status": "closed"})
    drop_filter(engine, "journal", "Longs")
    assert rows(engine, SavedFilter) == []


def picture(kind="PNG", size=(40, 30)):
    file = io.BytesIO()
    Image.new("RGB", size, "navy").save(file, kind)
    return file.getvalue()


def test_a_screenshot_is_kept_under_its_hash(desk, tmp_path):
    image_id = add_image(desk, tmp_path, 1, picture("JPEG"), " Entry ", NOW)
    (row,) = rows(desk, TradeImage)
    assert (row.format, row.width, row.height, row.caption) == ("jpeg", 40, 30, "Entry")
    assert (tmp_path / row.path).read_bytes() == picture("JPEG")
    remove_image(desk, image_id, LATER)
    remove_image(desk, image_id, LATER + timedelta(1))
    assert rows(desk, TradeImage)[0].removed_at == LATER


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg onload=alert(1)>",
        picture("GIF"),
        picture()[:60],
        b"0" * (10 * 2**20 + 1),
        picture(size=(9000, 9000)),
    ],
    ids=["empty", "svg", "gif", "cut", "large", "pixels"],
)
def test_what_is_no_screenshot_is_refused(desk, tmp_path, content):
    with pytest.raises(DeskError):
        add_image(desk, tmp_path, 1, content, "", NOW)
    assert (rows(desk, TradeImage), list(tmp_path.rglob("*.png"))) == ([], [])


def held(engine):
    with reader(engine) as session:
        return balance(session, 1), len(journal.trades(session, journal.TradeFilter(1)))


def test_cleared_trades_are_gone_and_come_back(engine):
    with writer(engine) as session:
        account, symbol = make_account(session), make_symbol(session)
        other = make_symbol(session, "SIM-XAUUSD")
        make_trade(session, account=account, symbol=symbol, status="closed", pnl=D(50), closed_at=NOW)
        make_trade(session, account=account, symbol=other, status="closed", pnl=D(7), closed_at=NOW)
    scope = Scope("trades", account_id=1, symbol_id=1)
    preview = preview_clearing(engine, scope)
    assert (preview.count, preview.confirmation) == (1, "clear trades of Practice in SIM-EURUSD 1")
    for typed in ("", "clear trades of Practice in SIM-EURUSD 2"):
        with pytest.raises(DeskError, match="Type 'clear trades of Practice in SIM-EURUSD 1'"):
            clear_history(engine, scope, typed, NOW)
    clearing = clear_history(engine, scope, preview.confirmation, NOW)
    assert held(engine) == (D(100_007), 1)
    with pytest.raises(NotFoundError):
        edit_trade(engine, 1, 1, {"note": "?"}, NOW)
    with pytest.raises(DeskError, match="nothing to clear"):
        clear_history(engine, scope, preview.confirmation, NOW)
    with reader(engine) as session:
        assert [one.id for one in undoable(session, LATER)] == [clearing]
    assert undo_clearing(engine, clearing, LATER) == 1
    assert held(engine) == (D(100_057), 2)
    with pytest.raises(ConflictError, match="undone already"):
        undo_clearing(engine, clearing, LATER)


def test_after_a_day_what_was_cleared_is_gone_for_good(engine, tmp_path):
    signal_id = open_desk(engine)
    trade_id = accept_signal(engine, signal_id, None, NOW)
    edit_trade(engine, trade_id, 1, {"tags": ["x"], "note": "y"}, NOW)
    add_image(engine, tmp_path, trade_id, picture(), "", NOW)
    scope = Scope("trades", account_id=1)
    clearing = clear_history(engine, scope, preview_clearing(engine, scope).confirmation, NOW)
    assert purge_cleared(engine, NOW + timedelta(hours=23, minutes=59)).images == []
    (path,) = purge_cleared(engine, NOW + timedelta(days=1)).images
    assert (tmp_path / path).is_file()
    assert purge_cleared(engine, NOW + timedelta(days=2)).images == []
    assert [rows(engine, table) for table in (Trade, TradeFill, TradeChange, TradeImage)] == [[], [], [], []]
    with pytest.raises(ConflictError, match="gone for good"):
        undo_clearing(engine, clearing, LATER)
    with reader(engine) as session:
        assert session.get_one(Signal, signal_id).status == "accepted"


def test_cleared_signals_leave_those_that_became_trades(engine):
    signal_id = open_desk(engine)
    with writer(engine) as session:
        first = session.get_one(Signal, signal_id)
        keys = {"strategy_id": first.strategy_id, "symbol_id": first.symbol_id, "run_id": first.run_id}
        other = make_signal(session, source_key="zone-2", **_objects(session, keys)).id
        session.add(SignalVote(signal_id=other or 0, family="a", name="b", vote=1, weight=1, strength=1, detail=""))
    accept_signal(engine, signal_id, None, NOW)
    scope = Scope("signals", symbol_id=1)
    clear_history(engine, scope, "clear signals of SIM-EURUSD 1", NOW)
    with reader(engine) as session:
        assert signals.signal_list(session, signals.SignalFilter(), 10)["id"].tolist() == [signal_id]
        assert signals.signal_detail(session, other or 0) is None
        assert signals.signal_counts(session) == {"new": 0, "accepted": 1, "rejected": 0, "expired": 0}
    with pytest.raises(NotFoundError):
        accept_signal(engine, other or 0, None, NOW)
    purge_cleared(engine, NOW + timedelta(days=1))
    assert [row.id for row in rows(engine, Signal)] == [signal_id]
    assert rows(engine, SignalVote) == []


def _objects(session, keys):
    from db.models import Run, Strategy, Symbol

    return {
        "strategy": session.get_one(Strategy, keys["strategy_id"]),
        "symbol": session.get_one(Symbol, keys["symbol_id"]),
        "run": session.get_one(Run, keys["run_id"]),
    }


def test_the_filter_knows_results_and_times(desk):
    open_trade(desk, 1, ManualTrade(1, 1, D(1), 100.0, NOW - timedelta(days=3)), NOW)

    def ids(**fields):
        with reader(desk) as session:
            return sorted(journal.trades(session, journal.TradeFilter(1, **fields)).get("id", []))

    assert ids(results=("win",)) == [3]
    assert ids(results=("loss", "even")) == []
    assert ids(since=NOW) == [1, 2, 3]
    assert ids(until=NOW) == [4]
    assert ids(status="open", direction=1) == [1, 2, 4]
