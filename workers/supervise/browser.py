"""A Chrome or Chromium for chart images: found, else installed. Without one the desk runs on, without images."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from workers.renderer.browser import find_browser

MISSING = (
    "No Chrome or Chromium was found and none could be installed, so chart images will not be drawn: "
    "install one (Debian and Ubuntu: sudo apt install chromium), or set BROWSER_PATH to it."
)
PACKAGES = ("chromium", "fonts-dejavu-core")


def ensure_browser() -> bool:
    """Find a browser, or install one by apt when root, or by kaleido's own download; say so when all fail."""
    if find_browser(os.environ):
        return True
    chosen = os.environ.get("BROWSER_PATH")
    if chosen:
        print(f"BROWSER_PATH={chosen} cannot be run, so no chart images: correct or unset it.", file=sys.stderr)
        return False
    print("Installing a browser for chart images ...", flush=True)
    if (_by_apt() or _by_kaleido()) and find_browser(os.environ):
        return True
    print(MISSING, file=sys.stderr)
    return False


def _by_apt() -> bool:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["install", "-y", "--no-install-recommends", *PACKAGES]
    # An update may fail for a source that has nothing to do with us: the installation decides.
    codes = [
        subprocess.run(["apt-get", "-qq", *arguments], env=quiet, stdout=subprocess.DEVNULL, check=False).returncode
        for arguments in (["update"], install)
    ]
    return codes[-1] == 0


def _by_kaleido() -> bool:
    """Kaleido's own download, in a process that can be given up; it goes where `find_browser` looks last."""
    command = [sys.executable, "-c", "import kaleido; kaleido.get_chrome_sync()"]
    try:
        done = subprocess.run(command, check=False, timeout=600, capture_output=True, text=True)
    except subprocess.TimeoutExpired:
        print("The download of a browser took more than ten minutes and was given up.", file=sys.stderr)
        return False
    if done.returncode:
        print(f"The download of a browser failed: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
    return done.returncode == 0
