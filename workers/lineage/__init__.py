"""Replays of signals, and the export of runs as OpenLineage events."""
