"""Replays and exports of lineage."""

from __future__ import annotations

from typing import Final

from core.jobs.job import CHARTS, Job

OPENLINEAGE: Final = "workers.tasks.openlineage.export_runs"


def openlineage(minute: int) -> Job:
    """Send the runs that are new to where OpenLineage events go; `minute` (UTC ms) names the tick that asked."""
    return Job(CHARTS, OPENLINEAGE, (minute,), f"openlineage-{minute}", "Export runs as OpenLineage events", 120)
