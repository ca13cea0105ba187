"""Run detectors over one symbol and timeframe."""

from __future__ import annotations

from collections.abc import Sequence

from core.bars import Bars
from core.errors import ParameterError
from core.patterns.events import EventLog
from core.patterns.families import ALL, FAMILIES, SMART_MONEY_ONLY
from core.patterns.inputs import DetectorSettings, Inputs, average_true_range, sound
from core.patterns.log import build_log

__all__ = ["ALL", "SMART_MONEY_ONLY", "DetectorSettings", "average_true_range", "detect"]


def detect(
    bars: Bars,
    settings: DetectorSettings | None = None,
    families: Sequence[str] = SMART_MONEY_ONLY,
    *,
    checked: bool = False,
) -> EventLog:
    """All events of the chosen families in `bars`.

    Too few bars give an empty log, never an error. `checked` skips the check of bars that have been validated.

    Raises:
        ParameterError: a family that does not exist.
        BarsError: the bars break their contract (`core.bars.validate`).
    """
    unknown = [name for name in families if name not in FAMILIES]
    if unknown:
        raise ParameterError(
            f"{', '.join(unknown)}: no such pattern family; choose from {', '.join(FAMILIES)}.", unknown
        )
    inputs = Inputs(bars if checked else sound(bars), settings or DetectorSettings())
    return build_log(bars, [part for name in dict.fromkeys(families) for part in FAMILIES[name](inputs)])
