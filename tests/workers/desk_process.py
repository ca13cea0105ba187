"""A whole desk as a person starts it, in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
START = 60.0
T = TypeVar("T")


class DeskProcess:
    """`python -m workers up` on `home`, with its output at hand."""

    def __init__(self, home: Path, **variables: str) -> None:
        self.home = home
        self.port = free_port()
        self.lines: list[str] = []
        self.said = threading.Condition()
        environment = clean_environment(home, CHARTROOM_PORT=str(self.port), CHARTROOM_WORKERS="1", **variables)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "workers", "up"],
            env=environment,
            cwd=ROOT,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()
        self.family = [psutil.Process(self.process.pid)]

    def wait_for(self, text: str, seconds: float = START, times: int = 1) -> None:
        """Return once the desk has said `text`, `times` times in all."""
        with self.said:
            heard = self.said.wait_for(lambda: sum(text in line for line in self.lines) >= times, seconds)
        assert heard, f"never said {text!r}:\n{self.output}"

    @property
    def output(self) -> str:
        """Everything it has said so far."""
        return "".join(self.lines)

    def shell(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run `command` as the README says: `. var/env` first."""
        return subprocess.run(
            f'. "{self.home}/env" && {command}',
            shell=True,
            cwd=ROOT,
            text=True,
            capture_output=True,
            timeout=30,
            check=False,
        )

    def remember_family(self) -> list[psutil.Process]:
        """Every process that belongs to the desk now; kept, so that `left` can look for them later."""
        self.family += self.family[0].children(recursive=True)
        return self.family

    def find(self, pattern: str) -> psutil.Process:
        """The desk's process whose command line matches; keepers and honcho's helpers do not count."""

        def look() -> psutil.Process | None:
            for process in self.family[0].children(recursive=True):
                line = command_line(process)
                if re.search(pattern, line) and "supervise.keep" not in line:
                    return process
            return None

        return until(look, f"a process like {pattern}")

    def left(self, seconds: float = 10.0) -> list[str]:
        """Command lines of those who are still there after `seconds`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and any(map(alive, self.family)):
            time.sleep(0.1)
        return [command_line(process) for process in self.family if alive(process)]

    def stop(self, signum: signal.Signals = signal.SIGINT) -> int:
        """Ask it to stop; its exit code."""
        self.process.send_signal(signum)
        return self.process.wait(timeout=20)

    def end(self) -> None:
        """Whatever happened in the test: nothing stays."""
        if self.process.poll() is None:
            self.remember_family()
            self.process.kill()
            self.process.wait()
        for process in filter(alive, self.family):
            process.kill()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self.said:
                self.lines.append(line)
                self.said.notify_all()


def clean_environment(home: Path, **variables: str) -> dict[str, str]:
    """The test's environment without what would lead to another desk."""
    foreign = ("CHARTROOM_", "DATABASE_URL", "REDIS_URL", "RQ_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return {**kept, "CHARTROOM_HOME": str(home), "PYTHONPATH": str(ROOT), **variables}


def until(look: Callable[[], T | None], what: str, seconds: float = START, pause: float = 0.1) -> T:
    """The first true answer of `look`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(pause)
    raise AssertionError(f"there never was {what}")


def alive(process: psutil.Process) -> bool:
    """Whether it still runs (a zombie does not)."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def command_line(process: psutil.Process) -> str:
    """Its command line; empty when it has gone."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
