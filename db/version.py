"""Which code computed a figure."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

import core


@lru_cache(maxsize=1)
def code_version() -> str:
    """The release plus ten hex digits over the text of every file in `core/`.

    A hash of what really runs says more than a commit: it also changes for an edited working tree, and needs no git.
    """
    folder = Path(core.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return f"{core.__version__}+{digest.hexdigest()[:10]}"
