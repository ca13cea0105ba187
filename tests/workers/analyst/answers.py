"""Answers of a model about the factories' signal: long, entry 100, stop 98, target 106."""

from __future__ import annotations

import json
from typing import Any

from core.analyst.answer import Answer


def answer(**fields: Any) -> str:
    """A usable answer that agrees, with these fields changed."""
    plain: dict[str, Any] = {
        "direction": "long",
        "entry": 100.0,
        "stop": 97.5,
        "targets": [104.0, 107.0],
        "confidence": 80,
        "reasons": ["Higher lows above the order block."],
        "risks": ["News at 13:30."],
        "invalidation": "A close below 97.5.",
    }
    return json.dumps(plain | fields)


def against(confidence: int = 90) -> str:
    """A short, with confidence."""
    return answer(direction="short", entry=100.0, stop=103.0, targets=[95.0], confidence=confidence)


SCHEMA = Answer.model_json_schema()
