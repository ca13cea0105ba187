"""The kinds of steps in the chain from bars to journal."""

from __future__ import annotations

from typing import Final

ROOTS: Final = frozenset({"bars", "settings"})
"""Everything else was made from something."""

KINDS: Final = {
    "bars": "Bars",
    "settings": "Settings",
    "indicators": "Indicators",
    "events": "Events",
    "votes": "Votes",
    "signal": "Signal",
    "chart": "Chart",
    "prompt": "Prompt",
    "opinion": "Opinion",
    "fusion": "Fusion",
    "decision": "Decision",
    "expiry": "Expiry",
    "refusal": "Refusal",
    "order": "Order",
    "transition": "Order change",
    "execution": "Execution",
    "trade": "Trade",
    "fill": "Fill",
    "stop": "Stop moved",
    "target": "Target moved",
    "close": "Close",
    "journal": "Journal entry",
    "import": "Import",
    "question": "Question",
    "answer": "Answer",
}
"""Every kind of step, by the word that is stored, and its title."""
