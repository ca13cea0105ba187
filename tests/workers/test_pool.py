"""A real pool whose processes and whose Redis are killed: nothing is lost, and every job ends with its result."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from rq import Queue, Worker
from rq.suspension import resume, suspend

from core.jobs import ANALYST, CHARTS, MARKET, QUEUES, SCAN, Job
from tests.redis_server import RedisServer
from tests.workers.desk_process import ROOT, alive, clean_environment, until
from workers.queue import submit


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path) as started:
        yield started


@pytest.fixture
def pool(request: pytest.FixtureRequest, server: RedisServer, tmp_path: Path) -> Iterator[psutil.Process]:
    """`python -m workers work` with two workers, or as many as the test says."""
    process = subprocess.Popen(
        [sys.executable, "-m", "workers", "work", "--count", getattr(request, "param", "2")],
        env=clean_environment(tmp_path, REDIS_URL=server.url),
        cwd=ROOT,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    family = psutil.Process(process.pid)
    yield family
    members = [family, *family.children(recursive=True)]
    process.kill()
    process.wait()
    # Killed without a word, the pool must not leave anybody behind either.
    assert until(lambda: not any(map(alive, members)), "an empty house", 10)


def job(function: str, name: str, queue: str = SCAN) -> Job:
    return Job(queue, f"tests.workers.sample_jobs.{function}", (name,), f"test-{name}", name)


def attempts(client: Redis, name: str) -> list[tuple[int, int]]:
    """Process numbers of worker and work-horse for every attempt."""
    return [(int(pair.split()[0]), int(pair.split()[1])) for pair in client.lrange(f"{name}:attempts", 0, -1)]


def test_killed_worker_and_killed_work_horse(server: RedisServer, pool: psutil.Process):
    with Redis.from_url(server.url) as client:
        for name, queue in (("worker", SCAN), ("horse", MARKET)):
            submit(job("hold", name, queue), connection=client)
        running = {name: until(lambda name=name: attempts(client, name), name)[0] for name in ("worker", "horse")}
        os.kill(running["worker"][0], signal.SIGKILL)
        os.kill(running["horse"][1], signal.SIGKILL)
        until(lambda: not psutil.pid_exists(running["worker"][1]), "the end of the orphaned work-horse", 10)
        for name, queue in (("horse", MARKET), ("worker", SCAN)):
            until(lambda name=name: client.get(f"{name}:done") == b"1", f"the result of {name}", 60)
            assert len(attempts(client, name)) == 2
            finished = Queue(queue, connection=client).finished_job_registry
            assert until(lambda f=finished: f.get_job_ids(cleanup=False), "its entry") == [f"test-{name}"]


@pytest.mark.parametrize("pool", ["1"], indirect=True)
@pytest.mark.usefixtures("pool")
def test_a_model_keeps_not_even_a_single_worker_waiting(server: RedisServer):
    with Redis.from_url(server.url) as client:
        until(lambda: client.scard("rq:workers") == 2, "two workers")
        apart = sorted((worker.queue_names() for worker in Worker.all(client)), key=len)
    assert apart == [[ANALYST], [queue for queue in QUEUES if queue != ANALYST]]


def test_redis_killed_in_the_middle_loses_nothing(server: RedisServer, pool: psutil.Process):
    names = [f"job{number}" for number in range(40)]
    with Redis.from_url(server.url) as client:
        until(lambda: client.scard("rq:workers") == 2, "two workers")
        # One of them never has to wait for a model.
        assert sorted(ANALYST in worker.queue_names() for worker in Worker.all(client)) == [False, True]
        suspend(client)
        for name in names:
            submit(job("count", name, CHARTS), connection=client)
        # A worker that was waiting when it was suspended still does one job; then nobody is in the middle of anything.
        until(lambda: states(client) == [b"suspended"] * 2, "two suspended workers")
        spoken = heartbeats(client)
        until(lambda: all(new > old for new, old in zip(heartbeats(client), spoken, strict=True)), "signs of life")
        assert server.process is not None
        server.process.kill()
        server.process.wait()
        server.start()
        until(lambda: _answers(client), "an answer")
        assert len(Queue(CHARTS, connection=client)) >= len(names) - 2
        resume(client)
        until(lambda: all(client.get(f"{name}:done") for name in names), "every result")
        assert {client.get(f"{name}:done") for name in names} == {b"1"}


def states(client: Redis) -> list[bytes | None]:
    """What each registered worker says it is doing."""
    return [client.hget(key, "state") for key in client.smembers("rq:workers")]


def heartbeats(client: Redis) -> list[bytes]:
    """When each registered worker was last heard of."""
    return [client.hget(key, "last_heartbeat") or b"" for key in sorted(client.smembers("rq:workers"))]


def _answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except RedisConnectionError:
        return False
