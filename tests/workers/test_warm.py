"""Nobody waits for a compiler: after the warm-up a new process finds every detector and indicator compiled, and the
next warm-up has nothing to do.
"""

from __future__ import annotations

import subprocess
import sys

from tests.workers.desk_process import ROOT
from workers.warm import compile_in_background

COUNT_MISSES = """
import sys
from numba.core.dispatcher import Dispatcher
from core.indicators.registry import compute, names
from core.patterns.detect import ALL, average_true_range, detect
from core.stats.patterns import pattern_records
from tests.real_bars import sample_bars
from tests.series import random_bars
for bars in (sample_bars("GOOG"), random_bars(1, 400)):
    pattern_records(bars, detect(bars, families=ALL), average_true_range(bars, 14))
for name in names():
    compute(random_bars(1, 400), name)
ours = [module for name, module in sys.modules.items() if name.startswith(("core.", "pandas_ta_classic."))]
found = {id(value): value for module in ours for value in vars(module).values() if isinstance(value, Dispatcher)}
used = [one for one in found.values() if one.signatures]
print(len(used), sum(len(one.stats.cache_misses) for one in used))
"""


def test_a_page_finds_everything_compiled() -> None:
    first = compile_in_background()
    assert first is None or first.wait(timeout=200) == 0
    assert compile_in_background() is None
    done = subprocess.run([sys.executable, "-c", COUNT_MISSES], cwd=ROOT, capture_output=True, text=True, check=True)
    used, misses = map(int, done.stdout.split())
    assert used >= 30
    assert misses == 0
