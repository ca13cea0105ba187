"""A desk of its own for each scenario."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workers.broker.desk import DATABASE
from tests.workers.broker.intents import new_desk


@pytest.fixture
def folder(sqlite_template: Path, tmp_path: Path) -> Path:
    """A folder with a desk's migrated data base."""
    new_desk(sqlite_template, tmp_path / DATABASE)
    return tmp_path
