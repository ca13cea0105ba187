"""Bring a data base to the newest schema."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from core.errors import SettingsError

FOLDER = Path(__file__).parent / "migrations"
# Any number will do, as long as every process of the desk uses the same one.
_LOCK = 7_240_117


def config() -> Config:
    """Alembic's settings without a file: the folder is ours, the connection is handed over."""
    settings = Config()
    settings.set_main_option("script_location", str(FOLDER))
    settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return settings


def upgrade(engine: Engine, target: str = "head") -> None:
    """Run every missing migration in one transaction; safe to call from several processes at once.

    Raises:
        SettingsError: the data base cannot be reached.
    """
    try:
        with engine.connect() as opened:
            connection = opened.execution_options(chartroom_write=True)
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
                settings = config()
                settings.attributes["connection"] = connection
                command.upgrade(settings, target)
    except OperationalError as error:
        raise SettingsError(
            f"The data base does not answer ({str(error.orig).strip().splitlines()[0]}): check DATABASE_URL."
        ) from error
