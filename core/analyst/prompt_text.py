"""A prompt as one plain text file: a header, then the two texts, each line indented by two spaces.

    Chartroom prompt 1
    name: Plain opinion
    strategy: SMC intraday
    language: English
    note: shorter

    system:
      You are ...

    template:
      Signal on {{symbol}} ...

Without a line `strategy` it is meant for all. The indent keeps whatever a prompt says apart from the file's own words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.errors import PromptError

MAGIC: Final = "Chartroom prompt 1"
LONGEST: Final = 200_000
"""Characters of a file that is worth reading."""

_INDENT: Final = "  "
_FIELDS: Final = ("name", "strategy", "language", "note")
_TEXTS: Final = ("system", "template")


@dataclass(frozen=True)
class PromptText:
    """One wording with where it belongs. `strategy` None: for all. Line breaks are line feeds alone."""

    name: str
    strategy: str | None
    language: str
    note: str
    system: str
    template: str


def export_prompt(prompt: PromptText) -> str:
    """The file's text; `import_prompt` makes the same prompt of it."""
    head = [MAGIC, f"name: {prompt.name}"]
    if prompt.strategy is not None:
        head.append(f"strategy: {prompt.strategy}")
    head += [f"language: {prompt.language}", f"note: {prompt.note}"]
    texts = [line for name in _TEXTS for line in ("", f"{name}:", *_indented(getattr(prompt, name)))]
    return "\n".join([*head, *texts]) + "\n"


def import_prompt(text: str) -> PromptText:
    """The prompt that a file holds. Line breaks of any system are read, and lines of blanks that an editor emptied.

    Raises:
        PromptError: it is no such file; the sentence names the line.
    """
    if len(text) > LONGEST:
        raise PromptError(f"The file has more than {LONGEST:,} characters: it is no exported prompt.", len(text))
    lines = plain_breaks(text).removeprefix("\ufeff").split("\n")
    if lines[0].rstrip() != MAGIC:
        raise PromptError(f"This is no exported prompt: its first line has to be '{MAGIC}'.", lines[0][:80])
    fields, at = _header(lines)
    texts = _texts(lines, at)
    for name in ("name", "language"):
        if not fields.get(name):
            raise PromptError(f"The header has no '{name}:' line: add one.", name)
    return PromptText(
        fields["name"], fields.get("strategy") or None, fields["language"], fields.get("note", ""),
        texts["system"], texts["template"],
    )  # fmt: skip


def plain_breaks(text: str) -> str:
    """The text with line breaks of one kind."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _indented(text: str) -> list[str]:
    return [line and _INDENT + line for line in text.split("\n")]


def _header(lines: list[str]) -> tuple[dict[str, str], int]:
    """The fields, and the number of the line after them."""
    fields: dict[str, str] = {}
    at = 1
    while at < len(lines) and lines[at].strip():
        name, colon, value = lines[at].partition(":")
        if not colon or name not in _FIELDS or name in fields:
            raise PromptError(
                f"Line {at + 1} of the file is none of {', '.join(_FIELDS)}, or stands there twice: correct it.", at + 1
            )
        fields[name] = value.strip()
        at += 1
    return fields, at


def _texts(lines: list[str], at: int) -> dict[str, str]:
    """Both texts, from line `at` on."""
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    for number, line in enumerate(lines[at:], at + 1):
        title = line.rstrip().removesuffix(":")
        if line.startswith(_INDENT) and current is not None:
            current.append(line.removeprefix(_INDENT))
        elif not line.strip():
            if current is not None:
                current.append("")
        elif line.rstrip().endswith(":") and title in _TEXTS and title not in found:
            current = found.setdefault(title, [])
        else:
            raise PromptError(
                f"Line {number} of the file is neither a title of a text nor indented by two spaces: correct it.",
                number,
            )
    for name in _TEXTS:
        if name not in found:
            raise PromptError(f"The file has no '{name}:' text: add one.", name)
    return {name: "\n".join(_without_gap(body)) for name, body in found.items()}


def _without_gap(body: list[str]) -> list[str]:
    """A text's lines without the file's own empty line after it."""
    return body[:-1] if len(body) > 1 and body[-1] == "" else body
