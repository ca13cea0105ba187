"""The pages as a process: how Streamlit is started, and whether it answers."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request

from core.settings import Settings
from workers.supervise.shell import ROOT

ANYWHERE = ("0.0.0.0", "::")


def become_dashboard(settings: Settings) -> None:
    """Turn this process into Streamlit serving `dashboard/app.py`."""
    os.chdir(ROOT)  # Streamlit looks for .streamlit/config.toml in the working directory
    options = {
        "server.address": settings.host,
        "server.port": str(settings.port),
        "server.headless": "true",
        "browser.gatherUsageStats": "false",
    }
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py"]
    os.execv(sys.executable, command + [f"--{name}={value}" for name, value in options.items()])


def address(settings: Settings) -> str:
    """What to type into a browser on this machine."""
    host = "127.0.0.1" if settings.host in ANYWHERE else settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def answers(settings: Settings) -> bool:
    """Whether the pages can be opened."""
    try:
        with urllib.request.urlopen(f"{address(settings)}/_stcore/health", timeout=2) as response:
            return bool(response.status == 200)  # noqa: PLR2004
    except (urllib.error.URLError, OSError):
        return False
