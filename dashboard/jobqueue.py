"""What Redis knows about jobs and workers, read for people; the two things a person may do to a job,
and the jobs that a person asks for.

The dashboard never imports a worker: jobs are known by id, description and function name.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Retry, Worker
from rq.exceptions import DeserializationError, DuplicateJobError, InvalidJobOperation, NoSuchJobError
from rq.job import Job
from rq.registry import BaseRegistry, DeferredJobRegistry, FailedJobRegistry, ScheduledJobRegistry, StartedJobRegistry
from rq.suspension import is_suspended
from rq.worker import BaseWorker

from core.errors import ConflictError, NotFoundError, SettingsError
from core.jobs import ALL_QUEUES, BROKER, HEALTH_KEY, RETRY_AFTER
from core.jobs import Job as Task

LIST_LIMIT = 100
_TIMEOUT = 2.0
_SCHEDULER_LATE = 180.0
_WORKER_SILENT = 45.0


@dataclass(frozen=True)
class QueueState:
    """Jobs of one queue by what they are doing."""

    name: str
    waiting: int
    running: int
    scheduled: int
    deferred: int
    failed: int


@dataclass(frozen=True)
class WorkerState:
    """One worker process."""

    name: str
    state: str
    queues: str
    job: str
    done: int
    failed: int
    seen: datetime | None


@dataclass(frozen=True)
class JobState:
    """One job; `error` is the whole trace of its last attempt, empty when it has not failed."""

    id: str
    queue: str
    description: str
    arguments: str
    enqueued_at: datetime | None
    started_at: datetime | None
    due_at: datetime | None
    error: str
    retries_left: int | None

    @property
    def reason(self) -> str:
        """The last line of the trace: what went wrong."""
        lines = [line for line in self.error.splitlines() if line.strip()]
        return lines[-1].strip() if lines else ""


@dataclass(frozen=True)
class Health:
    """The one line about the machinery: workers of the pool that live, seconds since the scheduler's last tick (None:
    never).
    """

    workers: int
    suspended: bool
    tick_age: float | None

    @property
    def scheduler_late(self) -> bool:
        return self.tick_age is None or self.tick_age > _SCHEDULER_LATE


@dataclass(frozen=True)
class Overview:
    """Everything the Jobs page lists."""

    queues: list[QueueState]
    workers: list[WorkerState]
    running: list[JobState]
    waiting: list[JobState]
    failed: list[JobState]
    scheduled: list[JobState]


def address() -> str | None:
    """Where Redis is, by the environment; None when nothing names it."""
    return os.environ.get("REDIS_URL") or os.environ.get("RQ_REDIS_URL") or None


@contextmanager
def connected() -> Iterator[Redis]:
    """A connection for one read.

    Raises:
        SettingsError: no address is set, or nothing answers there.
    """
    url = address()
    if url is None:
        raise SettingsError("The job queue is not set up here: start the desk with make run, or set REDIS_URL.")
    try:
        with Redis.from_url(url, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT) as connection:
            yield connection
    except (RedisError, ValueError) as error:
        raise SettingsError(
            "The job queue does not answer: check that Redis runs and that REDIS_URL names it."
        ) from error


def health(now: datetime) -> Health:
    """Raises SettingsError, as `connected` does."""
    with connected() as connection:
        ticked = connection.get(HEALTH_KEY)
        pool = [worker for worker in Worker.all(connection=connection) if BROKER not in worker.queue_names()]
        alive = [worker for worker in pool if _alive(worker, now)]
        return Health(len(alive), bool(is_suspended(connection)), _tick_age(ticked, now))


def overview() -> Overview:
    """Raises SettingsError, as `connected` does."""
    with connected() as connection:
        queues = _queues(connection)
        return Overview(
            queues=[_queue_state(queue) for queue in queues],
            workers=[_worker_state(worker) for worker in Worker.all(connection=connection)],
            running=_listed(queues, StartedJobRegistry),
            waiting=[job for queue in queues for job in _jobs(queue, queue.get_job_ids(0, LIST_LIMIT))],
            failed=_listed(queues, FailedJobRegistry, newest_first=True),
            scheduled=_listed(queues, ScheduledJobRegistry),
        )


def retry(job_id: str) -> None:
    """Put a failed job back into its queue.

    Raises:
        SettingsError: Redis does not answer.
        NotFoundError, ConflictError: the job is gone, or is no longer failed.
    """
    with connected() as connection:
        job = _fetch(connection, job_id)
        try:
            FailedJobRegistry(job.origin, connection=connection).requeue(job)
        except InvalidJobOperation as error:
            raise ConflictError(
                "This job is no longer among the failed ones: it was retried already.", job_id
            ) from error


def cancel(job_id: str) -> None:
    """Take a job that has not started out of its queue, or a failed one off the list; nothing of it is kept.

    Raises:
        SettingsError: Redis does not answer.
        NotFoundError, ConflictError: the job is gone, or is running.
    """
    with connected() as connection:
        job = _fetch(connection, job_id)
        if job.is_started:
            raise ConflictError(
                "This job is running and cannot be cancelled: it ends by itself or at its time limit.", job_id
            )
        job.delete()


def submit(tasks: Iterable[Task]) -> int:
    """Put what a person asked for at the front of its queues; how many jobs were not there already.

    Raises:
        SettingsError: Redis does not answer.
    """
    with connected() as connection:
        return sum(_submit(connection, task) for task in tasks)


def _submit(connection: Redis, task: Task) -> bool:
    retry = Retry(max=len(RETRY_AFTER), interval=list(RETRY_AFTER))
    try:
        Queue(task.queue, connection=connection).enqueue(
            task.function, *task.arguments, **task.options(), retry=retry, at_front=True
        )
    except DuplicateJobError:
        return False
    return True


def _fetch(connection: Redis, job_id: str) -> Job:
    try:
        return Job.fetch(job_id, connection=connection)
    except NoSuchJobError as error:
        raise NotFoundError("This job is gone: it finished, or somebody cancelled it.", job_id) from error


def _queues(connection: Redis) -> list[Queue]:
    """The desk's own queues first, then any other that exists."""
    found = {queue.name: queue for queue in Queue.all(connection=connection)}
    own = [found.get(name) or Queue(name, connection=connection) for name in ALL_QUEUES]
    return own + [found[name] for name in sorted(found) if name not in ALL_QUEUES]


