"""`make` on bare machines, played by small programs that stand in for Python; and what the pins may contain."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.compose import ROOT

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="no make on this machine")

FILES = ("Makefile", "requirements.txt", "requirements-dev.txt", "constraints.txt")
TOOLS = ("sh", "make", "id", "touch", "rm", "find", "mkdir", "chmod", "cat", "echo")
INSTALL = "-m pip install -qq --disable-pip-version-check --constraint constraints.txt --requirement"
OLD = '[ "$1" = --version ] && echo Python 3.9.2 && exit 0; exit 1'
WITHOUT_VENV = 'case "$2" in *ensurepip*) exit 1;; esac; exit 0'
# Makes an "environment" whose interpreter writes down what it is called with.
WILLING = """
if [ "$1 $2" = "-m venv" ]; then
    mkdir -p "$3/bin"
    printf '#!/bin/sh\\necho "$@" >> calls\\n' > "$3/bin/python"
    chmod +x "$3/bin/python"
    : > "$3/pyvenv.cfg"
fi
"""


class Machine:
    """A folder with our Makefile and a PATH with next to nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "chartroom"
        self.programs = folder / "bin"
        self.folder.mkdir()
        self.programs.mkdir()
        for name in FILES:
            shutil.copy(ROOT / name, self.folder / name)
        shutil.copytree(ROOT / ".ci", self.folder / ".ci")
        for name in TOOLS:
            (self.programs / name).symlink_to(str(shutil.which(name)))

    def install(self, name: str, script: str) -> None:
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def make(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run make; `calls` then holds what the environment's interpreter was asked."""
        (self.folder / "calls").unlink(missing_ok=True)
        return subprocess.run(
            ["make", *arguments],
            cwd=self.folder,
            env={"PATH": str(self.programs), "HOME": str(self.folder)},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def calls(self) -> list[str]:
        path = self.folder / "calls"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("target", ["run", "test", "check"])
def test_old_python_is_one_sentence_and_what_to_do(machine: Machine, target: str):
    machine.install("python3", OLD)
    done = machine.make(target)
    said = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert done.returncode != 0
    assert said == [
        "Chartroom needs Python 3.11 or later, and this machine has Python 3.9.2: "
        "install one, or name it: make run PYTHON=/path/to/python3.12"
    ]


def test_newer_python_beside_an_old_one_is_found(machine: Machine):
    machine.install("python3", OLD)
    machine.install("python3.12", WILLING)
    assert machine.make("setup").returncode == 0


def test_python_without_venv_is_one_sentence_and_what_to_do(machine: Machine):
    machine.install("python3", WITHOUT_VENV)
    done = machine.make("run")
    said = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert done.returncode != 0
    assert len(said) == 1
    assert "apt install python3-venv" in said[0]


def test_root_on_debian_gets_the_missing_package(machine: Machine):
    complete = f"if [ -e venv ]; then {WILLING}\nexit 0; fi"
    machine.install("python3", f'{complete}\ncase "$2" in *print*) echo 3.12;; esac\n{WITHOUT_VENV}')
    machine.install("id", "echo 0")
    machine.install("apt-get", 'echo "$@" >> packages; case "$*" in *install*) : > venv;; esac')
    done = machine.make("setup")
    assert done.returncode == 0, done.stderr
    assert "python3.12-venv" in (machine.folder / "packages").read_text()


def test_run_installs_no_development_tools_and_test_does(machine: Machine):
    machine.install("python3", WILLING)
    machine.make("run")
    assert machine.calls() == [
        f"{INSTALL} requirements.txt",
        "-m workers browser",
        "-m workers up",
    ]
    machine.make("test")
    assert machine.calls() == [
        f"{INSTALL} requirements-dev.txt",
        "-m pytest --numprocesses auto --maxprocesses 4 --dist worksteal",
    ]


def test_second_call_installs_nothing_and_a_changed_file_does(machine: Machine):
    machine.install("python3", WILLING)
    machine.make("setup")
    machine.make("setup")
    assert machine.calls() == []
    for name, count in (("requirements-dev.txt", 1), ("requirements.txt", 3), ("constraints.txt", 3)):
        later = (machine.folder / ".venv" / ".development").stat().st_mtime + 5
        os.utime(machine.folder / name, (later, later))
        machine.make("setup")
        assert len(machine.calls()) == count, machine.calls()
        os.utime(machine.folder / name, (0, 0))


def test_pins_are_exact_complete_and_know_no_machine():
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", line)] == []
    pinned = {_plain(line.split("==")[0]) for line in lines}
    wanted = (ROOT / "requirements.txt").read_text() + (ROOT / "requirements-dev.txt").read_text()
    asked = {_plain(name) for name in re.findall(r"^([A-Za-z0-9._-]+)(?:\[\w+\])?~=", wanted, re.MULTILINE)}
    assert asked - pinned == set()
    assert len(asked) > 20


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
