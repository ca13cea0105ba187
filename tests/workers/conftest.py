"""A renderer of the tests' own: nothing of it may be left, however a test ended."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workers.desk_process import until
from tests.workers.renderer.family import family, words


@pytest.fixture(scope="module")
def renderer_home() -> Iterator[Path]:
    """A data directory whose renderer works in it. The path is short: a socket's may not be longer than 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="cr-", dir="/tmp") as name, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHARTROOM_HOME", name)
        patch.setenv("TMPDIR", name)
        patch.delenv("CHARTROOM_RENDERER_OWNER", raising=False)
        yield Path(name)
        for process in family(name):
            if "workers.renderer.server" in words(process):
                process.terminate()
        try:
            until(lambda: not family(name), "the end of the renderer", 20)
        finally:
            for process in family(name):
                process.kill()
        assert list(Path(name).glob("chartroom-render-*")) == []