def _queue_state(queue: Queue) -> QueueState:
    # cleanup=False everywhere: RQ would otherwise run the callbacks of abandoned jobs here, in the dashboard.
    counts = (
        registry(queue=queue).get_job_count(cleanup=False)
        for registry in (StartedJobRegistry, ScheduledJobRegistry, DeferredJobRegistry, FailedJobRegistry)
    )
    return QueueState(queue.name, queue.count, *counts)


def _worker_state(worker: BaseWorker) -> WorkerState:
    return WorkerState(
        name=worker.name,
        state=str(getattr(worker.state, "value", worker.state)),
        queues=", ".join(worker.queue_names()),
        job=worker.get_current_job_id() or "",
        done=worker.successful_job_count,
        failed=worker.failed_job_count,
        seen=worker.last_heartbeat,
    )


def _listed(queues: list[Queue], registry: type[BaseRegistry], *, newest_first: bool = False) -> list[JobState]:
    found: list[JobState] = []
    for queue in queues:
        place = registry(queue=queue)
        ids = place.get_job_ids(0, LIST_LIMIT - 1, desc=newest_first, cleanup=False)
        found += _jobs(queue, ids, place if isinstance(place, ScheduledJobRegistry) else None)
    return found


def _jobs(queue: Queue, ids: list[str], schedule: ScheduledJobRegistry | None = None) -> list[JobState]:
    jobs = Job.fetch_many(ids, connection=queue.connection)
    return [_job_state(job, schedule) for job in jobs if job is not None]


def _job_state(job: Job, schedule: ScheduledJobRegistry | None) -> JobState:
    result = job.latest_result() if job.is_failed else None
    return JobState(
        id=job.id,
        queue=job.origin,
        description=job.description or job.func_name or "",
        arguments=_arguments(job),
        enqueued_at=_aware(job.enqueued_at),
        started_at=_aware(job.started_at),
        due_at=_aware(schedule.get_scheduled_time(job)) if schedule else None,
        error=(result.exc_string or "") if result else "",
        retries_left=job.retries_left,
    )


def _arguments(job: Job) -> str:
    try:
        return ", ".join(str(argument) for argument in job.args)
    except DeserializationError:
        return "unreadable"


def _alive(worker: BaseWorker, now: datetime) -> bool:
    """A killed worker stays registered until its entry expires: its heart is what counts."""
    seen = _aware(worker.last_heartbeat)
    return seen is not None and (now - seen).total_seconds() < _WORKER_SILENT


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _tick_age(value: bytes | str | None, now: datetime) -> float | None:
    """Seconds since the tick that the scheduler noted, in epoch seconds or ms."""
    try:
        noted = float(value) if value is not None else None
    except ValueError:
        return None
    if noted is None:
        return None
    seconds = noted / 1000 if noted > 1e11 else noted  # noqa: PLR2004  (epoch seconds stay below for 3,000 years)
    return now.timestamp() - seconds
