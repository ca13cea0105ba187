"""The rules of a challenge in plain words, with where each is stated and when that was checked."""

from __future__ import annotations

from core.challenge.amounts import Source
from core.challenge.phases import Challenge, Phase
from core.risk import money
from dashboard.components import formats
from dashboard.components.markup import Markup, show, table, tag

_HEADS = (("Rule", ""), ("In words", ""), ("Source", ""), ("Checked on", "nowrap"))
DECIDES = "Firms change their rules: the firm's own page decides."
WITHIN_BARS = (
    "Between two closes the worst and best price of a stored bar count while one trade alone is open all through it, "
    "the best before the worst where equity lifts the floor: a firm that sees every tick may be kinder there. With "
    "several trades open, and in a bar with a fill or a reset, closes alone count: there a firm may see more."
)


def rules_table(rules: Challenge, *phases: Phase) -> None:
    """The rules of these phases, one table each."""
    show(table(_HEADS, [*_rows(phases[0]), ("Reset", rules.reset.in_words(), *_source(rules.source))], cls="rules"))
    for phase in phases[1:]:
        title = f"{phase.name.value.capitalize()}: its rules"
        rows = _rows(phase) or [("No rules", "The firm publishes none for this phase.", "", "")]
        show(tag("details", tag("summary", title), table(_HEADS, rows, cls="rules"), cls="more"))


def notes(rules: Challenge) -> None:
    """What the firm leaves open, and that its own page decides."""
    version = f"Preset of {rules.version}, as it was when the challenge began. " if rules.version else ""
    size = f"Every phase begins with {money(rules.balance)} {rules.currency} unless you say otherwise. "
    show(tag("div", f"{size}{version}{rules.note} {DECIDES} {WITHIN_BARS}".replace("  ", " "), cls="muted small"))


def _rows(phase: Phase) -> list[tuple[object, ...]]:
    return [(rule.title, rule.in_words(), *_source(rule.source)) for rule in phase.rules]


def _source(source: Source) -> tuple[Markup | str, str]:
    if not source.url:
        return "your own rule", formats.NOTHING
    checked = source.checked_on.isoformat() if source.checked_on else formats.NOTHING
    if not source.url.startswith(("https://", "http://")):
        # A file from elsewhere may say anything here.
        return source.url, checked
    host = source.url.split("/")[2].removeprefix("www.")
    return tag("a", host, href=source.url, target="_blank", rel="noopener noreferrer", title=source.url), checked
