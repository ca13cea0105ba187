"""Which browser is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from workers.renderer.browser import find_browser


def program(folder: Path, name: str, mode: int = 0o755) -> Path:
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(mode)
    return path


def test_browser_path_comes_first(tmp_path: Path):
    program(tmp_path, "chromium")
    chosen = program(tmp_path, "my-chrome")
    assert find_browser({"BROWSER_PATH": str(chosen), "PATH": str(tmp_path)}) == chosen


def test_a_wrong_browser_path_is_not_replaced_silently(tmp_path: Path):
    program(tmp_path, "chromium")
    assert find_browser({"BROWSER_PATH": str(tmp_path / "missing"), "PATH": str(tmp_path)}) is None
    assert find_browser({"BROWSER_PATH": str(program(tmp_path, "notes", 0o644)), "PATH": str(tmp_path)}) is None


def test_the_first_known_name_on_the_path_is_taken(tmp_path: Path):
    chrome = program(tmp_path, "google-chrome")
    assert find_browser({"PATH": str(tmp_path)}) == chrome
    chromium = program(tmp_path, "chromium")
    assert find_browser({"PATH": str(tmp_path), "BROWSER_PATH": ""}) == chromium


def test_the_downloaded_one_is_the_last_resort(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    place = tmp_path / "deps" / "chrome"
    monkeypatch.setattr("workers.renderer.browser.get_chrome_download_path", lambda *, mkdir: place)
    assert find_browser({"PATH": str(tmp_path)}) is None
    place.parent.mkdir()
    program(place.parent, "chrome")
    assert find_browser({"PATH": str(tmp_path)}) == place
    chromium = program(tmp_path, "chromium")
    assert find_browser({"PATH": str(tmp_path)}) == chromium
