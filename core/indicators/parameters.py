"""Parameters of an indicator: what may be set, within which bounds, and the refusal of anything else."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from core.errors import ParameterError

Value = int | float | str


@dataclass(frozen=True)
class Parameter:
    """One setting of an indicator.

    `kind` is "int", "float" or "choice". `low` and `high` bound a number, both included; `choices` are the words of a
    choice, for which its position in the list is accepted too.
    """

    name: str
    kind: str
    default: Value
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()

    @property
    def allowed(self) -> str:
        """What may be given, in words."""
        if self.kind == "choice":
            return f"one of {', '.join(self.choices)}"
        noun = "a whole number" if self.kind == "int" else "a number"
        if math.isinf(self.low) and math.isinf(self.high):
            return noun
        return f"{noun} from {self.low:g} to {self.high:g}"

    def read(self, given: object, owner: str) -> Value:
        """The value as the indicator wants it.

        Raises:
            ParameterError: it is of another kind or out of bounds.
        """
        value = self._word(given) if self.kind == "choice" else self._number(given)
        if value is None:
            raise ParameterError(f"{owner}: {self.name} = {given!r} cannot be used; it must be {self.allowed}.", given)
        return value

    def _word(self, given: object) -> str | None:
        if isinstance(given, int) and not isinstance(given, bool) and 0 <= given < len(self.choices):
            return self.choices[given]
        words = {choice.upper(): choice for choice in self.choices}
        return words.get(given.upper()) if isinstance(given, str) else None

    def _number(self, given: object) -> int | float | None:
        if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
            return None
        if not self.low <= given <= self.high or (self.kind == "int" and given != int(given)):
            return None
        return int(given) if self.kind == "int" else float(given)


def read_all(owner: str, parameters: Sequence[Parameter], given: Mapping[str, object]) -> dict[str, Value]:
    """Every parameter's value, the default where none is given.

    Raises:
        ParameterError: a name that `owner` does not have (the allowed ones named, closest first), or a value refused.
    """
    if not given:
        return {parameter.name: parameter.default for parameter in parameters}
    by_name = {parameter.name: parameter for parameter in parameters}
    for name in given:
        if name not in by_name:
            allowed = ", ".join(closest(str(name), list(by_name))) or "none at all"
            raise ParameterError(f"{owner} has no parameter {name!r}; it takes {allowed}.", name)
    return {
        name: parameter.read(given[name], owner) if name in given else parameter.default
        for name, parameter in by_name.items()
    }


def closest(word: str, names: Sequence[str]) -> list[str]:
    """`names`, the most similar to `word` first."""
    wanted = word.upper()

    def unlike(name: str) -> float:
        found = name.upper()
        similar = SequenceMatcher(None, wanted, found).ratio()
        return -(similar + (1 if wanted and (found.startswith(wanted) or wanted.startswith(found)) else 0))

    return sorted(names, key=unlike)
