"""A canvas as PNG: 8-bit palette, no dates; the same bytes for the same canvas on the same versions.

Each row is stored as its difference from the one above, which candles make a sixth smaller at hardly any cost.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

from core.charts.raster.palette import PALETTE
from core.errors import ParameterError

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_LEVEL: Final = 1
_UP: Final = 2


def encode(canvas: NDArray[np.uint8]) -> bytes:
    """The PNG of a canvas of palette entries, shape (height, width)."""
    if canvas.ndim != 2 or canvas.dtype != np.uint8 or not canvas.size:  # noqa: PLR2004
        raise ParameterError("an image is encoded from a two-dimensional canvas of palette entries.", canvas.shape)
    height, width = canvas.shape
    rows = np.full((height, width + 1), _UP, np.uint8)  # each row begins with the name of its filter
    rows[0, 1:] = canvas[0]
    np.subtract(canvas[1:], canvas[:-1], out=rows[1:, 1:])
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    packed = isal_zlib.compress(rows, level=_LEVEL)
    return b"".join(
        (_SIGNATURE, _chunk(b"IHDR", header), _PALETTE_CHUNK, _chunk(b"IDAT", packed), _chunk(b"IEND", b""))
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))


_PALETTE_CHUNK: Final = _chunk(b"PLTE", PALETTE.tobytes())
