"""The pool of workers: RQ's, set so that the death of any process is noticed within half a minute."""

from __future__ import annotations

import importlib
import os
from multiprocessing.process import BaseProcess
from typing import Any

from redis.exceptions import RedisError
from rq import Worker
from rq.worker_pool import WorkerPool

from core.errors import ChartroomError
from core.jobs import ANALYST, QUEUES
from workers.heartbeats import LOG_LEVEL, Heartbeats
from workers.queue import give_up_unless_transient, redis_url, require_redis
from workers.renderer.start import start_for_pool
from workers.supervise.processes import die_with_parent

REDIS_PATIENCE = 30.0
"""Seconds that Redis may take to come up, or back with a long append-only file."""


class DeskWorker(Heartbeats, Worker):
    """RQ's worker with our heartbeats."""


class DeskPool(WorkerPool):
    """RQ's pool, quiet also about the workers it starts again.

    One of the workers leaves the analyst's queue alone: a model that thinks for minutes never keeps scans waiting.
    Where one worker was asked for, a second one does nothing but wait for the model.
    """

    def __init__(self, count: int, **options: Any) -> None:
        super().__init__(list(QUEUES), num_workers=max(count, 2), **options)
        self._others = [ANALYST] if count == 1 else list(QUEUES)
        self._prompt: str | None = None

    def get_worker_process(self, name: str, *arguments: Any, **options: Any) -> BaseProcess:
        """The process of a worker, on the queues that are its own."""
        every = self._queue_names
        if self._prompt in self.worker_dict:
            self._queue_names = self._others
        else:
            self._prompt, self._queue_names = name, [queue for queue in QUEUES if queue != ANALYST]
        try:
            return super().get_worker_process(name, *arguments, **options)
        finally:
            self._queue_names = every

    def start_worker(
        self, count: int | None = None, burst: bool = True, _sleep: float = 0, logging_level: str = LOG_LEVEL
    ) -> None:
        super().start_worker(count, burst, _sleep, LOG_LEVEL)


def run_pool(count: int) -> None:
    """Work on all queues with `count` processes, at least one and one for the model, until told to stop.

    Raises:
        SettingsError: no Redis.
    """
    client = require_redis(redis_url(), REDIS_PATIENCE)
    # A process of its own, started before the imports below make this one large: jobs only talk to it.
    start_for_pool()
    importlib.import_module("workers.preload").warm_up()
    importlib.import_module("workers.warm").compile_in_background()
    # Workers, their work-horses and their schedulers all are forks: none outlives its parent.
    os.register_at_fork(after_in_child=die_with_parent)
    pool = DeskPool(
        count,
        connection=client,
        worker_class=DeskWorker,
        exception_handlers=[give_up_unless_transient],
    )
    try:
        pool.start(logging_level=LOG_LEVEL)
    except RedisError as error:
        raise ChartroomError(f"The queue went away ({error}).") from error
