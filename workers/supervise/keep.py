"""Keep one process of the desk alive: `python -m workers.supervise.keep COMMAND`, as the Procfile does.

Honcho ends everything when one of its processes ends. So each of them is a keeper that starts the real process again
when it dies, with a growing pause, and leaves when it is told to or when the desk itself has gone.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import psutil

from core.settings import Settings
from workers.supervise.dashboard import address, answers
from workers.supervise.processes import adopt_orphans, die_with_parent, end_descendants, is_alive
from workers.supervise.shell import DESK

POLL = 0.25
GRACE = 3.5
"""Seconds for a process to stop by itself. Honcho kills five seconds after the first one has stopped."""
PAUSES = (0.25, 1.0, 2.0, 5.0, 15.0, 30.0)
"""Seconds before the first, second ... start after a death."""
STABLE = 30.0
"""Seconds of life after which the next death counts as the first again."""


class Keeper:
    """Runs `command` again and again until it is asked to stop or `desk` (the process of `up`) is gone."""

    def __init__(
        self, name: str, command: list[str], desk: psutil.Process | None, announce: Callable[[], bool]
    ) -> None:
        self.name = name
        self.command = command
        self.desk = desk
        self.announce = announce
        self.stopping = False

    def run(self) -> None:
        """Return when everything this keeper started has gone."""
        adopt_orphans()
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, self._stop)
        deaths = 0
        while self._wanted():
            started = time.monotonic()
            code = self._live()
            end_descendants(GRACE)
            if not self._wanted():
                return
            deaths = 0 if time.monotonic() - started > STABLE else deaths
            pause = PAUSES[min(deaths, len(PAUSES) - 1)]
            deaths += 1
            print(f"{self.name} ended unexpectedly ({_reason(code)}); it starts again in {pause:g} s.", flush=True)
            self._wait(pause)

    def _live(self) -> int:
        """One life of the process; its exit code."""
        # In a session of its own, because honcho signals our whole group and it is for us to say when the child stops.
        child = subprocess.Popen(self.command, start_new_session=True, preexec_fn=die_with_parent)  # noqa: PLW1509
        announced = False
        while child.poll() is None and self._wanted():
            announced = announced or self.announce()
            time.sleep(POLL)
        if child.poll() is None:
            self._before_stop()
            child.terminate()
            end_descendants(GRACE)
        return child.wait()

    def _before_stop(self) -> None:
        """The queue stays until those who use it have said good-bye."""
        if self.name != "redis" or self.desk is None:
            return
        deadline = time.monotonic() + GRACE + 2 * POLL
        while time.monotonic() < deadline and self._siblings():
            time.sleep(POLL)

    def _siblings(self) -> list[psutil.Process]:
        try:
            children = self.desk.children() if self.desk else []
        except psutil.NoSuchProcess:
            return []
        return [child for child in children if child.pid != os.getppid() and is_alive(child)]

    def _wanted(self) -> bool:
        return not self.stopping and (self.desk is None or is_alive(self.desk))

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self._wanted():
            time.sleep(POLL)

    def _stop(self, *_: object) -> None:
        self.stopping = True


def main() -> None:
    """Keep `python -m workers COMMAND`, the desk being the process that the environment names."""
    name = sys.argv[1]
    settings = Settings.from_mapping(os.environ)
    command = [sys.executable, "-m", "workers", name]
    Keeper(name, command, _desk(), _announcement(name, settings)).run()


def _announcement(name: str, settings: Settings) -> Callable[[], bool]:
    def tell() -> bool:
        if name == "dashboard" and not answers(settings):
            return False
        if name == "dashboard":
            print(f"Chartroom is ready: {address(settings)}  (Ctrl-C stops it)", flush=True)
        return True

    return tell


def _desk() -> psutil.Process | None:
    pid = os.environ.get(DESK)
    if pid is None:
        return None
    try:
        return psutil.Process(int(pid))
    except psutil.NoSuchProcess:
        sys.exit(0)  # it has gone before we were up


def _reason(code: int) -> str:
    return f"by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


if __name__ == "__main__":
    main()
