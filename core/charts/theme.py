"""The desk's colours: one palette for the pages, the candle charts, the plotly figures and the rendered images.

Named constants only. `.streamlit/config.toml` repeats the five that Streamlit itself needs; a test holds them equal.
"""

from __future__ import annotations

from typing import Final

BACKGROUND: Final = "#0c1116"
PANEL: Final = "#131a21"
RAISED: Final = "#1a232c"
SELECTED: Final = "#1d3345"
BORDER: Final = "#243039"
GRID: Final = "#18212a"

TEXT: Final = "#d5dde4"
MUTED: Final = "#8494a2"

ACCENT: Final = "#5b9bd5"
UP: Final = "#35b597"
DOWN: Final = "#e2656d"
WARNING: Final = "#d9a441"

ENTRY: Final = "#9fb8d0"
STOP: Final = DOWN
TARGET: Final = UP

BULLISH_ZONE: Final = "#2f8fa3"
BEARISH_ZONE: Final = "#b7679a"
STRUCTURE: Final = "#a99cdb"
LIQUIDITY: Final = WARNING

MARKER_UP: Final = "#7fe6cb"
MARKER_DOWN: Final = "#ff9aa0"
MARKER: Final = "#f0e3a1"
"""Signs on a rendered image: brighter than any candle they may lie on."""

SERIES: Final = (ACCENT, "#d9a441", "#a99cdb", "#35b597", "#e2656d", "#6fc0c9", "#c98bb3")
"""Line colours of indicators, in the order of use."""

FONT: Final = "Source Sans Pro, Helvetica, Arial, DejaVu Sans, sans-serif"
"""No name with a bare number in it: browsers drop the whole list then."""


def fade(colour: str, opacity: float) -> str:
    """`#rrggbb` with an opacity of 0..1 as the `rgba(...)` that every chart library reads."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity:g})"
