"""Voting rules as lines of text that a person can read and change: `RSI14 above 50 by 3`. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from core.errors import ParameterError
from core.strategies.indicator_rules import RULES

HELP = (
    "One rule a line: INDICATOR above, below or cross REFERENCE, or INDICATOR slope; then, as needed, "
    "by MARGIN, over BARS, weight W, family F."
)
_EXTRAS = {"by": "margin", "over": "bars", "weight": "weight", "family": "family"}
_PLAIN = {"margin": 0.0, "bars": 1, "weight": 1.0, "family": ""}


def lines_of(rules: Iterable[Mapping[str, Any]]) -> str:
    """Stored rules as text, one a line; what is at its default is left out."""
    return "\n".join(_line(rule) for rule in rules)


def rules_of(text: str) -> list[dict[str, Any]]:
    """Text as rules to store; empty lines are skipped. Whether they can be is for the strategy to say.

    Raises:
        ParameterError: a line that is no rule; it is quoted.
    """
    return [_rule(line) for line in text.splitlines() if line.strip()]


def _line(rule: Mapping[str, Any]) -> str:
    words = [str(rule["indicator"]), str(rule.get("rule", "above"))]
    if words[1] != "slope":
        words.append(_number_text(rule.get("against", 0.0)))
    for word, name in _EXTRAS.items():
        value = rule.get(name, _PLAIN[name])
        if value != _PLAIN[name]:
            words += [word, _number_text(value)]
    return " ".join(words)


def _rule(line: str) -> dict[str, Any]:
    words = line.split()
    kind = words[1] if len(words) > 1 else ""
    if kind not in RULES:
        raise ParameterError(f"'{line.strip()}' is no rule: write such as RSI14 above 50.", line)
    rest = words[2:]
    found: dict[str, Any] = {"indicator": words[0], "rule": kind}
    if kind != "slope":
        if not rest or rest[0] in _EXTRAS:
            raise ParameterError(
                f"'{line.strip()}' does not say what to compare with: give a number or a column.", line
            )
        found["against"], rest = _number_or_name(rest[0]), rest[1:]
    if len(rest) % 2 or any(word not in _EXTRAS for word in rest[::2]):
        raise ParameterError(
            f"'{line.strip()}' ends in words unknown: use {', '.join(_EXTRAS)}, each with a value.", line
        )
    for word, value in zip(rest[::2], rest[1::2], strict=True):
        found[_EXTRAS[word]] = value if word == "family" else _number_or_name(value)
    if isinstance(found.get("bars"), float) and found["bars"].is_integer():
        found["bars"] = int(found["bars"])
    return found


def _number_or_name(word: str) -> float | str:
    try:
        return float(word)
    except ValueError:
        return word


def _number_text(value: float | str) -> str:
    return value if isinstance(value, str) else repr(int(value) if value == int(value) else float(value))
