"""How much of a portfolio hangs on one thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

WARN_SHARE: Final = 0.25
"""One position above this share of all is worth a warning."""

WARN_INDEX: Final = 0.25
"""Herfindahl-Hirschman index above this: as concentrated as four equal positions."""


@dataclass(frozen=True)
class Concentration:
    """`shares` of the sum of absolute values, largest first; `index` is the Herfindahl-Hirschman index, the sum of
    their squares (1/n for n equal ones, 1 for a single one); `effective` = 1 / index, the number of equal positions
    that would be as concentrated. `warnings` are sentences.
    """

    shares: dict[str, float]
    index: float
    effective: float
    warnings: tuple[str, ...]


def concentration(values: Mapping[str, Decimal]) -> Concentration | None:
    """Of holdings' values in one currency; a short counts with its absolute value. None without any."""
    total = sum((abs(one) for one in values.values()), Decimal(0))
    if not total:
        return None
    sizes = sorted(((float(abs(one) / total), name) for name, one in values.items() if one), reverse=True)
    shares = {name: share for share, name in sizes}
    index = sum(share * share for share in shares.values())
    warnings = [f"{name} is {share:.0%} of all holdings." for name, share in shares.items() if share > WARN_SHARE]
    if index > WARN_INDEX and len(shares) > 1:
        warnings.append(f"The holdings are as concentrated as {1 / index:.1f} equal positions.")
    return Concentration(shares, index, 1 / index, tuple(warnings))
