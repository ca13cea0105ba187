"""Where the browser is that draws the charts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from choreographer.cli._cli_utils import get_chrome_download_path

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def find_browser(env: Mapping[str, str]) -> Path | None:
    """A Chrome or Chromium: BROWSER_PATH where it is set and can be run, else the first on PATH, else kaleido's own.

    None without one.

    A BROWSER_PATH that cannot be run counts as none: the person chose it, so another is not taken silently.
    """
    chosen = env.get("BROWSER_PATH")
    if chosen:
        path = Path(chosen)
        return path if path.is_file() and os.access(path, os.X_OK) else None
    found = (shutil.which(name, path=env.get("PATH")) for name in NAMES)
    downloaded = get_chrome_download_path(mkdir=False)
    return next((Path(path) for path in (*found, downloaded) if path and Path(path).is_file()), None)
