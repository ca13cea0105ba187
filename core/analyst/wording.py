"""The wording of a prompt: text with variables in double braces, and nothing else that could do anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Final

from core.errors import PromptError

_OPEN: Final = "{{"
_VARIABLE: Final = re.compile(r"\{\{[ \t]*([A-Za-z_][A-Za-z0-9_]*)[ \t]*\}\}")


def pieces(template: str) -> Iterator[tuple[str, str]]:
    """The template as (literal text, name of the variable after it) pairs; the last name is empty.

    A variable is a bare name in double braces: `{{entry}}`. Single braces are text, so that a prompt may show JSON.

    Raises:
        PromptError: double braces open something that is no bare name.
    """
    at = 0
    while (start := template.find(_OPEN, at)) >= 0:
        found = _VARIABLE.match(template, start)
        if found is None:
            line = template.count("\n", 0, start) + 1
            raise PromptError(
                f"The double braces in line {line} do not hold one bare name: write a variable as {{{{entry}}}}, and "
                "put a space between two braces that are meant as text.",
                line,
            )
        yield template[at:start], found[1]
        at = found.end()
    yield template[at:], ""


def names_in(template: str, known: Iterable[str]) -> list[str]:
    """The variables a template uses, each once, in the order in which they come.

    Raises:
        PromptError: one is not among the `known`, or the braces are wrong.
    """
    allowed = list(known)
    found = list(dict.fromkeys(name for _, name in pieces(template) if name))
    for name in found:
        if name not in allowed:
            close = get_close_matches(name, allowed, 1, 0.6)
            hint = f"did you mean {close[0]}?" if close else "the list beside the editor has those that there are."
            raise PromptError(f"There is no variable {name}: {hint}", name)
    return found


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with each variable's text in its place; what a value contains is never looked at again.

    Raises:
        PromptError: as `names_in`.
    """
    names_in(template, values)
    return "".join(text + (values[name] if name else "") for text, name in pieces(template))
