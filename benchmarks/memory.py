"""Memory of one worker over ten thousand scans through Redis and the data base.

One worker of the desk's own pool does `scans` scans of 500 bars, in jobs of sixty, each in a work-horse forked from
it. Ten times a second the worker and its work-horse are looked at: `ours` is the largest resident set (RSS, MiB) of
either, `peer` the 400 MiB that it has to stay under, `ratio` what fits. RSS counts the pages that the fork shares with
the worker in both; `tree_pss_peak_mb` counts them once (PSS of the two together). `worker_first_mb` and
`worker_last_mb` are the worker's own RSS after the first and after the last job: they show a leak.

`process_...` is the same number of full scans (all pattern families, indicators, strategy) in one process that is
never forked, after the first hundred and at the end.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from benchmarks.jobs import fresh_file, furnish, pool_of, wait_until

STRATEGIES = 42  # on four symbols, sixty slots each: a little over ten thousand scans
LIMIT = 400.0
MIB = 2**20


@dataclass
class Watch:
    """What was seen of a worker and its work-horse, in MiB."""

    pool: psutil.Process
    peak: float = 0.0
    tree_peak: float = 0.0
    worker: list[float] = field(default_factory=list)

    def look(self) -> None:
        """Note the worker, which is a fork of the pool, and the work-horse under it."""
        try:
            command = self.pool.cmdline()
            # Beside it the pool has a process that compiles what pages need, and ends.
            workers = [child for child in self.pool.children() if child.cmdline() == command]
            family = [process for worker in workers for process in (worker, *worker.children(recursive=True))]
            sizes = [process.memory_full_info() for process in family]
        except psutil.Error:
            return  # a work-horse has just ended
        if sizes:
            self.peak = max(self.peak, max(size.rss for size in sizes) / MIB)
            self.tree_peak = max(self.tree_peak, sum(size.pss for size in sizes) / MIB)
            self.worker.append(max(worker.memory_info().rss for worker in workers) / MIB)


def _through_the_queue() -> tuple[int, float, Watch]:
    """Number of scans, seconds, and what was seen."""
    from redis import Redis
    from rq import Queue

    from core.jobs import SCAN
    from tests.redis_server import RedisServer
    from workers.queue import submit

    with tempfile.TemporaryDirectory(prefix="chartroom-memory-") as name:
        url = fresh_file(Path(name))
        jobs, scans = furnish(url, STRATEGIES)
        with (
            RedisServer(Path(tempfile.mkdtemp(dir=name))) as server,
            Redis.from_url(server.url) as client,
            pool_of(url, server.url, 1) as pool,
        ):
            wait_until(lambda: client.scard("rq:workers") == 1)
            queue = Queue(SCAN, connection=client)
            watch, begin = Watch(psutil.Process(pool.pid)), time.perf_counter()
            for job in jobs:
                submit(job, connection=client)
            while queue.finished_job_registry.get_job_count(cleanup=False) < len(jobs):
                if queue.failed_job_registry.get_job_count(cleanup=False):
                    sys.exit("a scan failed: there is nothing to measure")
                watch.look()
                time.sleep(0.1)
            seconds = time.perf_counter() - begin
    return scans, seconds, watch


def _in_one_process(scans: int) -> tuple[float, float]:
    """RSS in MiB after the first hundred and after all scans of a process that is never forked."""
    from benchmarks.scan import market, our_scan
    from core.patterns.detect import ALL

    this, scan = psutil.Process(), our_scan(market(), ALL)
    for _ in range(100):
        scan()
    first = this.memory_info().rss / MIB
    for _ in range(scans):
        scan()
    return first, this.memory_info().rss / MIB


def run() -> dict[str, Any]:
    """Peak memory of a worker, and whether it grows."""
    scans, seconds, watch = _through_the_queue()
    first, last = _in_one_process(scans)
    return {
        "name": "memory",
        "unit": "MiB of a worker at most (RSS)",
        "ours": round(watch.peak, 1),
        "peer": LIMIT,
        "ratio": round(LIMIT / watch.peak, 2),
        "scans": scans,
        "scans_per_second": round(scans / seconds, 1),
        "tree_pss_peak_mb": round(watch.tree_peak, 1),
        "worker_first_mb": round(watch.worker[0], 1),
        "worker_last_mb": round(watch.worker[-1], 1),
        "process_first_mb": round(first, 1),
        "process_last_mb": round(last, 1),
    }
