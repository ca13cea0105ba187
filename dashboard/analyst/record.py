"""The analyst's measured record: per version of a prompt and model, what its opinions were worth."""

from __future__ import annotations

from core.stats.journal import wilson_interval
from dashboard import data
from dashboard.analyst.opinion_words import reason
from dashboard.components import formats
from dashboard.components.frames import records
from dashboard.components.markup import Markup, show, table, tag
from dashboard.components.panels import empty, note, section
from db.views import analyst_record as views

_HEADS = (
    ("Prompt", ""),
    ("Model", ""),
    ("Opinions", "num"),
    ("Ended", "num"),
    ("Agreed, won", "num"),
    ("Agreed, lost", "num"),
    ("Warned rightly", "num"),
    ("Warned wrongly", "num"),
    ("Right", "num"),
    ("Agreed, mean R", "num"),
    ("Warned, mean R", "num"),
    ("Held back", "num"),
)


def analyst_record(key: data.Stamp) -> None:
    """Draw the section; `key` is the run's stamp."""
    found = data.cached(key, views.analyst_record)
    missing = data.cached(key, views.missing_opinions)
    section("Measured record")
    if found.empty:
        empty(
            "No opinion has been measured yet.",
            "Once a signal with an opinion meets its target or its stop, it counts here: whether the analyst agreed "
            "or warned, and who was right.",
        )
    else:
        show(table(_HEADS, [_row(one) for one in records(found)], cls="analyst-record"))
        note(
            "Measured on what became of the signals as suggested, whatever was decided about them. Only the first "
            "opinion on a signal counts, and only when it was there before the signal ended. To warn is to stay out "
            "or to contradict. Right: share of ended signals on which it agreed and they won, or warned and they "
            "lost, with the interval at 95 %."
        )
    if missing:
        listed = ", ".join(f"{count} {reason(word)}" for word, count in missing.items())
        note(f"Signals without an opinion: {listed}.")


def _row(one: dict[str, object]) -> tuple[object, ...]:
    right = _whole(one["agreed_won"]) + _whole(one["warned_right"])
    ended = _whole(one["ended"])
    return (
        f"{one['prompt']}, version {one['number']}",
        one["model"],
        _whole(one["answers"]),
        ended,
        _toned(one["agreed_won"], "up"),
        _toned(one["agreed_lost"], "down"),
        _toned(one["warned_right"], "up"),
        _toned(one["warned_wrong"], "down"),
        _share(right, ended),
        _r(one["agreed_r"]),
        _r(one["warned_r"]),
        _whole(one["held_back"]),
    )


def _whole(value: object) -> int:
    return int(str(value))


def _toned(value: object, tone: str) -> Markup:
    count = _whole(value)
    return tag("span", count, cls=tone if count else "muted")


def _share(right: int, ended: int) -> Markup:
    if ended == 0:
        return tag("span", formats.NOTHING, cls="muted")
    low, high = wilson_interval(right, ended)
    interval = tag("small", f" {formats.percent(low)} to {formats.percent(high)}", cls="muted")
    return tag("span", formats.percent(right / ended), interval)


def _r(value: object) -> str:
    return formats.multiple(None if formats.absent(value) else float(str(value)))
