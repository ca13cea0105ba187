"""Text as pixels: the glyphs of Pillow's own font, drawn once for each size and then copied."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from core.charts.raster.palette import LEVELS

_EXTRA: Final = "·–×±°€£¥"  # noqa: RUF001
_CHARACTERS: Final = "".join(map(chr, range(32, 127))) + _EXTRA
_CODES: Final = {character: at for at, character in enumerate(_CHARACTERS)}
_UNKNOWN: Final = _CODES["?"]


@dataclass(frozen=True)
class Font:
    """Every character as a column block of one image of shades.

    `atlas` has shape (height, all widths) with values 0..`LEVELS`; character c fills columns `offset[c]` to
    `offset[c + 1]`. `ascent` is the height of a capital letter and `cap_top` the row at which it begins.
    """

    atlas: NDArray[np.uint8]
    offset: NDArray[np.int64]
    cap_top: int
    ascent: int

    @property
    def height(self) -> int:
        return int(self.atlas.shape[0])

    def codes(self, text: str) -> NDArray[np.int64]:
        """Indices of the characters of a text; what the font lacks becomes a question mark."""
        return np.array([_CODES.get(character, _UNKNOWN) for character in text], dtype=np.int64)

    def width(self, text: str) -> int:
        """Pixels of a text from left to right."""
        codes = self.codes(text)
        return int((self.offset[codes + 1] - self.offset[codes]).sum()) if codes.size else 0


@lru_cache(maxsize=32)
def font(size: int) -> Font:
    """The font with letters of `size` pixels."""
    face = ImageFont.load_default(size)
    widths = [max(1, round(face.getlength(character))) for character in _CHARACTERS]
    offset = np.concatenate([[0], np.cumsum(widths)]).astype(np.int64)
    height = face.getbbox("".join(_CHARACTERS))[3] + 1
    image = Image.new("L", (int(offset[-1]), int(height)))
    for at, character in enumerate(_CHARACTERS):
        tile = Image.new("L", (widths[at], int(height)))
        ImageDraw.Draw(tile).text((0, 0), character, fill=255, font=face)
        image.paste(tile, (int(offset[at]), 0))
    shades = np.rint(np.asarray(image, dtype=np.float64) / 255 * LEVELS).astype(np.uint8)
    _, cap_top, _, cap_bottom = face.getbbox("H")
    return Font(shades, offset, int(cap_top), int(cap_bottom - cap_top))
