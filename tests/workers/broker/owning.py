"""`python -m workers broker` with quick times: `python -m tests.workers.broker.owning`."""

from __future__ import annotations

import os

from core.settings import Settings
from workers.broker.owner import quick
from workers.broker.process import run_broker

if __name__ == "__main__":
    times = quick(first_wait=0.01, longest_wait=0.05, poll=0.02, acknowledge=30.0)
    run_broker(Settings.from_mapping(os.environ), times)
