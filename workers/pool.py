"""The pool of workers: RQ's, set so that the death of any process is noticed within half a minute."""

from __future__ import annotations

import importlib
import os
import time
from typing import Any

from redis.exceptions import RedisError
from rq import Worker
from rq.job import Job
from rq.suspension import is_suspended
from rq.worker import WorkerStatus
from rq.worker_pool import WorkerPool

from core.errors import ChartroomError
from core.jobs import QUEUES
from workers.queue import give_up_unless_transient, redis_url, require_redis
from workers.renderer.start import start_for_pool
from workers.supervise.processes import die_with_parent

# A worker that is killed with its work-horse cannot report it. Its job counts as abandoned when it has not been
# heard of for EXECUTION_TTL; the others look for such jobs every MAINTENANCE seconds, as often as their wait for a job
# (RQ derives it from WORKER_TTL: 15 s less) lets them.
HEARTBEAT = 5
EXECUTION_TTL = 15
MAINTENANCE = 10
WORKER_TTL = 25

REDIS_PATIENCE = 30.0
"""Seconds that Redis may take to come up, or back with a long append-only file."""

LOG_LEVEL = "WARNING"
"""A line per job would be six a minute for nothing; failures are warnings and errors."""


class DeskWorker(Worker):
    """RQ's worker with our heartbeats."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        settings = {
            "worker_ttl": WORKER_TTL,
            "maintenance_interval": MAINTENANCE,
            "job_monitoring_interval": HEARTBEAT,
        }
        super().__init__(*arguments, **{**settings, **options})

    def get_heartbeat_ttl(self, job: Job) -> int:
        """Seconds after which a job whose worker is silent counts as abandoned."""
        return EXECUTION_TTL

    def check_for_suspension(self, burst: bool) -> None:
        """Wait for `rq resume` with heartbeats: RQ's own loop sends none, and the worker vanishes from every list."""
        if burst or not is_suspended(self.connection, self):
            super().check_for_suspension(burst)
            return
        before = self.get_state()
        self.set_state(WorkerStatus.SUSPENDED)
        while not self._stop_requested and is_suspended(self.connection, self):
            self.heartbeat()
            time.sleep(1)
        self.set_state(before)


class DeskPool(WorkerPool):
    """RQ's pool, quiet also about the workers it starts again."""

    def start_worker(
        self, count: int | None = None, burst: bool = True, _sleep: float = 0, logging_level: str = LOG_LEVEL
    ) -> None:
        super().start_worker(count, burst, _sleep, LOG_LEVEL)


def run_pool(count: int) -> None:
    """Work on all queues with `count` processes until told to stop.

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
        list(QUEUES),
        connection=client,
        num_workers=count,
        worker_class=DeskWorker,
        exception_handlers=[give_up_unless_transient],
    )
    try:
        pool.start(logging_level=LOG_LEVEL)
    except RedisError as error:
        raise ChartroomError(f"The queue went away ({error}).") from error
