"""Currencies as people write them: signs, codes in either case, and names."""

from __future__ import annotations

import re
from typing import Final

SIGNS: Final = {
    "$": "USD",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "₽": "RUB",
    "₩": "KRW",
    "₺": "TRY",
    "₿": "BTC",
}
CODES: Final = (
    "USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "NZD", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "HKD",
    "SGD", "CNY", "CNH", "INR", "KRW", "RUB", "UAH", "TRY", "ZAR", "MXN", "BRL", "ILS", "AED", "SAR", "THB", "IDR",
    "USDT", "USDC", "BTC", "ETH",
)  # fmt: skip
_NAMES: Final = {
    "USD": "(?:us[\\s-])?dollars? bucks?", "AUD": "australian[\\s-]dollars?", "CAD": "canadian[\\s-]dollars?",
    "EUR": "euros?", "GBP": "pounds? sterling quid", "JPY": "yens?", "CNY": "yuan renminbi rmb",
    "CHF": "francs? franken", "INR": "rupees? rupien", "RUB": "rou?bles? rubel", "TRY": "liras?", "ZAR": "rand",
    "MXN": "pesos?", "BRL": "reais", "PLN": "z[lł]ot(?:y|ys|ych)", "HUF": "forints?", "UAH": "hryvnias?",
    "SEK": "kron(?:or|a|en|er)", "ILS": "shekels?", "AED": "dirhams?", "BTC": "bitcoins?", "ETH": "ether(?:eum)?",
}  # fmt: skip
NAMES: Final = "|".join(word for words in _NAMES.values() for word in words.split())
"""A pattern for the names, without regard to case."""
LOWER: Final = "|".join(code.lower() for code in CODES if code not in {"TRY", "SAR", "ETH"})
"""A pattern for the codes in small letters, less those that are words."""


def code_of(said: str) -> str:
    """The code of a sign, a code in either case, or a name in lower or upper case."""
    if said in SIGNS:
        return SIGNS[said]
    if said.upper() in CODES:
        return said.upper()
    return next((code for code, words in _NAMES.items() if re.fullmatch("|".join(words.split()), said, re.I)), said)
