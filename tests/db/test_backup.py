"""The whole desk in one file, and back into an empty one, on the same data base or the other."""

import json
import os
import shutil
import struct
import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlmodel import SQLModel, select

from db.actions.accounts import Cash, book_cash, reverse_cash
from db.actions.close import close_trade
from db.actions.decide import accept_signal
from db.actions.edit_trades import edit_trade
from db.actions.playbooks import write_day_note
from db.backup import write_backup
from db.backup_manifest import BackupError
from db.engine import engine_for, reader, writer
from db.models import Symbol
from db.restore import restore_backup
from db.seed import seed
from db.store.accounts import balance
from tests.db.desk import open_desk
from tests.factories import NOW, make_account

D = Decimal


def furnish(engine, home):
    """A desk with a bit of everything."""
    signal_id = open_desk(engine)
    trade_id = accept_signal(engine, signal_id, None, NOW)
    edit_trade(engine, trade_id, 1, {"tags": ["a", "ü"], "note": "=1+1\n'quoted' \u2028", "rating": 3}, NOW)
    close_trade(
        engine, trade_id, 104.123456789, NOW + timedelta(hours=1), "", NOW + timedelta(hours=2), D("0.00000001")
    )
    reverse_cash(engine, book_cash(engine, 1, Cash("deposit", D("0.1"), NOW, "x", "y"), NOW), "z", "y", NOW)
    write_day_note(engine, 1, date(2026, 2, 28), 0, "Note", datetime(2026, 3, 1, 0, 0, 0, 7, tzinfo=UTC))
    for name in ("charts", "uploads"):
        (home / name / "ab").mkdir(parents=True)
        (home / name / "ab" / "one.png").write_bytes(name.encode())
    return {name: home / name for name in ("charts", "uploads")}


def content(engine):
    with engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in SQLModel.metadata.sorted_tables
        }


@pytest.fixture
def empty(request, sqlite_template, tmp_path):
    shutil.copyfile(sqlite_template, tmp_path / "other.db")
    yield (engine := engine_for(f"sqlite:///{tmp_path / 'other.db'}"))
    engine.dispose()


def home_of(tmp_path, name="new"):
    return {folder: tmp_path / name / folder for folder in ("charts", "uploads")}


def test_a_backup_restores_the_desk_on_either_data_base(engine, empty, tmp_path):
    """From SQLite to SQLite and from PostgreSQL to SQLite, row by row."""
    folders, file = furnish(engine, tmp_path / "old"), tmp_path / "desk.zip"
    made = write_backup(engine, folders, file, NOW)
    assert (made.files, made.made_at) == (2, NOW)
    restored = restore_backup(empty, home_of(tmp_path), file)
    assert (restored.contents, content(empty)) == (made, content(engine))
    assert (home_of(tmp_path)["uploads"] / "ab" / "one.png").read_bytes() == b"uploads"
    with reader(empty) as session, reader(engine) as other:
        assert balance(session, 1) == balance(other, 1)
    with pytest.raises(BackupError, match="exists already"):
        write_backup(engine, folders, file, NOW)


def test_a_backup_of_sqlite_goes_on_with_postgresql(engine, sqlite_template, tmp_path):
    shutil.copyfile(sqlite_template, tmp_path / "from.db")
    old = engine_for(f"sqlite:///{tmp_path / 'from.db'}")
    folders, file = furnish(old, tmp_path / "old"), tmp_path / "desk.zip"
    seed(old, NOW, simulated=True)
    write_backup(old, folders, file, NOW)
    restore_backup(engine, home_of(tmp_path), file)
    assert content(engine) == content(old)
    old.dispose()
    # Ids go on after those that were restored.
    with writer(engine) as session:
        assert make_account(session, "Next").id == 2
    with reader(engine) as session:
        assert len(session.exec(select(Symbol)).all()) == 7


def test_a_desk_that_is_not_empty_is_left_alone(sqlite_engine, empty, tmp_path):
    folders, file = furnish(sqlite_engine, tmp_path / "old"), tmp_path / "desk.zip"
    write_backup(sqlite_engine, folders, file, NOW)
    before = content(sqlite_engine)
    with pytest.raises(BackupError, match="This desk is not empty"):
        restore_backup(sqlite_engine, home_of(tmp_path), file)
    with pytest.raises(BackupError, match="has files already"):
        restore_backup(empty, folders, file)
    assert content(sqlite_engine) == before
    assert not any(content(empty).values())


def rewrite(file, target, change):
    """The same backup with parts changed: `change` maps (name, bytes) to bytes, or to None to leave one out."""
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(target, "w") as new:
        for item in old.infolist():
            found = change(item.filename, old.read(item))
            if found is not None:
                new.writestr(item.filename, found)


def of_manifest(edit):
    def change(name, data):
        if name != "manifest.json":
            return data
        found = json.loads(data)
        edit(found)
        return json.dumps(found)

    return change


