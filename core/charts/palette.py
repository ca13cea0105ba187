"""The colours of an exported chart, dark as the desk is or light as paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.charts import theme


@dataclass(frozen=True)
class Palette:
    """Colours as `#rrggbb`; `series` are those of indicators, in the order of use."""

    background: str
    border: str
    grid: str
    text: str
    muted: str
    up: str
    down: str
    warning: str
    entry: str
    stop: str
    target: str
    tag_text: str
    bullish_zone: str
    bearish_zone: str
    structure: str
    liquidity: str
    series: tuple[str, ...]


DARK: Final = Palette(
    background=theme.BACKGROUND,
    border=theme.BORDER,
    grid=theme.GRID,
    text=theme.TEXT,
    muted=theme.MUTED,
    up=theme.UP,
    down=theme.DOWN,
    warning=theme.WARNING,
    entry=theme.ENTRY,
    stop=theme.STOP,
    target=theme.TARGET,
    tag_text=theme.BACKGROUND,
    bullish_zone=theme.BULLISH_ZONE,
    bearish_zone=theme.BEARISH_ZONE,
    structure=theme.STRUCTURE,
    liquidity=theme.LIQUIDITY,
    series=theme.SERIES,
)

LIGHT: Final = Palette(
    background="#ffffff",
    border="#c3ccd3",
    grid="#eceff2",
    text="#1b242c",
    muted="#5d6b77",
    up="#1f8a70",
    down="#c8434c",
    warning="#9a6a08",
    entry="#3f6a94",
    stop="#c8434c",
    target="#1f8a70",
    tag_text="#ffffff",
    bullish_zone="#1b7486",
    bearish_zone="#a0457e",
    structure="#6553b3",
    liquidity="#9a6a08",
    series=("#2f6fae", "#b0740a", "#6553b3", "#1f8a70", "#c8434c", "#1b8492", "#a0457e"),
)

PALETTES: Final = {"dark": DARK, "light": LIGHT}
