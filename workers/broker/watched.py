"""The desk's orders as the owner of the connection sees them, with the time of each reconciliation kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from db.actions.broker_link import note_reconciled
from workers.broker.base import Difference
from workers.broker.store import DeskIntents


class WatchedIntents(DeskIntents):
    """The page says when both sides were compared last."""

    def report(self, differences: Sequence[Difference]) -> None:
        """Keep what was found, and that it was looked for."""
        super().report(differences)
        note_reconciled(self.engine, len(differences), datetime.now(UTC))