def renamed(new):
    """A part of another name, in the list and in the file."""

    def edit(found):
        found["files"][new] = found["files"].pop("files/uploads/ab/one.png")

    return edit


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda name, data: data[:-1] + b"x" if name == "files/uploads/ab/one.png" else data, "was damaged or changed"),
        (
            lambda name, data: data.replace(b"Practice", b"practice") if name == "tables/account.jsonl" else data,
            "damaged",
        ),
        (lambda name, data: None if name == "tables/trade.jsonl" else data, "does not hold what"),
        (lambda name, data: None if name == "manifest.json" else data, "no backup of Chartroom"),
        (of_manifest(lambda found: found.update(format=9)), "format 9"),
        (of_manifest(lambda found: found.pop("format")), "no backup of Chartroom"),
        (of_manifest(lambda found: found["tables"]["trade"].pop("rows")), "no backup of Chartroom"),
        (of_manifest(lambda found: found["tables"]["trade"].update(rows=7)), "not the rows"),
        (of_manifest(lambda found: found["tables"].pop("trade")), "another release"),
        (of_manifest(renamed("files/uploads/../../evil.png")), "outside of the desk"),
        (of_manifest(renamed("/etc/cron.d/evil")), "outside of the desk"),
        (of_manifest(renamed("files/home/evil.png")), "outside of the desk"),
        (of_manifest(renamed("files/uploads/..\\evil.png")), "outside of the desk"),
        (of_manifest(renamed("files/uploads/C:/evil.png")), "outside of the desk"),
        (of_manifest(renamed("files/uploads//evil.png")), "outside of the desk"),
    ],
)
def test_a_backup_that_was_tampered_with_changes_nothing(sqlite_engine, empty, tmp_path, change, sentence):
    folders, file = furnish(sqlite_engine, tmp_path / "old"), tmp_path / "desk.zip"
    write_backup(sqlite_engine, folders, file, NOW)
    rewrite(file, tmp_path / "bad.zip", change)
    with pytest.raises(BackupError, match=sentence):
        restore_backup(empty, home_of(tmp_path), tmp_path / "bad.zip")
    assert not any(content(empty).values())
    assert not (tmp_path / "new").exists()


def test_files_of_any_name_come_back_and_what_cannot_is_left_out(sqlite_engine, empty, tmp_path):
    folders, file = furnish(sqlite_engine, tmp_path / "old"), tmp_path / "desk.zip"
    names = {".DS_Store", "Screenshot 1.png", "übersicht.png", "..png", "a b/10:20.png"}
    (folders["uploads"] / "a b").mkdir()
    for name in names | {"back\\slash.png"}:
        (folders["uploads"] / name).write_text(name)
    (folders["uploads"] / "link.png").symlink_to(tmp_path / "outside.png")
    (folders["uploads"] / os.fsdecode(b"bytes\xff.png")).write_text("x")
    made = write_backup(sqlite_engine, folders, file, NOW)
    assert set(made.left_out) == {"uploads/back\\slash.png", "uploads/link.png", "uploads/bytes\\udcff.png"}
    assert restore_backup(empty, home_of(tmp_path), file).contents == made
    uploads = home_of(tmp_path)["uploads"]
    assert {name: (uploads / name).read_text() for name in names} == {name: name for name in names}


def test_a_link_on_the_desk_leads_no_file_out(sqlite_engine, empty, tmp_path):
    folders, file = furnish(sqlite_engine, tmp_path / "old"), tmp_path / "desk.zip"
    write_backup(sqlite_engine, folders, file, NOW)
    (tmp_path / "new" / "uploads").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "new" / "uploads" / "ab").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BackupError, match="a link leads out"):
        restore_backup(empty, home_of(tmp_path), file)
    assert (list((tmp_path / "elsewhere").iterdir()), any(content(empty).values())) == ([], False)


def test_own_strategies_come_back_unrun_and_replace_none(sqlite_engine, empty, tmp_path):
    old, new, file = tmp_path / "old", tmp_path / "new" / "strategies", tmp_path / "desk.zip"
    folders = furnish(sqlite_engine, old) | {"strategies": old / "strategies"}
    runs = f"open({str(tmp_path / 'ran')!r}, 'w')"
    for folder, texts in ((folders["strategies"], (runs, "one", "theirs")), (new, (None, "one", "mine"))):
        folder.mkdir(parents=True)
        for name, content_of in zip(("fresh.py", "same.py", "other.py"), texts, strict=True):
            if content_of is not None:
                (folder / name).write_text(content_of)
    (folders["strategies"] / "levels.csv").write_text("1")
    made = write_backup(sqlite_engine, folders, file, NOW)
    assert (made.strategies, made.left_out) == (("fresh.py", "other.py", "same.py"), ("strategies/levels.csv",))
    done = restore_backup(empty, home_of(tmp_path) | {"strategies": new}, file)
    assert (done.contents, done.kept) == (made, ("other.py",))
    assert {one.name: one.read_text() for one in new.iterdir()} == {
        "fresh.py": runs,
        "same.py": "one",
        "other.py": "mine",
    }
    assert not (tmp_path / "ran").exists()


def test_damage_is_told_whichever_part_has_it(sqlite_engine, empty, tmp_path):
    folders, file = furnish(sqlite_engine, tmp_path / "old"), tmp_path / "desk.zip"
    write_backup(sqlite_engine, folders, file, NOW)
    whole = file.read_bytes()
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
    for part in parts:
        # 30 bytes of a header, then name and extra field, then what is packed.
        begins = part.header_offset + 30 + sum(struct.unpack_from("<HH", whole, part.header_offset + 26))
        for place in (begins, begins + part.compress_size // 2):
            damaged = bytearray(whole)
            damaged[place] ^= 0xFF
            (tmp_path / "bad.zip").write_bytes(damaged)
            with pytest.raises(BackupError):
                restore_backup(empty, home_of(tmp_path), tmp_path / "bad.zip")


def test_a_file_that_is_no_backup_is_told(empty, tmp_path):
    (tmp_path / "text.zip").write_text("hello")
    with pytest.raises(BackupError, match="no backup, or it is damaged"):
        restore_backup(empty, home_of(tmp_path), tmp_path / "text.zip")
    with pytest.raises(BackupError, match="cannot be read"):
        restore_backup(empty, home_of(tmp_path), tmp_path / "none.zip")
