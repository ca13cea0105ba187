"""Find the renderer of this machine, or start it: whoever needs it first does, and a lock lets one of them win."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from core.errors import RenderError
from core.settings import Settings
from workers.renderer.place import holder, place_in
from workers.supervise.shell import ROOT

OWNER: Final = "CHARTROOM_RENDERER_OWNER"
"""Variable with the process number of the pool of workers, for which the renderer stays. Without: the caller itself."""
PATIENCE_S: Final = 20.0
_POLL_S: Final = 0.02


def start_for_pool() -> None:
    """Start the renderer of this pool and go on at once; every work-horse will know whose it is."""
    os.environ[OWNER] = str(os.getpid())
    _start(_home())


def connected(deadline_s: float) -> socket.socket:
    """A connection to the renderer, which is started when there is none.

    Raises:
        RenderError: it does not come up, or cannot be reached.
        TimeoutError: the deadline passed before it had the time to come up.
    """
    home = _home()
    place, ends = place_in(home), time.monotonic() + min(PATIENCE_S, deadline_s)
    started: subprocess.Popen[bytes] | None = None
    while True:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(str(place.socket))
            return connection
        except (FileNotFoundError, ConnectionRefusedError):
            connection.close()
        except OSError as error:
            connection.close()
            raise RenderError(f"The renderer cannot be reached ({error.strerror}): restart the workers.") from error
        # Also when the one just started has left again: it found another that was about to leave.
        if started is None or started.poll() is not None:
            started = _start(home)
        if time.monotonic() > ends:
            if deadline_s < PATIENCE_S:
                raise TimeoutError
            raise RenderError("The renderer does not start: see what the workers say, and restart them.")
        time.sleep(_POLL_S)


def stop_frozen() -> None:
    """Kill a renderer that does not answer any more; its guard notices and takes the browser with it."""
    process = holder(place_in(_home()))
    if process is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, 9)


def _start(home: Path) -> subprocess.Popen[bytes]:
    owner = os.environ.get(OWNER) or str(os.getpid())
    quiet = subprocess.DEVNULL
    return subprocess.Popen(
        [sys.executable, "-m", "workers.renderer.server", str(home), owner],
        stdin=quiet,
        stdout=quiet,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )


def _home() -> Path:
    return Settings.from_mapping(os.environ).home
