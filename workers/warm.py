"""Compile what pages use, before a page needs it.

numba compiles a detector at its first call, which takes seconds, and keeps the result on disk for every later process.
The worker warms up what a scan needs before its first job; everything else is compiled here, in a process of its own at
the lowest priority, so that neither the first signal nor the first visitor of a page waits for it.
"""

from __future__ import annotations

import os
import subprocess
import sys

from core.charts.raster import warm
from core.indicators import registry
from core.patterns.detect import ALL, DetectorSettings, average_true_range, detect
from core.stats.patterns import pattern_records
from core.timeframe import Timeframe
from workers.preload import wave
from workers.supervise.shell import ROOT

LOWEST = 19
LONGER_THAN_ANY_WARM_UP = 600


def compile_all() -> None:
    """Run every pattern family, the record of their kinds, the drawing of images and every indicator once."""
    bars = wave(Timeframe.M15, count=LONGER_THAN_ANY_WARM_UP)
    pattern_records(bars, detect(bars, families=ALL), average_true_range(bars, DetectorSettings().atr_period))
    warm(bars)
    for name in registry.names():
        registry.compute(bars, name)


def compile_in_background() -> subprocess.Popen[bytes]:
    """Start `compile_all` in a process of its own; it ends by itself, or with its parent."""
    code = (
        "import os; from workers.supervise.processes import die_with_parent; die_with_parent(); "
        f"os.nice({LOWEST}); from workers.warm import compile_all; compile_all()"
    )
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
