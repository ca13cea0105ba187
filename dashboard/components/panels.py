"""Small panels that several pages show: figures in a strip, a heading with badges, an empty state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from dashboard.components.markup import Markup, badge, show, tag


@dataclass(frozen=True)
class Figure:
    """One figure of a strip; `tone` is `up`, `down`, `warning` or nothing."""

    label: str
    value: str
    note: str = ""
    tone: str = ""


def strip(figures: Iterable[Figure]) -> None:
    """Figures side by side, two a row on a phone."""
    show(tag("dl", *(_figure(one) for one in figures), cls="kpis"))


def heading(title: str, *details: object, source: str = "") -> None:
    show(
        tag(
            "div",
            tag("h2", title, badge(source)),
            *(tag("span", detail, cls="muted") for detail in details if detail),
            cls="head",
        )
    )


def section(title: str) -> None:
    show(tag("span", title, cls="section"))


def note(text: str) -> None:
    show(tag("div", text, cls="plain muted"))


def empty(title: str, *parts: object) -> None:
    """Nothing to show yet: what will fill this place, and how."""
    show(tag("div", tag("b", title), *parts, cls="empty"))


def code(text: str) -> Markup:
    return tag("code", text)


def tone(value: object) -> str:
    """`up` or `down` by the sign of a number; nothing for zero and None."""
    if not isinstance(value, int | float | Decimal):
        return ""
    return "up" if value > 0 else "down" if value < 0 else ""


def _figure(one: Figure) -> Markup:
    note = tag("small", one.note) if one.note else ""
    return tag("div", tag("dt", one.label), tag("dd", one.value, cls=one.tone, title=one.value), note)
