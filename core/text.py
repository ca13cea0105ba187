"""Text from outside as every data base takes it."""

from __future__ import annotations

import re
from typing import Final

_NO_TEXT: Final = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """The text without NUL, which PostgreSQL refuses, and without halves of surrogate pairs, which are no UTF-8."""
    return _NO_TEXT.sub("", text)
