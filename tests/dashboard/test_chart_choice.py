"""An exported chart draws the pattern events that the page draws."""

from __future__ import annotations

from core.charts.choice import BOXES, known_on, telling
from core.patterns.detect import detect
from dashboard.charts import payload as chart_payload
from dashboard.patterns.drawing import selection
from dashboard.patterns.events import events_in
from tests.real_bars import sample_bars


def test_the_export_chooses_as_the_page_does() -> None:
    bars = sample_bars("AAPL", 1500)
    log, window = detect(bars), bars[-600:]
    page = selection(events_in(log, window), window, chart_payload.BOXES)
    ours = log.events[telling(log, known_on(log, window), window)]
    names = ("direction", "start", "end", "known_at", "level")
    assert BOXES == chart_payload.BOXES
    assert len(page) > BOXES
    drawn = {tuple(row[name].item() for name in names) for row in ours}
    assert drawn == {tuple(one[name] for name in names) for one in page}
