"""The Jobs page against a real Redis and real RQ workers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis
from rq import Queue, Retry, SimpleWorker
from rq.registry import FailedJobRegistry
from sqlalchemy import Engine

from core.errors import ConflictError, NotFoundError, SettingsError
from core.jobs import ALL_QUEUES, HEALTH_KEY, MARKET, SCAN
from dashboard import jobqueue
from tests.dashboard.pages_under_test import open_page, run, text

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def explode(reason: str) -> None:
    raise ValueError(reason)


@pytest.fixture
def connection(redis_connection: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Redis:
    monkeypatch.setenv("REDIS_URL", redis_url)
    return redis_connection


def failed_job(connection: Redis, reason: str = "<b>the feed</b> is gone") -> str:
    """One job that has failed in a real worker."""
    queue = Queue(SCAN, connection=connection)
    job = queue.enqueue(explode, reason, description="Scan SMC intraday on SIM-EURUSD", job_id="scan-1-1-0")
    SimpleWorker([queue], connection=connection).work(burst=True, logging_level="CRITICAL")
    return job.id


def test_an_idle_desk_lists_its_queues(connection: Redis) -> None:
    seen = jobqueue.overview()
    assert [one.name for one in seen.queues] == list(ALL_QUEUES)
    assert (seen.workers, seen.running, seen.waiting, seen.failed, seen.scheduled) == ([], [], [], [], [])


def test_a_failed_job_tells_its_reason_and_can_be_retried_once(connection: Redis) -> None:
    job_id = failed_job(connection)
    failed = jobqueue.overview().failed[0]
    assert failed.reason == "ValueError: <b>the feed</b> is gone"
    assert failed.error.startswith("Traceback")
    assert failed.description == "Scan SMC intraday on SIM-EURUSD"
    jobqueue.retry(job_id)
    seen = jobqueue.overview()
    assert ([job.id for job in seen.waiting], seen.failed) == ([job_id], [])
    with pytest.raises(ConflictError):
        jobqueue.retry(job_id)


def test_a_waiting_job_can_be_cancelled_once(connection: Redis) -> None:
    job = Queue(MARKET, connection=connection).enqueue(explode, "never runs")
    jobqueue.cancel(job.id)
    assert jobqueue.overview().waiting == []
    with pytest.raises(NotFoundError):
        jobqueue.cancel(job.id)


def test_a_running_job_cannot_be_cancelled(connection: Redis) -> None:
    job = Queue(MARKET, connection=connection).enqueue(explode, "runs")
    job.set_status("started")
    with pytest.raises(ConflictError):
        jobqueue.cancel(job.id)


def test_a_retry_waits_in_the_schedule(connection: Redis) -> None:
    queue = Queue(MARKET, connection=connection)
    queue.enqueue(explode, "network", retry=Retry(max=3, interval=600))
    SimpleWorker([queue], connection=connection).work(burst=True, logging_level="CRITICAL")
    waiting = jobqueue.overview().scheduled[0]
    assert waiting.due_at is not None
    assert waiting.due_at - datetime.now(UTC) < timedelta(seconds=601)
    assert waiting.retries_left == 2


def test_reading_cleans_nothing_up(connection: Redis) -> None:
    """RQ's own reads would run the callbacks of abandoned jobs: here a failure past its time stays where it is."""
    job_id = failed_job(connection)
    registry = FailedJobRegistry(SCAN, connection=connection)
    connection.zadd(registry.key, {job_id: 1})
    assert [job.id for job in jobqueue.overview().failed] == [job_id]
    assert connection.zcard(registry.key) == 1


@pytest.mark.parametrize("noted", [NOW.timestamp() - 12, int((NOW.timestamp() - 12) * 1000)])
def test_health_reads_the_schedulers_tick(connection: Redis, noted: float) -> None:
    assert jobqueue.health(NOW).tick_age is None
    connection.set(HEALTH_KEY, noted)
    health = jobqueue.health(NOW)
    assert health.tick_age == pytest.approx(12, abs=0.01)
    assert not health.scheduler_late
    assert jobqueue.health(NOW + timedelta(minutes=10)).scheduler_late


def test_a_silent_worker_does_not_count(connection: Redis) -> None:
    worker = SimpleWorker([Queue(SCAN, connection=connection)], connection=connection)
    worker.register_birth()
    assert jobqueue.health(datetime.now(UTC)).workers == 1
    assert jobqueue.health(datetime.now(UTC) + timedelta(minutes=5)).workers == 0


@pytest.mark.parametrize("address", ["", "redis://127.0.0.1:1/0", "no address"])
def test_an_unreachable_redis_is_one_sentence(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", address)
    monkeypatch.delenv("RQ_REDIS_URL", raising=False)
    with pytest.raises(SettingsError, match="job queue"):
        jobqueue.overview()


def test_the_jobs_page_retries_and_escapes(sqlite_desk: Engine, connection: Redis, redis_url: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REDIS_URL", redis_url)
        job_id = failed_job(connection)
        at = open_page("jobs")
        assert "ValueError: &lt;b&gt;the feed&lt;/b&gt; is gone" in text(at)
        assert "<b>the feed</b>" not in text(at)
        run(at, at.button(key=f"retry_{job_id}").click())
        assert "No job has failed." in text(at)
        assert f"cancel_Waiting_{job_id}" in {button.key for button in at.button}
