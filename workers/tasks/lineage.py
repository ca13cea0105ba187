"""Replays: a signal computed once more."""

from __future__ import annotations

from datetime import UTC, datetime

from db.actions.replay import replay_signal
from db.actions.replay_night import replay_sample as replay_night
from db.engine import default_engine


def replay(signal_id: int) -> bool:
    """Replay a signal because a person asked for it; whether it came out identical."""
    return replay_signal(default_engine(), signal_id, datetime.now(UTC)).identical


def replay_sample() -> int:
    """Replay the nightly sample; how many signals that were."""
    return len(replay_night(default_engine(), datetime.now(UTC)))
