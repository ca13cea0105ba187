"""Replays and exports of lineage."""

from __future__ import annotations
