"""`make run`: check, prepare, start, and leave nothing behind."""

from __future__ import annotations

import multiprocessing
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Message, Printer

from core.settings import Settings
from workers.supervise.home import claimed, prepare_home
from workers.supervise.ports import require_free
from workers.supervise.processes import adopt_orphans, terminate_descendants
from workers.supervise.redis_server import prepare_server
from workers.supervise.shell import ROOT, desk_environment, env_file, write_env


class QuietPrinter(Printer):
    """What the processes say, without honcho's own account of which it starts and stops."""

    def write(self, message: Message) -> None:
        if message.name != "system":
            super().write(message)


class DeskManager(Manager):
    """Honcho's manager, which may also be interrupted while it is still starting its processes."""

    def terminate(self) -> None:
        if not self._all_started():
            raise KeyboardInterrupt
        super().terminate()


def run_desk(settings: Settings) -> int:
    """Run the whole desk until Ctrl-C or SIGTERM and return the exit code.

    Raises:
        SettingsError: the machine or a setting does not allow it; one sentence says what to do.
    """
    adopt_orphans()
    prepare_home(settings.home)
    with claimed(settings.home):
        require_free(settings.host, settings.port)
        print("Preparing the data base ...", flush=True)
        prepare_data(settings)
        own = settings.redis_url is None
        url = _reachable(settings.redis_url) if settings.redis_url else prepare_server(settings)
        write_env(settings, url)
        try:
            return _supervise(desk_environment(settings, url, os.environ), own_redis=own)
        finally:
            terminate_descendants(grace=3.0)
            env_file(settings).unlink(missing_ok=True)


def prepare_data(settings: Settings) -> None:
    """Migrate, and load what a first run needs."""
    from db.engine import engine_for  # noqa: PLC0415  (a second of imports that the checks before need not wait for)
    from db.migrate import upgrade  # noqa: PLC0415
    from db.seed import seed  # noqa: PLC0415

    engine = engine_for(settings.database_url)
    upgrade(engine)
    seed(engine, datetime.now(UTC), settings.simulated)
    engine.dispose()


def _reachable(url: str) -> str:
    from workers.queue import require_redis  # noqa: PLC0415

    require_redis(url)
    return url


def _supervise(environment: dict[str, str], *, own_redis: bool) -> int:
    if "fork" in multiprocessing.get_all_start_methods():
        multiprocessing.set_start_method("fork", force=True)
    manager = DeskManager(QuietPrinter(sys.stdout))
    for name, command in parse_procfile(Path(ROOT, "Procfile").read_text()).processes.items():
        if name != "redis" or own_redis:
            manager.add_process(name, command, env=environment, cwd=str(ROOT))
    manager.loop()
    return 0 if manager.returncode in (130, 143) else 1
