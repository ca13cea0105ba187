"""The set-up of a browser on machines played by small programs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workers.supervise.browser import ensure_browser

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root may install packages")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH of its own, no home to find a download in, and no network."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("BROWSER_PATH", raising=False)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    return tmp_path


def install(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_browser_that_is_there_is_taken(machine: Path, capfd: pytest.CaptureFixture[str]):
    install(machine, "chromium", "")
    assert ensure_browser() is True
    assert capfd.readouterr().out == ""


@ROOT_ONLY
def test_root_gets_one_by_apt(machine: Path):
    chromium = machine / "chromium"
    create = f"case \"$*\" in *chromium*) echo '#!/bin/sh' > {chromium}; /bin/chmod +x {chromium};; esac"
    install(machine, "apt-get", f'echo "$@" >> {machine}/asked; {create}')
    assert ensure_browser() is True
    assert "fonts" in (machine / "asked").read_text()


def test_without_any_way_one_message_and_no_error(machine: Path, capfd: pytest.CaptureFixture[str]):
    install(machine, "apt-get", "exit 100")
    assert ensure_browser() is False
    said = capfd.readouterr().err
    assert "sudo apt install chromium" in said
    assert "BROWSER_PATH" in said
    assert "Traceback" not in said


def test_browser_the_person_chose_is_not_replaced(machine: Path, monkeypatch, capfd: pytest.CaptureFixture[str]):
    install(machine, "apt-get", f"echo asked > {machine}/asked")
    monkeypatch.setenv("BROWSER_PATH", "/nowhere/chrome")
    assert ensure_browser() is False
    assert "BROWSER_PATH=/nowhere/chrome" in capfd.readouterr().err
    assert not (machine / "asked").exists()
