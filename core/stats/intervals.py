"""How far a figure of few cases can be trusted: intervals at 95 % for a rate and for a mean."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from core.errors import ParameterError

Z_95 = 1.959963984540054
"""The normal distribution's 97.5 % point: two-sided 95 %."""

_SERIES_UP_TO = 200
_PRECISE = 1e-13


def wilson_interval(wins: int, count: int, z: float = Z_95) -> tuple[float, float]:
    """Wilson's score interval of a proportion (Wilson 1927, JASA 22:209): sound for few trades and for 0 or 100 %.

    Raises:
        ParameterError: there is nothing to count.
    """
    if not 0 <= wins <= count or count == 0:
        raise ParameterError(f"{wins} of {count} is no proportion.", (wins, count))
    share, weight = wins / count, z * z / count
    centre = share + weight / 2
    spread = z * math.sqrt(share * (1 - share) / count + weight / (4 * count))
    low, high = (centre - spread) / (1 + weight), (centre + spread) / (1 + weight)
    # At 0 and 100 % the share is an end of its own interval, and rounding must not push it out.
    return max(0.0, min(low, share)), min(1.0, max(high, share))


def mean_interval(values: NDArray[np.float64]) -> tuple[float, float] | None:
    """Student's interval of a mean at 95 % (Student 1908, Biometrika 6:1): mean +- t(n - 1) * s / sqrt(n), ddof 1.

    It takes the values for independent and their mean for normal, which few trades with a rare large win are not: then
    it is too narrow on that side. None for fewer than two values. NaN is not allowed in `values`, shape (n,).
    """
    count = len(values)
    if count < 2:  # noqa: PLR2004
        return None
    mean = float(values.mean())
    spread = student_t(count - 1) * float(values.std(ddof=1)) / math.sqrt(count)
    return mean - spread, mean + spread


@lru_cache(maxsize=4096)
def student_t(degrees: int) -> float:
    """The 97.5 % point of Student's t distribution for 1 degree of freedom or more.

    Found by bisection on the exact finite series of the distribution (Abramowitz & Stegun 26.7.3, 26.7.4), above 200
    degrees by its expansion around the normal distribution (26.7.5).

    Raises:
        ParameterError: there is no degree of freedom.
    """
    if degrees < 1:
        raise ParameterError(f"{degrees} degrees of freedom say nothing: there are too few values.", degrees)
    if degrees > _SERIES_UP_TO:
        return _expansion(degrees)
    low, high = Z_95, 13.0
    while high - low > _PRECISE * high:
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, degrees) < 0.95 else (low, middle)  # noqa: PLR2004
    return (low + high) / 2


def _within(t: float, degrees: int) -> float:
    """Probability that |T| <= t."""
    angle = math.atan(t / math.sqrt(degrees))
    cosine, odd = math.cos(angle), degrees % 2 == 1
    if degrees == 1:
        return 2 * angle / math.pi
    term = cosine if odd else 1.0
    total = term
    for step in range(3 if odd else 2, degrees - 1, 2):
        term *= (step - 1) / step * cosine * cosine
        total += term
    return 2 / math.pi * (angle + math.sin(angle) * total) if odd else math.sin(angle) * total


def _expansion(degrees: int) -> float:
    x = NormalDist().inv_cdf(0.975)
    terms = (
        (x**3 + x) / 4,
        (5 * x**5 + 16 * x**3 + 3 * x) / 96,
        (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / 384,
        (79 * x**9 + 776 * x**7 + 1482 * x**5 - 1920 * x**3 - 945 * x) / 92160,
    )
    return x + math.fsum(term / degrees**power for power, term in enumerate(terms, 1))
