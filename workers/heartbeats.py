"""How RQ's workers say that they live: what the pool and the broker's worker have in common."""

from __future__ import annotations

import time
from typing import Any

from rq.job import Job
from rq.suspension import is_suspended
from rq.worker import WorkerStatus
from rq.worker.base import BaseWorker

# A worker that is killed with its work-horse cannot report it. Its job counts as abandoned when it has not been
# heard of for EXECUTION_TTL; the others look for such jobs every MAINTENANCE seconds, as often as their wait for a job
# (RQ derives it from WORKER_TTL: 15 s less) lets them.
HEARTBEAT = 5
EXECUTION_TTL = 15
MAINTENANCE = 10
WORKER_TTL = 25

LOG_LEVEL = "WARNING"
"""A line per job would be six a minute for nothing; failures are warnings and errors."""


class Heartbeats(BaseWorker):
    """RQ's worker, heard of every ten seconds, also while the queue is suspended."""

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
