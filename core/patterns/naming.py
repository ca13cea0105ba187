"""Families and names of the kinds, as people say them."""

from __future__ import annotations

from typing import Final

from core.errors import ParameterError
from core.patterns.events import Kind

FAMILY_TITLES: Final = {
    "smart_money": "Smart money",
    "levels": "Levels",
    "trend": "Trend",
    "shapes": "Shapes",
    "candlesticks": "Candlesticks",
    "sessions": "Sessions",
}
"""Every family of `core.patterns.families`, in its order."""

# The first number that no longer belongs to the family.
_ENDS = {"smart_money": 20, "levels": 30, "trend": 40, "shapes": 80, "sessions": 100, "candlesticks": 200}

_SPECIAL = {Kind.BOS: "BOS", Kind.CHOCH: "CHoCH", Kind.SESSION_NEW_YORK: "Session New York"}
_CANDLES = {
    "2CROWS": "two crows",
    "3BLACKCROWS": "three black crows",
    "3INSIDE": "three inside",
    "3LINESTRIKE": "three-line strike",
    "3OUTSIDE": "three outside",
    "3STARSINSOUTH": "three stars in the south",
    "3WHITESOLDIERS": "three white soldiers",
    "ABANDONEDBABY": "abandoned baby",
    "ADVANCEBLOCK": "advance block",
    "BELTHOLD": "belt hold",
    "CLOSINGMARUBOZU": "closing marubozu",
    "CONCEALBABYSWALL": "concealing baby swallow",
    "DARKCLOUDCOVER": "dark cloud cover",
    "DOJISTAR": "doji star",
    "DRAGONFLYDOJI": "dragonfly doji",
    "EVENINGDOJISTAR": "evening doji star",
    "EVENINGSTAR": "evening star",
    "GAPSIDESIDEWHITE": "gap side-by-side white lines",
    "GRAVESTONEDOJI": "gravestone doji",
    "HANGINGMAN": "hanging man",
    "HARAMICROSS": "harami cross",
    "HIGHWAVE": "high wave",
    "HIKKAKEMOD": "modified hikkake",
    "HOMINGPIGEON": "homing pigeon",
    "IDENTICAL3CROWS": "identical three crows",
    "INNECK": "in-neck",
    "INVERTEDHAMMER": "inverted hammer",
    "KICKINGBYLENGTH": "kicking by length",
    "LADDERBOTTOM": "ladder bottom",
    "LONGLEGGEDDOJI": "long-legged doji",
    "LONGLINE": "long line",
    "MATCHINGLOW": "matching low",
    "MATHOLD": "mat hold",
    "MORNINGDOJISTAR": "morning doji star",
    "MORNINGSTAR": "morning star",
    "ONNECK": "on-neck",
    "RICKSHAWMAN": "rickshaw man",
    "RISEFALL3METHODS": "rising/falling three methods",
    "SEPARATINGLINES": "separating lines",
    "SHOOTINGSTAR": "shooting star",
    "SHORTLINE": "short line",
    "SPINNINGTOP": "spinning top",
    "STALLEDPATTERN": "stalled pattern",
    "STICKSANDWICH": "stick sandwich",
    "TASUKIGAP": "tasuki gap",
    "UNIQUE3RIVER": "unique three river",
    "UPSIDEGAP2CROWS": "upside gap two crows",
    "XSIDEGAP3METHODS": "gap three methods",
}


def family_of(kind: Kind) -> str:
    """The family that finds this kind."""
    return next(family for family, end in _ENDS.items() if kind < end)


def title(kind: Kind) -> str:
    """`FAIR_VALUE_GAP` as `Fair value gap`, `CDL_3INSIDE` as `Three inside`."""
    if kind in _SPECIAL:
        return _SPECIAL[kind]
    name = kind.name.removeprefix("CDL_")
    said = _CANDLES.get(name, name.replace("_", " ").lower())
    if name.startswith("SESSION_"):
        said = f"session {name.removeprefix('SESSION_').capitalize()}"
    return said[0].upper() + said[1:]


def kind_named(name: str) -> Kind:
    """The kind of a stored name (`order_block`).

    Raises:
        ParameterError: there is none of that name.
    """
    found = Kind.__members__.get(name.upper())
    if found is None:
        raise ParameterError(f"'{name}' is no kind of pattern.", name)
    return found
