"""`python -m workers broker`: the one process that talks to brokers.

Its main thread is the single worker of the queue `broker`; another thread owns the connection. Both live and die
together, but a queue that is away for a moment does not close the connection.
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final
from uuid import uuid4

from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.job import Job
from rq.queue import Queue
from rq.scheduler import RQScheduler

from core.broker.login import Login
from core.jobs import BROKER
from core.settings import Settings
from db.engine import engine_for
from workers.broker.claim import claimed
from workers.broker.ibkr.config import IbkrConfig
from workers.broker.owner import Owner
from workers.broker.watched import WatchedIntents
from workers.heartbeats import HEARTBEAT, LOG_LEVEL, Heartbeats
from workers.queue import give_up_unless_transient, redis_url, require_redis

REDIS_PATIENCE: Final = 30.0


class BrokerWorker(Heartbeats, SimpleWorker):
    """RQ's worker without work-horses: jobs run in the process that owns the connection.

    It puts jobs that wait for another try back into the queue itself, where RQ would start a process for that.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.stopped = False
        self.clock = RQScheduler([BROKER], connection=self.connection, logging_level=LOG_LEVEL)

    def request_stop(self, signum: int | None, frame: FrameType | None) -> None:
        """Note it: RQ itself does so only while a job runs."""
        self.stopped = True
        super().request_stop(signum, frame)

    def run_maintenance_tasks(self) -> None:
        """RQ's own, and the jobs whose time has come."""
        super().run_maintenance_tasks()
        self.clock.acquire_locks()
        self.clock.enqueue_scheduled_jobs()

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Do the job, with signs of life meanwhile."""
        with self._alive(job):
            super().execute_job(job, queue)

    @contextmanager
    def _alive(self, job: Job) -> Iterator[None]:
        over = threading.Event()

        def speak() -> None:
            while not over.wait(HEARTBEAT):
                try:
                    self.maintain_heartbeats(job)
                except RedisError:
                    continue  # the worker itself finds out, after the job

        speaker = threading.Thread(target=speak, daemon=True)
        speaker.start()
        try:
            yield
        finally:
            over.set()
            speaker.join()


def run_broker(settings: Settings, config: Callable[[Login], IbkrConfig] = IbkrConfig.of) -> None:
    """Own the brokers and work on their queue until told to stop.

    Raises:
        BrokerError: another process owns them.
        SettingsError: no Redis.
    """
    # Everything it complains of reaches us as an event, and is said once and in words.
    logging.getLogger("ib_async").setLevel(logging.CRITICAL + 1)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    engine = engine_for(settings.database_url)
    with claimed(settings, engine) as claim:
        owner = Owner(engine, WatchedIntents(engine, now_ms), now_ms, claim, config)
        owner.start()
        try:
            _work(owner)
        finally:
            owner.close()


def _work(owner: Owner) -> None:
    """Work on the queue; with a new worker whenever the old one has given up."""
    while owner.failure is None:
        client = require_redis(redis_url(), REDIS_PATIENCE)
        worker = BrokerWorker(
            [BROKER],
            connection=client,
            name=f"broker-{uuid4().hex[:8]}",
            exception_handlers=[give_up_unless_transient],
        )
        # `rq info` lists a worker by its queues, and a queue only once it has had a job.
        client.sadd(Queue.redis_queues_keys, worker.queues[0].key)
        worker.work(logging_level=LOG_LEVEL)
        if worker.stopped:
            return


def now_ms() -> int:
    """The wall clock, UTC ms."""
    return time.time_ns() // 1_000_000
