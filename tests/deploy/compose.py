"""docker-compose.yml as a container engine would read it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
_VARIABLE = re.compile(r"\$(?:\$|\{(?P<name>\w+)(?:(?P<kind>:[-?])(?P<word>[^}]*))?\})")


class MissingVariableError(Exception):
    """A variable that must be set is not."""


def load(variables: Mapping[str, str]) -> dict[str, Any]:
    """The file with anchors resolved and variables filled in."""
    raw = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return _fill(raw, variables)


def _fill(value: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _fill(item, variables) for key, item in value.items()}
    if isinstance(value, list):
        return [_fill(item, variables) for item in value]
    if isinstance(value, str):
        return _VARIABLE.sub(lambda match: _value(match, variables), value)
    return value


def _value(match: re.Match[str], variables: Mapping[str, str]) -> str:
    if match["name"] is None:
        return "$"
    given = variables.get(match["name"], "")
    if given:
        return given
    if match["kind"] == ":?":
        raise MissingVariableError(match["name"])
    return match["word"] or ""
