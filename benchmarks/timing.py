"""Fair timing on a noisy machine."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from statistics import median


def interleaved(calls: Sequence[Callable[[], object]], rounds: int, repeat: Sequence[int]) -> list[float]:
    """Median seconds of one call of each function.

    The functions take turns, so that a slow moment of the machine hits all of them; each turn times `repeat[i]` calls.
    """
    for call in calls:
        call()
    seconds: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for at, call in enumerate(calls):
            gc.collect()
            start = time.perf_counter()
            for _ in range(repeat[at]):
                call()
            seconds[at].append((time.perf_counter() - start) / repeat[at])
    return [median(times) for times in seconds]
