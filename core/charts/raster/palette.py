"""The 256 colours of a rendered image.

The lowest 64 are the background under every combination of grid, zones and areas, one bit each: a zone is added by
setting its bit, so overlapping zones need no order. Above them every ink has `LEVELS` shades from hardly visible to
full, over the plain background, for the smooth edges of text and lines; and every tag the same from its own colour to
the dark text on it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.charts import theme

GRID: Final = 1
BULLISH: Final = 2
BEARISH: Final = 4
NEUTRAL: Final = 8
REWARD: Final = 16
RISK: Final = 32
BASES: Final = 64
"""Palette entries below this are background."""

LEVELS: Final = 7
"""Shades of an ink; level 7 is the full colour."""

_WASHES: Final = (
    (BULLISH, theme.BULLISH_ZONE, 0.22),
    (BEARISH, theme.BEARISH_ZONE, 0.22),
    (NEUTRAL, theme.MUTED, 0.16),
    (REWARD, theme.TARGET, 0.17),
    (RISK, theme.STOP, 0.17),
)
_INKS: Final = {
    "text": theme.TEXT,
    "muted": theme.MUTED,
    "border": theme.BORDER,
    "up": theme.UP,
    "down": theme.DOWN,
    "entry": theme.ENTRY,
    "accent": theme.ACCENT,
    "warning": theme.WARNING,
    "bullish": theme.BULLISH_ZONE,
    "bearish": theme.BEARISH_ZONE,
    "marker_up": theme.MARKER_UP,
    "marker_down": theme.MARKER_DOWN,
    "marker": theme.MARKER,
}
_TAGS: Final = ("up", "down", "entry", "accent", "muted")


def _rgb(colour: str) -> NDArray[np.float64]:
    return np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)], dtype=np.float64)


def _bases() -> NDArray[np.float64]:
    rows = []
    for code in range(BASES):
        colour = _rgb(theme.GRID if code & GRID else theme.BACKGROUND)
        for bit, wash, opacity in _WASHES:
            if code & bit:
                colour = colour * (1 - opacity) + _rgb(wash) * opacity
        rows.append(colour)
    return np.array(rows)


def _shades(ground: str, colour: str) -> NDArray[np.float64]:
    share = np.arange(1, LEVELS + 1)[:, None] / LEVELS
    return _rgb(ground) * (1 - share) + _rgb(colour) * share


def _palette() -> NDArray[np.uint8]:
    rows = [_bases(), *(_shades(theme.BACKGROUND, colour) for colour in _INKS.values())]
    rows += [_shades(_INKS[name], theme.BACKGROUND) for name in _TAGS]
    table = np.zeros((256, 3), np.uint8)
    filled = np.rint(np.concatenate(rows)).astype(np.uint8)
    table[: len(filled)] = filled
    return table


PALETTE: Final = _palette()
"""Red, green and blue of every canvas value, shape (256, 3)."""

INK: Final = {name: BASES + at * LEVELS - 1 for at, name in enumerate(_INKS)}
"""Level 0 of each ink: add 1..`LEVELS` for a palette entry."""

TAG_INK: Final = {name: BASES + (len(_INKS) + at) * LEVELS - 1 for at, name in enumerate(_TAGS)}
"""Likewise for text on a tag filled with the full colour of the ink of that name."""


def full(ink: str) -> int:
    """Palette entry of the ink's full colour."""
    return INK[ink] + LEVELS
