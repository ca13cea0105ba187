"""Which files beside the data base a backup holds, and where they may come back to: one rule for both ways."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

STRATEGIES: Final = "strategies"
"""Name of the folder of the person's own strategies: only its strategy files are kept, and it need not be empty."""

_PREFIX = "files/"
_DRIVE = re.compile(r"[A-Za-z]:")
_LAST_CONTROL, _DELETE = 0x1F, 0x7F


@dataclass(frozen=True)
class Files:
    """Name in the archive -> file; and the names of what has no place in a backup."""

    kept: Mapping[str, Path]
    left_out: tuple[str, ...]


def inside(folder: Path, name: str) -> bool:
    """Whether `name`, a path with / between its parts, is a file inside `folder` on any system, links followed."""
    parts = name.split("/")
    if not all(_is_plain(part) for part in parts):
        return False
    home, place = os.path.realpath(folder), os.path.realpath(folder.joinpath(*parts))
    return Path(home) in Path(place).parents


def _is_plain(part: str) -> bool:
    if part in ("", ".", "..") or "\\" in part or _DRIVE.match(part):
        return False
    return not any(ord(sign) <= _LAST_CONTROL or ord(sign) == _DELETE or "\ud800" <= sign <= "\udfff" for sign in part)


def files_in(folders: Mapping[str, Path]) -> Files:
    """Every file of the folders. A link, and a name that could not be restored, is left out and named."""
    kept: dict[str, Path] = {}
    left_out = []
    for name, folder in folders.items():
        for path in sorted(_listed(name, folder)):
            rest = path.relative_to(folder).as_posix()
            if _belongs(name, path) and inside(folder, rest):
                kept[f"{_PREFIX}{name}/{rest}"] = path
            else:
                # A name that is no text (other bytes on the disk) is written as text here.
                left_out.append(f"{name}/{rest}".encode("utf-8", "backslashreplace").decode())
    return Files(kept, tuple(left_out))


def _listed(name: str, folder: Path) -> list[Path]:
    """What is to be kept or named; what is not finished yet is neither."""
    if name == STRATEGIES:
        # What lies beside the strategy files is named once, however much is in it.
        return [path for path in folder.glob("*") if path.name[0] != "." and path.name != "__pycache__"]
    return [path for path in folder.rglob("*") if (path.is_symlink() or path.is_file()) and path.suffix != ".part"]


def _belongs(name: str, path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and (name != STRATEGIES or path.suffix == ".py")


def place_of(folders: Mapping[str, Path], name: str) -> Path | None:
    """Where a file of a backup comes back to; None for one that has no place in these folders."""
    folder, _, rest = name.removeprefix(_PREFIX).partition("/")
    if not name.startswith(_PREFIX) or folder not in folders or not inside(folders[folder], rest):
        return None
    return folders[folder] / rest


def strategies_among(names: Mapping[str, object]) -> tuple[str, ...]:
    """Names of the strategy files among the names of a backup."""
    prefix = f"{_PREFIX}{STRATEGIES}/"
    return tuple(sorted(name.removeprefix(prefix) for name in names if name.startswith(prefix)))
