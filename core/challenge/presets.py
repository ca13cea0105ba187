"""The challenges that firms publish, as the desk knows them. Firms change their rules: the firm's own page decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from core.challenge.phases import Challenge


@dataclass(frozen=True)
class Preset:
    """A published challenge: `make(size)` gives it for one of `sizes` (any size where `any_size`)."""

    key: str
    name: str
    firm: str
    sizes: tuple[Decimal, ...]
    any_size: bool
    make: Callable[[Decimal], Challenge]


PRESETS: dict[str, Preset] = {}


def preset(key: str, size: Decimal) -> Challenge:
    """The challenge `key` with an initial balance of `size`.

    Raises:
        ParameterError: there is no such preset, or the firm does not offer it in this size.
    """
    raise NotImplementedError
