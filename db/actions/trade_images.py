"""Screenshots of trades: checked, stored under their own hash, named in the data base."""

from __future__ import annotations

import hashlib
import io
import os
import warnings
from datetime import datetime
from pathlib import Path
from typing import Final

from PIL import Image, UnidentifiedImageError
from sqlalchemy import Engine

from core.errors import DeskError, NotFoundError
from db.engine import writer
from db.models import TradeImage
from db.store.revision import bump
from db.store.trades import get_trade

MOST_BYTES: Final = 10 * 1024 * 1024
MOST_PIXELS: Final = 50_000_000
_SUFFIX: Final = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}
CAPTION_LENGTH: Final = 200


def add_image(engine: Engine, uploads: Path, trade_id: int, content: bytes, caption: str, now: datetime) -> int:
    """Keep a screenshot of a trade in the folder `uploads`; returns its id. Its content decides what it is, not a name.

    Raises:
        NotFoundError: there is no such trade.
        DeskError: it is too large, or no PNG, JPEG or WebP.
    """
    kind, width, height = _checked(content)
    sha256 = hashlib.sha256(content).hexdigest()
    path = f"{sha256[:2]}/{sha256}.{_SUFFIX[kind]}"
    with writer(engine) as session:
        get_trade(session, trade_id, lock=True)
        _store(uploads / path, content)
        row = TradeImage(
            trade_id=trade_id,
            path=path,
            sha256=sha256,
            format=kind.lower(),
            width=width,
            height=height,
            size=len(content),
            caption=caption.strip()[:CAPTION_LENGTH],
            added_at=now,
        )
        session.add(row)
        bump(session)
        return row.id or 0


def remove_image(engine: Engine, image_id: int, now: datetime) -> None:
    """Take a screenshot off its trade. Doing it again changes nothing.

    Raises:
        NotFoundError: there is no such screenshot.
    """
    with writer(engine) as session:
        row = session.get(TradeImage, image_id)
        if row is None:
            raise NotFoundError(f"There is no screenshot {image_id}: reload the page.", image_id)
        if row.removed_at is None:
            row.removed_at = now
            bump(session)


def _checked(content: bytes) -> tuple[str, int, int]:
    """Format, width and height of an image that can be shown."""
    if len(content) > MOST_BYTES:
        raise DeskError(f"The file has {len(content) / 2**20:.1f} MB: 10 MB are the most.", len(content))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=list(_SUFFIX)) as image:
                kind, (width, height) = str(image.format), image.size
                if width * height > MOST_PIXELS:
                    raise DeskError(f"{width} x {height} pixels are too many: make it smaller.", (width, height))
                image.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DeskError("This is no PNG, JPEG or WebP image: upload another file.") from error
    except Image.DecompressionBombWarning as error:
        raise DeskError("The image has too many pixels: make it smaller.") from error
    return kind, width, height


def _store(path: Path, content: bytes) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(content)
    part.replace(path)
