"""Typed settings from a mapping (the environment), with the defaults of a single machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from core.errors import SettingsError

MAX_PORT = 65_535


@dataclass(frozen=True)
class Settings:
    """Everything a process needs to know about its surroundings.

    `home` holds all state. `database_url` is an SQLAlchemy URL. `redis_url` is None when the supervisor is to start its
    own server. `seed` makes the simulated feed reproducible; `simulated` turns its symbols on. `strategies` is the
    folder of the user's own strategies.
    """

    home: Path
    database_url: str
    redis_url: str | None
    host: str
    port: int
    workers: int
    seed: int
    simulated: bool
    strategies: Path
    openlineage_url: str | None = None
    openlineage_folder: Path | None = None

    @property
    def charts(self) -> Path:
        """Folder of rendered charts."""
        return self.home / "charts"

    @property
    def datasets(self) -> Path:
        """Folder of image data sets and their archives."""
        return self.home / "datasets"

    @property
    def uploads(self) -> Path:
        """Folder of what the person uploaded: screenshots of trades."""
        return self.home / "uploads"

    @classmethod
    def from_mapping(cls, env: Mapping[str, str]) -> Settings:
        """Read DATABASE_URL, REDIS_URL, CHARTROOM_HOME, _HOST, _PORT, _WORKERS, _SEED, _SIMULATED and _STRATEGIES, and
        OPENLINEAGE_URL and OPENLINEAGE_FOLDER.

        Raises:
            SettingsError: a value that cannot be read, with the variable's name.
        """
        home = Path(env.get("CHARTROOM_HOME") or "var").expanduser().absolute()
        return cls(
            home=home,
            database_url=_database_url(env.get("DATABASE_URL") or f"sqlite:///{home / 'chartroom.db'}"),
            redis_url=env.get("REDIS_URL") or None,
            host=env.get("CHARTROOM_HOST") or "127.0.0.1",
            port=_integer(env, "CHARTROOM_PORT", 8501, 1, MAX_PORT),
            workers=_integer(env, "CHARTROOM_WORKERS", 2, 1, 64),
            seed=_integer(env, "CHARTROOM_SEED", 7, 0, 2**31 - 1),
            simulated=_switch(env, "CHARTROOM_SIMULATED", default=True),
            strategies=Path(env.get("CHARTROOM_STRATEGIES") or home / "strategies").expanduser().absolute(),
            openlineage_url=_web_address(env, "OPENLINEAGE_URL"),
            openlineage_folder=_folder_inside(env, "OPENLINEAGE_FOLDER", home),
        )


def _web_address(env: Mapping[str, str], name: str) -> str | None:
    text = env.get(name) or None
    if text is not None and (urlsplit(text).scheme not in ("http", "https") or not urlsplit(text).hostname):
        raise SettingsError(f"{name} is no web address: write it as http://host:port, or unset it.")
    return text


def _folder_inside(env: Mapping[str, str], name: str, home: Path) -> Path | None:
    text = env.get(name) or None
    if text is None:
        return None
    folder = Path(os.path.normpath(home / text))
    if not folder.is_relative_to(home) or folder == home:
        raise SettingsError(f"{name}={text} lies outside {home}: name a folder inside it, or unset it.", text)
    return folder


def _database_url(url: str) -> str:
    """SQLAlchemy's default driver for a plain PostgreSQL URL is not the one we ship: name ours."""
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    if url.startswith(("sqlite:///", "postgresql+psycopg://")):
        return url
    raise SettingsError("DATABASE_URL is not a PostgreSQL or SQLite address: use postgresql://... or sqlite:///...")


def _integer(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = env.get(name) or str(default)
    if not text.lstrip("-").isdecimal() or not low <= int(text) <= high:
        raise SettingsError(f"{name}={text} is no whole number from {low} to {high}: correct or unset it.", text)
    return int(text)


def _switch(env: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = (env.get(name) or ("on" if default else "off")).lower()
    words = {"on": True, "1": True, "true": True, "yes": True, "off": False, "0": False, "false": False, "no": False}
    if text not in words:
        raise SettingsError(f"{name}={text} is neither on nor off: correct or unset it.", text)
    return words[text]
