"""The one Alembic history serves both data bases: up, down, and nothing left to migrate."""

import multiprocessing

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect
from sqlmodel import SQLModel

import db.models  # noqa: F401  (fills the metadata)
from core.errors import SettingsError
from db.engine import engine_for
from db.migrate import config, upgrade


def run(engine, step, *arguments):
    with engine.begin() as connection:
        settings = config()
        settings.attributes["connection"] = connection
        step(settings, *arguments)


def tables(engine):
    return set(inspect(engine).get_table_names())


def test_models_and_migrations_agree(engine):
    run(engine, command.check)
    assert tables(engine) == set(SQLModel.metadata.tables) | {"alembic_version"}


def test_down_and_up_again(engine):
    run(engine, command.downgrade, "base")
    assert tables(engine) == {"alembic_version"}
    upgrade(engine)
    run(engine, command.check)


def test_an_upgrade_of_the_newest_schema_changes_nothing(engine):
    upgrade(engine)
    run(engine, command.check)


def test_every_migration_can_be_undone_one_by_one(engine):
    for _ in ScriptDirectory.from_config(config()).walk_revisions():
        run(engine, command.downgrade, "-1")
    assert tables(engine) == {"alembic_version"}


def test_a_desk_of_the_first_schema_keeps_its_rows(engine):
    run(engine, command.downgrade, "0001")
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO symbol (name, description, source, vendor_symbol, calendar, currency, tick_size, point_value,"
            " lot_step, created_at) VALUES ('OLD', '', 'file', '', 'utc', 'USD', 0.01, 1, 1, '2026-01-02 03:04:05')"
        )
        connection.exec_driver_sql(
            "INSERT INTO lineage_step (kind, name, inputs, parameters, output, content_hash, code_version, status,"
            " started_at, finished_at) VALUES ('strategy', 'SMC', '{}', '{}', '{}', 'ab', '0.1', 'done',"
            " '2026-01-02 03:04:05', '2026-01-02 03:04:05')"
        )
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT name, asset_class FROM symbol").all() == [("OLD", "")]
        assert connection.exec_driver_sql("SELECT kind FROM lineage_step").all() == [("settings",)]


def migrate(url):
    upgrade(engine_for(url))


def test_two_processes_may_migrate_at_once(engine, database_url):
    run(engine, command.downgrade, "base")
    engine.dispose()
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=migrate, args=(database_url,)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
    assert [process.exitcode for process in both] == [0, 0]
    run(engine, command.check)


def test_a_data_base_that_does_not_answer_is_told():
    nobody = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none", connect_args={"connect_timeout": 2})
    with pytest.raises(SettingsError, match=r"does not answer \(.*\): check DATABASE_URL"):
        upgrade(nobody)
