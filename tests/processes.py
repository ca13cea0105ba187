"""Processes for tests in which several act at once: each is forked from one that has imported what they need."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from typing import Any

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(
    ["workers.preload", "db.migrate", "db.seed", "tests.db.desk", "tests.workers.broker.killed"]
)
PATIENCE = 200.0


def at_once(act: Callable[..., object], count: int, *arguments: Any) -> None:
    """Do the same in `count` processes with this one's environment; fails when one of them does."""
    started = [PROCESSES.Process(target=_inside, args=(dict(os.environ), act, arguments)) for _ in range(count)]
    for process in started:
        process.start()
    for process in started:
        process.join(PATIENCE)
    assert [process.exitcode for process in started] == [0] * count


def _inside(environment: dict[str, str], act: Callable[..., object], arguments: Sequence[Any]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    act(*arguments)
