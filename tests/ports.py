"""TCP ports on the loopback address, for tests that run side by side."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Final

# Below what systems hand out by themselves to clients and to servers on port 0, and a range for each test process:
# a port that was found free stays so until its server is up.
_FIRST: Final = 20_000
_EACH: Final = 1_500
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 8
_steps = count(os.getpid() % _EACH)


def free_port() -> int:
    """A port that nobody listens on, for a server that is about to start."""
    for step in _steps:
        port = _FIRST + _worker * _EACH + step % _EACH
        with socket.socket() as probe:
            # As servers do: a connection of before that the kernel still remembers is no hindrance.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("unreachable: the steps have no end")


@contextmanager
def closed_port() -> Iterator[int]:
    """A port that refuses every connection, and that nobody else can get meanwhile."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield int(held.getsockname()[1])
