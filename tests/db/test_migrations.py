"""The one Alembic history serves both data bases: up, down, and nothing left to migrate."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import column, create_engine, insert, inspect
from sqlalchemy import table as rows_of
from sqlmodel import SQLModel, select
from sqlmodel.sql.sqltypes import AutoString

import db.models  # noqa: F401  (fills the metadata)
from core.errors import SettingsError
from db.engine import engine_for, reader
from db.migrate import config, upgrade
from db.models import Trade
from tests.processes import at_once

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


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


def put(connection, table, **values):
    """One row of a table of an older schema: the models may know columns that it does not have."""
    values = {"created_at": AT, "imported_at": AT, "opened_at": AT, "at": AT, "booked_at": AT} | values
    columns = SQLModel.metadata.tables[table].c
    there = {one["name"] for one in inspect(connection).get_columns(table)}
    plain = {one.name: "" for one in columns if isinstance(one.type, AutoString) and not one.nullable}
    row = {name: value for name, value in (plain | {"version": 1} | values).items() if name in there}
    connection.execute(insert(rows_of(table, *(column(name, columns[name].type) for name in row))).values(row))


def test_trades_of_the_first_schema_keep_the_value_they_were_booked_by(engine):
    """Two ES bought at 5000 by a file's multiplier 50, one sold at 5010: +500 less a fee of 2. Of 200 shares bought at
    JPY 2000, 100 sold at 2100: 67 USD as stated. A trade by hand, and one stated in dollars, have the symbol's value.
    """
    run(engine, command.downgrade, "0001")
    with engine.begin() as connection:
        for name, currency, value in (("ES", "USD", 1), ("7203", "JPY", 1), ("GOLD", "USD", 100)):
            put(connection, "symbol", name=name, currency=currency, tick_size=1, point_value=value, lot_step=1)
        risk = {"initial_balance": 1, "risk_percent": 1, "symbols": [], "sessions": [], "is_default": True}
        put(connection, "account", currency="USD", **risk)
        put(connection, "import_batch", account_id=1, new=1, known=0, rejected=0)
        for symbol, batch, quantity, price in ((1, 1, 2, 5000), (2, 1, 200, 2000), (3, None, 1, 2000), (3, 1, 2, 2000)):
            costs = {"fees": 0, "swap": 0, "direction": 1, "open_quantity": quantity, "status": "open"}
            row = {"symbol_id": symbol, "import_id": batch, "quantity": quantity, "entry_price": price}
            put(connection, "trade", account_id=1, **row, **costs)
        for row, kind, quantity, price, realised, stated in (
            (1, "entry", 2, 5000, 0, None), (1, "exit", 1, 5010, 498, None),
            (2, "entry", 200, 2000, 0, None), (2, "exit", 100, 2100, 65, 67),
            (3, "entry", 1, 2000, 0, None), (4, "entry", 2, 2000, 0, None), (4, "exit", 1, 2001, 97, 99),
        ):  # fmt: skip
            money = {"fee": 2 if kind == "exit" else 0, "swap": 0, "realised": realised, "stated": stated}
            put(
                connection, "trade_fill", account_id=1, trade_id=row, kind=kind, quantity=quantity, price=price, **money
            )
    upgrade(engine)
    with reader(engine) as session:
        found = session.exec(select(Trade.point_value, Trade.fx_rate).order_by(Trade.id)).all()
    assert found == [(50, 1), (1, Decimal("0.0067")), (100, 1), (100, 1)]
    run(engine, command.downgrade, "0001")
    upgrade(engine)


def migrate(url):
    upgrade(engine_for(url))


def test_two_processes_may_migrate_at_once(engine, database_url):
    run(engine, command.downgrade, "base")
    engine.dispose()
    at_once(migrate, 2, database_url)
    run(engine, command.check)


def test_a_data_base_that_does_not_answer_is_told():
    nobody = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none", connect_args={"connect_timeout": 2})
    with pytest.raises(SettingsError, match=r"does not answer \(.*\): check DATABASE_URL"):
        upgrade(nobody)
