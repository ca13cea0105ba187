"""What a job is, and the queues there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

MARKET: Final = "market"
SCAN: Final = "scan"
CHARTS: Final = "charts"
ANALYST: Final = "analyst"
BROKER: Final = "broker"
QUEUES: Final = (SCAN, MARKET, CHARTS, ANALYST)
"""The queues of the pool, in the order in which a worker looks at them."""
ALL_QUEUES: Final = (*QUEUES, BROKER)
"""The queue `broker` has one worker of its own, which alone talks to brokers."""

HEALTH_KEY: Final = "chartroom:scheduler:last_tick"

RETRY_AFTER: Final = (10, 30, 60)
"""Seconds before the first, second and third retry."""

RESULT_TTL: Final = 600
"""Seconds for which a finished job stays visible, and for which its id blocks the same work."""

FAILURE_TTL: Final = {MARKET: 3600, SCAN: 86_400, CHARTS: 86_400, ANALYST: 86_400, BROKER: 86_400}
"""Seconds for which a failed job stays visible and may be retried by hand. A fetch is asked for anew anyway."""

QUEUED_TTL: Final = {MARKET: 900}
"""Seconds after which a job nobody came to do is dropped: while workers are suspended, fetches would only pile up."""


@dataclass(frozen=True)
class Job:
    """One unit of work: where it runs, what it calls with which ids, and how it is named in `rq info`.

    `job_id` contains no colon (RQ forbids it) and is unique for what the job does, so that asking twice does it once.
    """

    queue: str
    function: str
    arguments: tuple[int | str, ...]
    job_id: str
    description: str
    timeout: int = 120

    def options(self) -> dict[str, Any]:
        """How it is put into its queue, whoever asks for it: the keywords of RQ's `enqueue` but for `retry`."""
        return {
            "job_id": self.job_id,
            "unique": True,
            "description": self.description,
            "job_timeout": self.timeout,
            "ttl": QUEUED_TTL.get(self.queue),
            "result_ttl": RESULT_TTL,
            "failure_ttl": FAILURE_TTL[self.queue],
        }
