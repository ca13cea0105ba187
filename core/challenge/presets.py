"""The challenges that firms publish, as the desk knows them. Firms change their rules: the firm's own page decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from core.challenge import published
from core.challenge.amounts import Reset, Source
from core.challenge.phases import Challenge, Phase
from core.errors import ParameterError
from core.risk import money

VERSION: Final = "2026-11"
"""Version of all presets; a challenge keeps the one it began with."""

_SERVER = "Server midnight (GMT+2, with daylight saving GMT+3) is taken as 17:00 in New York."
_APEX = "Trackers do not agree on the overall loss of these accounts: compare it with the firm's own page."
_OWN_FUNDED = "The funded account has rules of its own: add them as a challenge of your own."


@dataclass(frozen=True)
class Preset:
    """A published challenge. `sizes` are the usual initial balances; with `any_size` the rules hold for every other.

    `note` tells what the firm leaves open or the desk leaves out.
    """

    key: str
    name: str
    firm: str
    sizes: tuple[Decimal, ...]
    any_size: bool
    reset: Reset
    source: Source
    phases: Callable[[Decimal], tuple[Phase, ...]]
    note: str = ""

    def make(self, size: Decimal) -> Challenge:
        """The challenge with an initial balance of `size`.

        Raises:
            ParameterError: the firm does not offer it in this size.
        """
        if not self.any_size and size not in self.sizes:
            sizes = ", ".join(money(one) for one in self.sizes)
            raise ParameterError(f"{self.name} comes in {sizes}, not in {money(size)}: choose one of these.", size)
        return Challenge(
            name=self.name,
            firm=self.firm,
            balance=size,
            reset=self.reset,
            phases=self.phases(size),
            preset=self.key,
            version=VERSION,
            source=self.source,
            note=self.note,
        )


def preset(key: str, size: Decimal) -> Challenge:
    """The challenge `key` with an initial balance of `size`.

    Raises:
        ParameterError: there is no such preset, or the firm does not offer it in this size.
    """
    if key not in PRESETS:
        raise ParameterError(f"There is no preset '{key}': choose one of {', '.join(PRESETS)}.", key)
    return PRESETS[key].make(size)


def _sizes(*thousands: int) -> tuple[Decimal, ...]:
    return tuple(Decimal(one * 1000) for one in thousands)


_ALL = (
    Preset(
        "ftmo_2_step",
        "FTMO 2-Step",
        "FTMO",
        _sizes(10, 25, 50, 100, 200),
        True,
        published.PRAGUE,
        published.FTMO,
        published.ftmo_2_step,
    ),
    Preset(
        "ftmo_1_step",
        "FTMO 1-Step",
        "FTMO",
        _sizes(10, 25, 50, 100, 200),
        True,
        published.PRAGUE,
        published.FTMO,
        published.ftmo_1_step,
        "Some trackers let the overall floor lock at the initial balance; here it never locks.",
    ),
    Preset(
        "fundednext_2_step",
        "FundedNext Stellar 2-Step",
        "FundedNext",
        _sizes(6, 15, 25, 50, 100, 200),
        True,
        published.SERVER,
        published.FUNDEDNEXT,
        published.fundednext_2_step,
        _SERVER,
    ),
    Preset(
        "fundednext_1_step",
        "FundedNext Stellar 1-Step",
        "FundedNext",
        _sizes(6, 15, 25, 50, 100, 200),
        True,
        published.SERVER,
        published.FUNDEDNEXT,
        published.fundednext_1_step,
        _SERVER,
    ),
    Preset(
        "the5ers_high_stakes",
        "The5ers High Stakes",
        "The5ers",
        _sizes(5, 10, 20, 60, 100),
        True,
        published.SERVER,
        published.THE5ERS,
        published.the5ers_high_stakes,
        _SERVER,
    ),
    Preset(
        "seacrest_2_step",
        "Seacrest 2-Step",
        "Seacrest",
        _sizes(5, 10, 25, 50, 100, 200),
        True,
        published.SERVER,
        published.SEACREST,
        published.seacrest_2_step,
        f"The firm does not publish what the daily loss is measured from: the balance is taken. {_SERVER}",
    ),
    Preset(
        "topstep_combine",
        "Topstep Combine",
        "Topstep",
        _sizes(50, 100, 150),
        False,
        published.CHICAGO,
        published.TOPSTEP,
        published.topstep,
        f"A daily loss that pauses the account is optional: add it as a rule of your own. {_OWN_FUNDED}",
    ),
    Preset(
        "apex_eod",
        "Apex EOD",
        "Apex",
        _sizes(25, 50, 100, 150),
        False,
        published.NEW_YORK,
        published.APEX,
        published.apex_eod,
        f"{_APEX} {_OWN_FUNDED}",
    ),
    Preset(
        "apex_intraday",
        "Apex Intraday",
        "Apex",
        _sizes(25, 50, 100, 150),
        False,
        published.NEW_YORK,
        published.APEX,
        published.apex_intraday,
        f"{_APEX} {_OWN_FUNDED}",
    ),
)

PRESETS: Final = {one.key: one for one in _ALL}
"""Every preset by its key, in the order in which they are offered."""
