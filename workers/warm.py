"""Compile what pages use, before a page needs it.

numba compiles a detector at its first call, which takes seconds, and keeps the result on disk for every later process.
The worker warms up what a scan needs before its first job; everything else is compiled here, in a process of its own at
the lowest priority, so that neither the first signal nor the first visitor of a page waits for it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import numba
from llvmlite.binding import get_host_cpu_features, get_host_cpu_name

from core.charts.raster import warm
from core.indicators import registry
from core.lineage import content_hash
from core.patterns.detect import ALL, DetectorSettings, average_true_range, detect
from core.stats.patterns import pattern_records
from core.timeframe import Timeframe
from db.version import code_version
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


def compile_in_background() -> subprocess.Popen[bytes] | None:
    """Start `compile_all` in a process of its own; it ends by itself, or with its parent. None: done before."""
    found = marks()
    if found and all(mark.exists() for mark in found):
        return None
    code = (
        "import os; from workers.supervise.processes import die_with_parent; die_with_parent(); "
        f"os.nice({LOWEST}); from workers.warm import compile_all, leave_word; compile_all(); leave_word()"
    )
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})


def leave_word() -> None:
    """Note beside the compiled code that it is complete, so that the next start need not run through it again."""
    for mark in marks():
        with suppress(OSError):  # a folder that belongs to somebody else: numba keeps its files elsewhere then
            mark.parent.mkdir(exist_ok=True)
            mark.touch()


def marks() -> list[Path]:
    """The notes of this code on this processor, one beside each package whose functions are compiled.

    No note where numba was told to keep its files in another place: whether they are still there is not known.
    """
    if os.environ.get("NUMBA_CACHE_DIR"):
        return []
    kept = (code_version(), sys.version, numba.__version__, get_host_cpu_name(), get_host_cpu_features().flatten())
    name = f"compiled-{content_hash(kept)[:16]}"
    found = (find_spec(package) for package in ("core", "pandas_ta_classic"))  # the second takes long to import
    return [Path(spec.origin).parent / "__pycache__" / name for spec in found if spec and spec.origin]
