"""Rates between currencies from whatever quotes there are: direct, turned round, or through a third currency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Final, NamedTuple

from core.ledger.valuation import Rates

LETTERS: Final = 3
_CODES: Final = (
    "AED ARS AUD BGN BRL CAD CHF CLP CNH CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JPY KRW KWD MAD MXN MYR "
    "NGN NOK NZD PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR"
)
CURRENCIES: Final = frozenset(_CODES.split())
"""Codes that a pair may be made of."""


class Quote(NamedTuple):
    """One unit of `currency` was worth `rate` of `base` at `time` (UTC ms)."""

    currency: str
    base: str
    time: int
    rate: Decimal


def rates_from(base: str, quotes: Iterable[Quote]) -> Rates:
    """Rates in `base`. A currency with quotes in `base` uses these alone, in either direction; one without goes through
    the currency that it has most quotes with and that has quotes in `base`.
    """
    pairs: defaultdict[tuple[str, str], dict[int, Decimal]] = defaultdict(dict)
    for one in sorted(quotes, key=lambda quote: quote.time):
        pairs[one.currency, one.base][one.time] = one.rate
        pairs[one.base, one.currency].setdefault(one.time, 1 / one.rate)
    found: dict[str, list[tuple[int, Decimal]]] = {}
    for currency in {left for left, _ in pairs} - {base}:
        if (currency, base) in pairs:
            found[currency] = sorted(pairs[currency, base].items())
            continue
        between = [(len(known), other) for (left, other), known in pairs.items() if left == currency]
        steps = [other for _, other in sorted(between, reverse=True) if (other, base) in pairs]
        if steps:
            found[currency] = _through(pairs[currency, steps[0]], pairs[steps[0], base])
    return Rates(base, found)


def _through(first: dict[int, Decimal], second: dict[int, Decimal]) -> list[tuple[int, Decimal]]:
    """The product of two step functions, from where both are known."""
    left, right, found = None, None, []
    for time in sorted(first | second):
        left, right = first.get(time, left), second.get(time, right)
        if left is not None and right is not None:
            found.append((time, left * right))
    return found


def pair_of(name: str) -> tuple[str, str] | None:
    """The currencies of a market called `EURUSD`, `EUR/USD` or `EURUSD=X`; None for any other name."""
    letters = name.upper().removesuffix("=X").replace("/", "").replace("-", "").replace("_", "")
    left, right = letters[:LETTERS], letters[LETTERS:]
    return (left, right) if left != right and {left, right} <= CURRENCIES else None
