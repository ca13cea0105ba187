"""Jobs: asked for twice, done once; only what may pass by itself is tried again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue
from rq.job import Job as QueuedJob

from core.errors import SettingsError
from core.jobs import MARKET, SCAN, Job, scan_slot
from tests.workers.desk_process import ROOT
from workers.pool import DeskWorker
from workers.queue import connection, give_up_unless_transient, submit


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, redis_url: str, redis_connection: Redis):
    monkeypatch.setenv("REDIS_URL", redis_url)


def job(function: str, *arguments: str, queue: str = MARKET) -> Job:
    return Job(queue, f"tests.workers.sample_jobs.{function}", arguments, f"test-{function}", f"Test {function}")


def work_off(redis_connection: Redis, name: str) -> None:
    worker = DeskWorker([name], connection=redis_connection, exception_handlers=[give_up_unless_transient])
    worker.work(burst=True, logging_level="CRITICAL")


def test_asking_twice_queues_once(redis_connection: Redis):
    asked = scan_slot(1, 2, 1_700_000_000_000, "SMC intraday on SIM-EURUSD")
    assert submit(asked) is True
    assert submit(asked) is False
    queued = Queue(SCAN, connection=redis_connection).jobs
    assert [(found.id, found.description) for found in queued] == [
        ("scan-1-2-1700000000000", "Scan SMC intraday on SIM-EURUSD")
    ]


def test_what_a_person_asks_for_overtakes(redis_connection: Redis):
    first, urgent = (scan_slot(1, 1, slot, "x") for slot in (1, 2))
    submit(first)
    submit(urgent, front=True)
    assert Queue(SCAN, connection=redis_connection).job_ids == [urgent.job_id, first.job_id]


def test_id_is_free_again_once_result_or_failure_is_forgotten(redis_connection: Redis):
    for function in ("count", "mistaken"):
        submit(job(function, *(["x"] if function == "count" else [])))
    work_off(redis_connection, MARKET)
    assert 0 < redis_connection.ttl("rq:job:test-count") <= 600
    assert 0 < redis_connection.ttl("rq:job:test-mistaken") <= 3600


def test_fetches_nobody_does_are_dropped_and_scans_are_not(redis_connection: Redis):
    submit(job("count", "x", queue=MARKET))
    assert 0 < redis_connection.ttl("rq:job:test-count") <= 900
    redis_connection.flushall()
    submit(job("count", "x", queue=SCAN))
    assert redis_connection.ttl("rq:job:test-count") == -1


def test_job_that_was_taken_and_never_begun_is_queued_again(redis_connection: Redis):
    asked = scan_slot(1, 2, 1_700_000_000_000, "x")
    submit(asked)
    redis_connection.lpop("rq:queue:scan")  # a worker took it and was killed before it could say so
    assert submit(asked) is False
    assert submit(asked) is True
    assert Queue(SCAN, connection=redis_connection).job_ids == [asked.job_id]
    assert submit(asked) is False


def test_network_error_is_tried_again_later(redis_connection: Redis):
    submit(job("unreachable"))
    work_off(redis_connection, MARKET)
    queue = Queue(MARKET, connection=redis_connection)
    assert queue.scheduled_job_registry.get_job_ids(cleanup=False) == ["test-unreachable"]
    assert QueuedJob.fetch("test-unreachable", redis_connection).retries_left == 2
    asked = QueuedJob.fetch("test-unreachable", redis_connection)
    due = queue.scheduled_job_registry.get_expiration_time(asked)
    assert asked.retry_intervals == [10, 30, 60]
    assert asked.started_at is not None
    # From the failure on, which came after the start; the registry knows whole seconds.
    assert (due - asked.started_at).total_seconds() >= 9


def test_mistake_fails_at_once_with_its_reason(redis_connection: Redis):
    submit(job("mistaken"))
    work_off(redis_connection, MARKET)
    queue = Queue(MARKET, connection=redis_connection)
    assert queue.failed_job_registry.get_job_ids(cleanup=False) == ["test-mistaken"]
    assert queue.scheduled_job_registry.get_job_count(cleanup=False) == 0
    result = QueuedJob.fetch("test-mistaken", redis_connection).latest_result()
    assert result is not None
    assert "No such symbol." in (result.exc_string or "")


def test_without_a_queue_one_sentence_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("REDIS_URL")
    monkeypatch.delenv("RQ_REDIS_URL", raising=False)
    with pytest.raises(SettingsError, match="make run"):
        connection()


def test_start_of_the_command_line_imports_nothing_heavy(tmp_path: Path):
    code = "import sys, workers.cli; print(*[m for m in ('pandas', 'numpy', 'sqlmodel', 'rq') if m in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
