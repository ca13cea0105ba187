"""Settings from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import SettingsError
from core.settings import Settings


def test_defaults_are_those_of_one_machine() -> None:
    found = Settings.from_mapping({})
    assert found.home == Path("var").absolute()
    assert found.database_url == f"sqlite:///{found.home / 'chartroom.db'}"
    assert (found.redis_url, found.host, found.port, found.workers, found.simulated) == (
        None,
        "127.0.0.1",
        8501,
        2,
        True,
    )


def test_everything_lives_under_the_home() -> None:
    found = Settings.from_mapping({"CHARTROOM_HOME": "/srv/desk"})
    assert found.database_url == "sqlite:////srv/desk/chartroom.db"
    assert found.charts == Path("/srv/desk/charts")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_any_postgresql_address_uses_the_driver_that_ships(scheme: str) -> None:
    found = Settings.from_mapping({"DATABASE_URL": f"{scheme}://desk:x@db/desk"})
    assert found.database_url == "postgresql+psycopg://desk:x@db/desk"


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"CHARTROOM_PORT": "eighty"}, "CHARTROOM_PORT=eighty is no whole number from 1 to 65535"),
        ({"CHARTROOM_PORT": "0"}, "from 1 to 65535"),
        ({"CHARTROOM_WORKERS": "65"}, "from 1 to 64"),
        ({"CHARTROOM_SIMULATED": "maybe"}, "neither on nor off"),
        ({"DATABASE_URL": "mysql://desk:secret@db/desk"}, "use postgresql://"),
    ],
)
def test_bad_values_name_the_variable_and_keep_secrets(env: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words) as caught:
        Settings.from_mapping(env)
    assert "secret" not in caught.value.message
