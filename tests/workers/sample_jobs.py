"""Jobs for tests of the queue. They talk to the test through its Redis."""

from __future__ import annotations

import os

from core.errors import MarketDataError, MarketDataUnavailableError
from workers.queue import connection


def hold(name: str) -> str:
    """Tell who runs, wait for leave on the first attempt, then leave the result."""
    client = connection()
    client.rpush(f"{name}:attempts", f"{os.getppid()} {os.getpid()}")
    if client.llen(f"{name}:attempts") == 1:
        client.blpop([f"{name}:leave"], timeout=100)
    client.incr(f"{name}:done")
    return name


def count(name: str) -> None:
    """Leave a mark."""
    connection().incr(f"{name}:done")


def unreachable() -> None:
    """What a feed raises when the network is gone."""
    raise MarketDataUnavailableError("The source does not answer.")


def mistaken() -> None:
    """What a feed raises for a symbol that nobody knows."""
    raise MarketDataError("No such symbol.")
