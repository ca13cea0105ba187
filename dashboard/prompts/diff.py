"""Two texts beside each other, line by line: what was taken out and what came in."""

from __future__ import annotations

from difflib import unified_diff

from dashboard.components.markup import Markup, tag

_HEADER = 2


def diff(before: str, after: str, context: int = 2) -> Markup:
    """The lines that differ with `context` lines around them."""
    lines = list(unified_diff(before.split("\n"), after.split("\n"), lineterm="", n=context))[_HEADER:]
    if not lines:
        return tag("pre", tag("span", "No difference.", cls="at"), cls="diff")
    return tag("pre", *(_line(line) for line in lines), cls="diff")


def _line(line: str) -> Markup:
    kinds = {"+": "add", "-": "drop", "@": "at"}
    return tag("span", line, cls=kinds.get(line[:1], ""))
