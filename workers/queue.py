"""How jobs get into RQ: the connection, one way to submit, and what is worth another try."""

from __future__ import annotations

import os
import time
from functools import lru_cache
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from redis import Redis
from redis.exceptions import AuthenticationError, RedisError, ResponseError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from rq import Queue, Retry
from rq.exceptions import AbandonedJobError, DuplicateJobError, NoSuchJobError
from rq.job import Job as QueuedJob
from rq.job import JobStatus
from sqlalchemy.exc import OperationalError

from core.errors import MarketDataUnavailableError, RenderError, SettingsError
from core.jobs import RESULT_TTL, RETRY_AFTER, Job

TRANSIENT = (
    MarketDataUnavailableError,
    RenderError,
    RedisConnectionError,
    RedisTimeoutError,
    OperationalError,  # the data base restarts, or another writer holds it for too long
    AbandonedJobError,  # the worker was killed in the middle
    ConnectionError,
    TimeoutError,
)
"""What may pass by itself. Anything else fails at once and shows on the Jobs page."""


def redis_url() -> str:
    """Where the queue lives.

    Raises:
        SettingsError: neither REDIS_URL nor RQ_REDIS_URL is set.
    """
    url = os.environ.get("REDIS_URL") or os.environ.get("RQ_REDIS_URL")
    if not url:
        raise SettingsError(
            "No queue is known here: start the desk with `make run` and type `. var/env` in this shell, "
            "or set REDIS_URL."
        )
    return url


def connection() -> Redis:
    """The process's one client of the queue's Redis."""
    return _client(redis_url())


@lru_cache(maxsize=4)
def _client(url: str) -> Redis:
    return Redis.from_url(url)


def submit(job: Job, *, front: bool = False, connection: Redis | None = None) -> bool:
    """Put `job` in its queue; False when the same job waits, runs or has just been done.

    `front` lets it overtake what waits, for what a person asked for.
    """
    queue = Queue(job.queue, connection=connection or _client(redis_url()))
    try:
        queue.enqueue(
            job.function,
            *job.arguments,
            **job.options(),
            retry=Retry(max=len(RETRY_AFTER), interval=list(RETRY_AFTER)),
            at_front=front,
        )
    except DuplicateJobError:
        return _revive(queue, job.job_id)
    return True


def _revive(queue: Queue, job_id: str) -> bool:
    """Queue a job again that says it is queued and is nowhere; whether that was so.

    RQ takes an id out of the queue a moment before it notes who works on it. A worker or Redis killed in between leaves
    a job that nobody will do and whose id keeps everybody else from asking for it. A job may pass through that moment
    alive, so it is only believed the second time it is asked for; every job of ours may run twice without harm.
    """
    try:
        found = QueuedJob.fetch(job_id, queue.connection)
    except NoSuchJobError:
        return False  # it has just been done and forgotten: the next one who asks finds the id free
    working = job_id in queue.started_job_registry
    if working or found.get_status() != JobStatus.QUEUED or queue.get_job_position(job_id) is not None:
        return False
    if queue.connection.set(f"chartroom:missing:{job_id}", 1, nx=True, ex=RESULT_TTL):
        return False
    queue.push_job_id(job_id)
    queue.connection.delete(f"chartroom:missing:{job_id}")
    return True


def give_up_unless_transient(
    job: QueuedJob, kind: type[BaseException], _error: Any, _trace: TracebackType | None
) -> bool:
    """RQ's exception handler: RQ would retry whatever was raised; a mistake only fails three times more.

    A killed work-horse raises nothing and never comes here, so it keeps its retries.
    """
    if not issubclass(kind, TRANSIENT):
        job.retries_left = 0
    return True


def require_redis(url: str, patience: float = 0.0) -> Redis:
    """A client of the server at `url`, which has answered; a server that is just starting gets `patience` seconds.

    Raises:
        SettingsError: it does not answer, or refuses the password.
    """
    deadline = time.monotonic() + patience
    while True:
        client = Redis.from_url(url, socket_connect_timeout=3, retry=None)
        try:
            client.ping()
            return _client(url)
        except (AuthenticationError, ResponseError) as error:
            raise SettingsError(f"Redis at {_place(url)} refuses us ({error}): correct REDIS_URL.") from error
        except RedisError as error:
            if time.monotonic() > deadline:
                raise SettingsError(
                    f"Redis at {_place(url)} does not answer: start it, or correct REDIS_URL; "
                    "without REDIS_URL `make run` starts its own."
                ) from error
            time.sleep(0.2)
        finally:
            client.close()


def _place(url: str) -> str:
    """Host and port of an address, without its password."""
    parts = urlsplit(url)
    return f"{parts.hostname or parts.path}:{parts.port or 6379}"
