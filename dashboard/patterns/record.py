"""What each kind was worth on this symbol and timeframe, with how sure that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from core.patterns.naming import FAMILY_TITLES, family_of, title
from core.stats.patterns import HORIZON, MARGIN, KindRecord, Odds
from dashboard.components import empties
from dashboard.components.formats import NOTHING, percent
from dashboard.components.markup import show, table, tag
from dashboard.components.panels import note, section
from db.store.reviews import EventKey, Verdict

FEW = 30
"""Below this many cases an interval by the normal distribution is too narrow to be coloured."""
_HEADS = (
    ("Kind", ""),
    ("Events", "num"),
    ("Per 1,000 bars", "num"),
    ("Cases", "num"),
    ("Hit rate 1R", "num"),
    ("Expectancy 1R", "num"),
    ("Hit rate 2R", "num"),
    ("Expectancy 2R", "num"),
    ("Judged valid", "num"),
)


def record(records: Sequence[KindRecord], said: Mapping[EventKey, Verdict], families: Sequence[str], bars: int) -> None:
    """The table of the chosen families' kinds, the most frequent first, and the rule it stands on."""
    judged = judgements(said)
    shown = [one for one in records if family_of(one.kind) in families]
    if not shown:
        empties.no_records()
        return
    note(rule(bars))
    for family in (name for name in FAMILY_TITLES if name in families):
        mine = sorted((one for one in shown if family_of(one.kind) == family), key=lambda one: -one.count)
        if mine:
            section(FAMILY_TITLES[family])
            show(table(_HEADS, [_row(one, judged.get(one.kind.name.lower())) for one in mine], cls="record"))


def rule(bars: int) -> str:
    """How the figures come about, in words."""
    return (
        f"Over the last {bars:,} bars. Rule: enter at the close of the bar that made the event known, in its "
        f"direction; stop {MARGIN:g} ATR beyond the far side of its range; target at 1 or 2 times that risk; at most "
        f"{HORIZON} bars, then out at the close. If a bar holds both, the stop counts; a gap through the stop fills at "
        f"the open. No spread or commission. A case is an event with {HORIZON} bars behind it. In brackets: 95 % "
        "intervals, Wilson for the rate, normal for the mean. Where nothing runs out of time, 50 % at 1R and 33 % at "
        f"2R break even. Green or red: from {FEW} cases, interval off zero. Cases overlap in time "
        "and there are many kinds, so a few look good by chance."
    )


def judgements(said: Mapping[EventKey, Verdict]) -> dict[str, tuple[int, int]]:
    """For each kind how many events were judged, and how many of them valid."""
    every = Counter(key.kind for key in said)
    valid = Counter(key.kind for key, verdict in said.items() if verdict.verdict == "valid")
    return {kind: (count, valid[kind]) for kind, count in every.items()}


def _row(one: KindRecord, judged: tuple[int, int] | None) -> list[object]:
    cases = next((odds.cases for odds in one.odds if odds), None)
    figures = [cell for odds in one.odds for cell in (_rate(odds), _expectancy(odds))]
    valid = f"{judged[1]} of {judged[0]}" if judged else NOTHING
    return [title(one.kind), one.count, f"{one.per_1000:.1f}", NOTHING if cases is None else cases, *figures, valid]


def _rate(odds: Odds | None) -> object:
    if odds is None:
        return NOTHING
    return tag("span", percent(odds.hit_rate), " ", tag("small", f"({odds.rate_low:.0%} to {odds.rate_high:.0%})"))


def _expectancy(odds: Odds | None) -> object:
    if odds is None:
        return NOTHING
    mean = tag("span", f"{odds.expectancy:+.2f} R", cls=_tone(odds))
    if odds.low is None or odds.high is None:
        return mean
    return tag("span", mean, " ", tag("small", f"({odds.low:+.2f} to {odds.high:+.2f})"))


def _tone(odds: Odds) -> str:
    """A colour only where the figure is more than chance."""
    if odds.cases < FEW or odds.low is None or odds.high is None:
        return ""
    return "up" if odds.low > 0 else "down" if odds.high < 0 else ""
