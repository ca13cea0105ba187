"""The export of runs as OpenLineage events."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from core.settings import Settings
from db.engine import default_engine
from workers.lineage.openlineage_export import export_due


def export_runs(minute: int) -> int:
    """Send what is new; the number of runs sent. `minute` (UTC ms) is the tick that asked.

    A place that does not work is no failure of the job: the reason is kept and shown, and a later tick tries again.
    """
    now = max(datetime.fromtimestamp(minute / 1000, UTC), datetime.now(UTC))
    return export_due(default_engine(), Settings.from_mapping(os.environ), now)
