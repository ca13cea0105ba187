"""An image with its label boxes laid over it: from the rows, never from pixels."""

from __future__ import annotations

from base64 import b64encode

from core.dataset.labels import Box
from core.patterns.naming import kind_named, title
from dashboard.components.markup import Markup, show, tag
from db.models import ChartPattern
from db.store.datasets import judged_box, judged_class

_RIGHT, _HIGH = 0.7, 0.08


def preview(png: bytes, name: str, patterns: list[ChartPattern], current: int | None, moved: Box | None) -> None:
    """Draw it; the label `current` stands out, at `moved` while a person moves its box."""
    image = tag("img", src=f"data:image/png;base64,{b64encode(png).decode()}", alt=name)
    boxes = [_box(one, current=one.id == current, moved=moved if one.id == current else None) for one in patterns]
    show(tag("div", image, *boxes, cls="preview"))


def label_title(pattern: ChartPattern) -> str:
    """The kind that counts, as people say it."""
    return title(kind_named(judged_class(pattern)))


def _box(pattern: ChartPattern, *, current: bool, moved: Box | None) -> Markup:
    x0, y0, x1, y1 = moved or judged_box(pattern)
    words = ["box", "up" if pattern.direction > 0 else "down"]
    words += [pattern.verdict] if pattern.verdict == "rejected" else ["judged"] if pattern.verdict else []
    words += ["current"] if current else []
    words += (["right"] if x0 > _RIGHT else []) + (["high"] if y0 < _HIGH else [])
    place = f"left:{x0:.4%};top:{y0:.4%};width:{max(x1 - x0, 0):.4%};height:{max(y1 - y0, 0):.4%}"
    name = label_title(pattern)
    said = tag("span", name) if current else ""
    return tag("div", said, cls=" ".join(words), style=place, title=f"{name}, score {pattern.score:.2f}")
