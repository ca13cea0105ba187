"""The environment of the desk's processes, and the file that gives it to a shell: `. var/env`."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from core.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DESK = "CHARTROOM_DESK"
"""Variable that holds the process number of `up`, for those who have to leave when it has gone."""


def env_file(settings: Settings) -> Path:
    """Where the file for shells lies while a desk runs."""
    return settings.home / "env"


def desk_environment(settings: Settings, redis_url: str, inherited: Mapping[str, str]) -> dict[str, str]:
    """What every process of the desk is started with."""
    return {
        **inherited,
        "CHARTROOM_HOME": str(settings.home),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": redis_url,
        "PATH": f"{_programs()}{os.pathsep}{inherited.get('PATH', os.defpath)}",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        DESK: str(os.getpid()),
    }


def write_env(settings: Settings, redis_url: str) -> None:
    """Write the file, readable by its owner only: it holds the queue's password.

    It names the queue RQ_REDIS_URL, which only tools read: a later `make run` in the same shell must not take the
    address of this desk's own Redis for a server that is to be used.
    """
    values = {
        "RQ_REDIS_URL": redis_url,
        "DATABASE_URL": settings.database_url,
        "CHARTROOM_HOME": str(settings.home),
        "PYTHONPATH": str(ROOT),
    }
    lines = [f"export {name}={shlex.quote(value)}" for name, value in values.items()]
    lines.append(f'export PATH={shlex.quote(str(_programs()))}:"$PATH"')
    path = env_file(settings)
    path.touch(mode=0o600, exist_ok=True)
    path.chmod(0o600)
    path.write_text("\n".join(lines) + "\n")


def _programs() -> Path:
    """The folder of `rq` and its like: that of the interpreter, not of what the interpreter is a link to."""
    return Path(sys.executable).parent
