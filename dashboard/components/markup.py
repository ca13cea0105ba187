"""Small pieces of HTML in which every text is escaped: the only way that raw text reaches `st.html` here."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import streamlit as st

SOURCES = {"simulated": "SIMULATED", "sample": "SAMPLE"}
"""Sources whose bars are no live market, and the badge that says so."""


class Markup(str):
    """HTML that is known to be safe: made by `tag`, never from outside text."""

    __slots__ = ()


def tag(name: str, *children: object, cls: str = "", **attributes: str) -> Markup:
    """One element. Children that are not Markup are text and are escaped, as are attribute values."""
    if cls:
        attributes = {"class": cls, **attributes}
    written = "".join(f' {key.replace("_", "-")}="{escape(value)}"' for key, value in attributes.items())
    return Markup(f"<{name}{written}>{join(children)}</{name}>")


def join(children: Iterable[object]) -> Markup:
    return Markup("".join(child if isinstance(child, Markup) else escape(str(child)) for child in children))


def show(markup: Markup) -> None:
    """Write a piece on the page."""
    st.html(markup)


def badge(source: str) -> Markup:
    """The badge of a symbol's source; empty for a live market."""
    label = SOURCES.get(source)
    return tag("span", label, cls=f"badge {source}") if label else Markup("")


def pill(label: str, tone: str) -> Markup:
    return tag("span", label, cls=f"pill {tone}")


def table(heads: Iterable[tuple[str, str]], rows: Iterable[Iterable[object]], *, cls: str = "") -> Markup:
    """A table of text; `heads` are (title, class of the column: `num` aligns right)."""
    columns = list(heads)
    head = tag("tr", *(tag("th", title, cls=kind) for title, kind in columns))
    body = (
        tag("tr", *(tag("td", cell, cls=kind) for cell, (_, kind) in zip(row, columns, strict=True))) for row in rows
    )
    return tag(
        "div",
        tag("table", tag("thead", head), tag("tbody", *body), cls=f"desk {cls}".strip()),
        cls="scroll",
    )


def markdown(text: object) -> str:
    """Outside text for a place that reads Markdown (labels, toasts, errors): every active character is escaped."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]()<>#+-.!|~$:&" else char for char in str(text))
