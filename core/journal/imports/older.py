"""Executions that are older than what the journal has of their symbol.

A trade that is booked is not netted anew. What lies before it can be booked beside it where it comes out flat; what
does not would change it, and everything after that would be counted wrongly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Final

from core.journal.imports.rows import Deal
from core.journal.imports.trades import Holding, holding_key

AGAIN: Final = (
    "it is older than trades of {symbol} in the journal and would change them: clear the trades of {symbol}, and "
    "import its files again a day later, the oldest first"
)
HELD: Final = "earlier executions of {symbol} in this file could not be booked: see there"
CLEARED: Final = "an open trade of {symbol} was cleared: undo that, or import it a day later"


@dataclass(frozen=True)
class Booked:
    """What the journal has of a symbol: when its last fill was, and when its open trade began (None: it has none)."""

    last: datetime
    began: datetime | None


@dataclass(frozen=True)
class Past:
    """What the journal has of an account's imported trades: what is `booked` of each symbol (lower case), and of which
    symbols and positions an open trade was `cleared` (see `holding_key`).
    """

    booked: Mapping[str, Booked] = field(default_factory=dict)
    cleared: Collection[tuple[str, str]] = ()


@dataclass
class Sorted:
    """`whole` are older trades that open and close by themselves, `usable` go on with what is open, `misfits` wait."""

    whole: list[Holding] = field(default_factory=list)
    usable: list[Deal] = field(default_factory=list)
    misfits: list[tuple[Deal, str]] = field(default_factory=list)


@dataclass
class _Times:
    """Executions of a symbol by where in time they lie: before all that is open, within it, after all fills."""

    before: list[Deal] = field(default_factory=list)
    between: list[Deal] = field(default_factory=list)
    after: list[Deal] = field(default_factory=list)


def apart(deals: Iterable[Deal], past: Past, net: Callable[[Sequence[Deal]], Iterable[Holding]]) -> Sorted:
    """Executions by whether they can be booked as the journal is. `net` makes trades of some that stand alone.

    Those of positions that the broker names fit wherever in time they lie, unless the position was cleared.
    """
    found, by_symbol = Sorted(), defaultdict[str, _Times](_Times)
    for deal in deals:
        have = past.booked.get(deal.symbol.lower())
        if holding_key(deal.symbol, deal.position) in past.cleared:
            found.misfits += _told([deal], CLEARED)
        elif have is None or deal.position:
            found.usable.append(deal)
        else:
            _place(by_symbol[deal.symbol.lower()], deal, have)
    for times in by_symbol.values():
        holdings = list(net(times.before))
        unfit = [deal for one in holdings if not one.over for deal in one.deals] + times.between
        found.whole += [one for one in holdings if one.over]
        found.misfits += _told(unfit, AGAIN)
        if unfit:
            found.misfits += _told(times.after, HELD)
        else:
            found.usable += times.after
    return found


def in_order(deals: Sequence[Deal], whole_file: Sequence[Deal]) -> list[Deal]:
    """Executions in the order of the file, the oldest first: what happened at one instant is only told by that."""
    return sorted(deals, key=lambda one: one.line, reverse=_newest_first(whole_file))


def _newest_first(deals: Sequence[Deal]) -> bool:
    """Whether a file lists the newest execution first: by its times, and by its ids where all times are alike."""
    ordered = sorted(deals, key=lambda one: one.line)
    pairs = [(one, two) for one, two in pairwise(ordered) if one.line != two.line]
    if any(one.at != two.at for one, two in pairs):
        return sum((two.at > one.at) - (two.at < one.at) for one, two in pairs) < 0
    numbers = [(one.id.rpartition(":")[2], two.id.rpartition(":")[2]) for one, two in pairs]
    return bool(numbers) and all(a.isdecimal() and b.isdecimal() and int(a) > int(b) for a, b in numbers)


def _place(times: _Times, deal: Deal, have: Booked) -> None:
    if deal.at >= have.last:
        times.after.append(deal)
    elif have.began is not None and deal.at >= have.began:
        times.between.append(deal)
    else:
        times.before.append(deal)


def _told(deals: Sequence[Deal], reason: str) -> list[tuple[Deal, str]]:
    return [(deal, reason.format(symbol=deal.symbol)) for deal in deals]
