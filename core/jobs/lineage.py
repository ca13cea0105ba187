"""Replays and exports of lineage."""

from __future__ import annotations

from typing import Final

from core.jobs.job import CHARTS, SCAN, Job

OPENLINEAGE: Final = "workers.tasks.openlineage.export_runs"
REPLAY: Final = "workers.tasks.lineage.replay"
REPLAY_SAMPLE: Final = "workers.tasks.lineage.replay_sample"


def replay(signal_id: int, moment: int) -> Job:
    """Compute a signal once more, as asked for at `moment` (UTC ms)."""
    return Job(SCAN, REPLAY, (signal_id,), f"replay-{signal_id}-{moment}", f"Replay signal {signal_id}", 120)


def replay_sample(day: str) -> Job:
    """Replay a sample of the last 30 days' signals; `day` (2026-03-12, UTC) is the one it stands for."""
    # Behind the charts: nobody waits for it, and scans shall not.
    return Job(CHARTS, REPLAY_SAMPLE, (), f"replay-sample-{day}", f"Replay the sample of {day}", 600)


def openlineage(minute: int) -> Job:
    """Send the runs that are new to where OpenLineage events go; `minute` (UTC ms) names the tick that asked."""
    return Job(CHARTS, OPENLINEAGE, (minute,), f"openlineage-{minute}", "Export runs as OpenLineage events", 120)
