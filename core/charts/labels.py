"""Names beside what is drawn, moved apart where they would cover each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.charts import theme
from core.charts.palette import Palette
from core.charts.panels import Panels

_POINTS: Final = 11
_LINE: Final = 15
_STEPS: Final = (0, 1, -1, 2, -2)


@dataclass(frozen=True)
class Label:
    """`text` at position `x` (its left edge, or its middle) beside the price `y`, above or below it."""

    text: str
    x: float
    y: float
    above: bool
    colour: str
    centred: bool = False


@dataclass(frozen=True)
class _Box:
    """Pixels from the upper left corner of the price panel."""

    left: float
    right: float
    top: float
    bottom: float

    def meets(self, other: _Box) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def placed(labels: Sequence[Label], panels: Panels, palette: Palette) -> list[dict[str, Any]]:
    """The labels as plotly's annotations, within the price panel.

    Each goes to the free place nearest to its own; one that finds none is left out, since two on top of each other
    could not be read either.
    """
    taken: list[_Box] = []
    drawn = []
    for label in labels:
        box = _place(label, panels, taken)
        if box is None:
            continue
        taken.append(box)
        drawn.append(
            {
                "x": panels.left + box.left * panels.across,
                "y": panels.high - (box.top + box.bottom) / 2 * panels.up,
                "text": label.text,
                "font": {"size": panels.size(_POINTS), "color": label.colour},
                "showarrow": False,
                "xanchor": "left",
                "yanchor": "middle",
                "bgcolor": theme.fade(palette.background, 0.45),
                "borderpad": 1,
            }
        )
    return drawn


def _place(label: Label, panels: Panels, taken: Sequence[_Box]) -> _Box | None:
    width, line = panels.letters(label.text, _POINTS) + 4, _LINE * panels.text
    left = (label.x - panels.left) / panels.across - (width / 2 if label.centred else 0)
    # What happened stays left of what lies ahead; what lies ahead stays within the picture.
    most = panels.now if label.x <= panels.now else panels.right
    left = max(2.0, min(left, (most - panels.left) / panels.across - width))
    beside = (panels.high - label.y) / panels.up + (-line if label.above else 0.0)
    places = []
    for step in _STEPS:
        top = beside + (-step if label.above else step) * line
        if 0 <= top <= panels.price_height - line:
            places.append(_Box(left, left + width, top, top + line))
    return next((box for box in places if not any(box.meets(other) for other in taken)), None)
