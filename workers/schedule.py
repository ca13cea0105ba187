"""The clock: RQ's cron scheduler, which starts one thin job a minute.

What is due is decided by that job from the data base (`workers.tasks.market.tick`), so a minute that nobody saw is made
up for by the next one, and several clocks at once do no harm: the job's id is the minute.
"""

from __future__ import annotations

import logging
import time

from redis.exceptions import RedisError
from rq.cron import CronJob, CronScheduler
from rq.utils import now

from core import jobs
from core.errors import ChartroomError
from core.timeframe import MINUTE_MS
from workers.pool import REDIS_PATIENCE
from workers.queue import redis_url, require_redis, submit
from workers.tasks.market import tick

EVERY_MINUTE = "* * * * *"


class Clock(CronScheduler):
    """RQ's scheduler, with job ids that make a job of the same minute unique: its own `register` knows no ids."""

    def enqueue_jobs(self) -> list[CronJob]:
        """Submit what is due."""
        due = [job for job in self.get_jobs() if job.should_run()]
        for job in due:
            self.submit_tick()
            job.set_enqueue_time(now())
        return due

    def submit_tick(self) -> bool:
        """Ask for the tick of this minute; False when another clock has."""
        minute = time.time_ns() // 1_000_000 // MINUTE_MS * MINUTE_MS
        return submit(jobs.tick(minute), connection=self.connection)


def run_scheduler() -> None:
    """Run until told to stop. The first tick comes at once: a new desk has its bars before the first minute is over.

    Raises:
        SettingsError: no Redis.
    """
    clock = Clock(require_redis(redis_url(), REDIS_PATIENCE), logging_level=logging.WARNING)
    clock.log.setLevel(logging.WARNING)
    clock.register(tick, jobs.MARKET, cron=EVERY_MINUTE)
    try:
        clock.submit_tick()
        clock.start()
    except RedisError as error:
        raise ChartroomError(f"The queue went away ({error}).") from error
