"""What an execution is called in the journal, so that it enters it once whatever file it comes in.

The broker's own id counts, by broker and not by kind of file: two exports of one broker name the same execution alike.
Where a file has no ids, what it says of the execution does. The time counts as the file writes it, so that the same
table read in another time zone holds the same executions.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from core.journal.imports.rows import ZERO, Deal, Rejected
from core.lineage import content_hash
from core.risk import plain

OLD_PAIRS: Final = "tradovate-performance:"
"""How the ids of Tradovate's pairs of fills began, `<buy>-<sell>:in` and `:out`, before each fill had its own."""
_KINDS: Final = {
    "ibkr-flex-csv": "ibkr",
    "ibkr-flex-xml": "ibkr",
    "tradovate-fills": "tradovate",
    "tradovate-performance": "tradovate",
}
_ID: Final = 32
_PLACES: Final = 8


def broker_of(kind: str) -> str:
    """The broker whose kind of file this is; the kind itself where a broker has only one."""
    return _KINDS.get(kind, kind)


def prefixes_of(kind: str) -> list[str]:
    """What ids of this broker's executions begin with, the present prefix first and then those of older imports."""
    broker = broker_of(kind)
    return [f"{broker}:", *(f"{one}:" for one, whose in _KINDS.items() if whose == broker)]


def names_of(kind: str, own: str) -> tuple[str, ...]:
    """The names under which the journal may have something of this id, the present one first.

    Orders that the desk gave to Interactive Brokers are booked under the bare id.
    """
    names = tuple(f"{prefix}{own}" for prefix in prefixes_of(kind))
    return (*names, own) if broker_of(kind) == "ibkr" else names


def with_ids(kind: str, deals: Sequence[Deal], *, ids_are_sure: bool) -> tuple[list[Deal], list[Rejected]]:
    """The executions with their names, and those that share an id with another one and cannot both be it.

    With `ids_are_sure` False an id may be that of an order or a trade: other content is another execution then.
    """
    contents: defaultdict[str, dict[tuple[object, ...], int]] = defaultdict(dict)
    for deal in deals:
        if deal.id:
            contents[deal.id].setdefault(_content(deal), deal.line)
    seen: Counter[str] = Counter()
    found, rejected = [], []
    for deal in deals:
        first = next(iter(contents[deal.id].items())) if deal.id else None
        # Parts of a named position get their ids from who reads them.
        if first is not None and ids_are_sure and not deal.position and first[0] != _content(deal):
            reason = f"execution {deal.id} stands in line {first[1]} with other content: look at it by hand"
            rejected.append(Rejected(deal.line, reason))
        elif first is not None and (ids_are_sure or len(contents[deal.id]) == 1):
            found.append(_named(kind, deal, deal.id))
        else:
            found.append(_by_content(kind, deal, seen))
    return found, rejected


def fills_of_pairs(deals: Sequence[Deal]) -> list[Deal]:
    """Tradovate's pairs as the fills that they are made of: one that is in several pairs is one execution again."""
    merged: dict[tuple[object, ...], Deal] = {}
    for deal in deals:
        bought, _, sold = deal.id.rpartition(":")[0].partition("-")
        name = bought if deal.side > 0 else sold
        part = replace(deal, id=name, position="", also=(f"{OLD_PAIRS}{deal.id}",))
        key = (name, part.symbol, part.price, part.at)
        merged[key] = _sum(merged[key], part) if key in merged else part
    return list(merged.values())


def _sum(one: Deal, other: Deal) -> Deal:
    stated = None if one.stated is None and other.stated is None else (one.stated or ZERO) + (other.stated or ZERO)
    return replace(
        one,
        quantity=one.quantity + other.quantity,
        fee=one.fee + other.fee,
        swap=one.swap + other.swap,
        stated=stated,
        also=one.also + other.also,
    )


def _content(deal: Deal) -> tuple[object, ...]:
    return (deal.symbol.lower(), deal.side, deal.quantity, deal.price, deal.told or deal.at)


def _named(kind: str, deal: Deal, own: str) -> Deal:
    name, *others = names_of(kind, own)
    position = deal.position and f"{kind}:{deal.position}"
    return replace(deal, id=name, also=(*others, *deal.also), position=position)


def _by_content(kind: str, deal: Deal, seen: Counter[str]) -> Deal:
    """Named by what the file says of it. The same line twice is two executions: each has its number in the hash."""
    told = deal.told or deal.at.isoformat()
    names = []
    for said in (
        [deal.id, deal.symbol, deal.side, plain(deal.quantity), plain(deal.price), told],
        # As it was named before, by the instant and with eight decimals.
        [deal.symbol, deal.side, round(deal.quantity, _PLACES), round(deal.price, _PLACES), deal.at.isoformat()],
    ):
        key = content_hash(said)
        seen[key] += 1
        names.append("#" + content_hash([key, seen[key]])[:_ID])
    found = _named(kind, deal, names[0])
    old = names_of(kind, names[1])
    return replace(found, also=(*found.also, *old), unnamed=True)
