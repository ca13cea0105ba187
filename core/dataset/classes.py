"""The classes of the labels: every kind of pattern, always in the same order."""

from __future__ import annotations

from typing import Final

from core.patterns.events import Kind

CLASSES: Final = tuple(kind.name.lower() for kind in sorted(Kind))
"""Names by class number: a kind keeps its number whatever a data set labels."""

NUMBER_OF: Final = {name: number for number, name in enumerate(CLASSES)}
