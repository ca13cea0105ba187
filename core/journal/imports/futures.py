"""What a point of a future is worth, for files that name the contract and say nothing about its size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

CHECKED: Final = date(2026, 11, 21)
"""When the table was compared with stored copies of Eurex's product pages and of brokers' tables of CME Group's
contract units (AMP Futures, freebird.trading). None of them lists ETH, MET, M6A, M6B, 6N, MHG, QO, TN, UB and the Euro
bond futures. Prices are as the exchange quotes them: bonds in per cent, copper and currencies in dollars.
"""
# Exchange: currency, then the money a contract makes per point.
_TABLE: Final = {
    "CME": ("USD", """
        ES 50 MES 5 NQ 20 MNQ 2 RTY 50 M2K 5 EMD 100 NKD 5 BTC 5 MBT 0.1 ETH 50 MET 0.1
        6E 125000 6B 62500 6J 12500000 6A 100000 6C 100000 6S 125000 6N 100000 6M 500000
        M6E 12500 M6B 6250 M6A 10000
    """),
    "CBOT": ("USD", "YM 5 MYM 0.5 ZB 1000 UB 1000 ZN 1000 TN 1000 ZF 1000 ZT 2000"),
    "NYMEX": ("USD", "CL 1000 MCL 100 QM 500 NG 10000 QG 2500 RB 42000 HO 42000 PL 50 PA 100"),
    "COMEX": ("USD", "GC 100 MGC 10 QO 50 SI 5000 SIL 1000 QI 2500 HG 25000 MHG 2500"),
    "Eurex": ("EUR", "FDAX 25 FDXM 5 FDXS 1 FESX 10 FSXE 1 FGBL 1000 FGBM 1000 FGBS 1000"),
}  # fmt: skip
# A month and a year (ESH6, ESH26, ESH2026), a platform's continuous contract (ES1!), or a date (ES 03-26, ES MAR26).
_CONTRACT = re.compile(r"[/@]?([A-Z0-9]{2,4}?)(?:[FGHJKMNQUVXZ](?:\d{1,2}|\d{4})|[1-9]!| \d\d-\d\d| [A-Z]{3} ?\d\d)")


@dataclass(frozen=True)
class Contract:
    """A future: `point_value` is the money, in `currency`, that one contract makes per point."""

    root: str
    exchange: str
    currency: str
    point_value: Decimal


def contract_of(symbol: str) -> Contract | None:
    """The future that a symbol names, with its month and year; None for everything else. A root alone names none: ES
    and CL are shares, too.
    """
    found = _CONTRACT.fullmatch(symbol.strip().upper())
    return CONTRACTS.get(found[1]) if found else None


def _contracts() -> Iterator[Contract]:
    for exchange, (currency, listed) in _TABLE.items():
        words = listed.split()
        for root, value in zip(words[::2], words[1::2], strict=True):
            yield Contract(root, exchange, currency, Decimal(value))


CONTRACTS: Final = {one.root: one for one in _contracts()}
