"""Chart images."""

from __future__ import annotations

import os

from core.settings import Settings
from db.engine import default_engine
from workers.renderer.exports import draw_export
from workers.renderer.signals import draw_signal


def render_signal(signal_id: int) -> int | None:
    """Draw the chart image of a signal, once; returns the image's id, None when it was there already."""
    return draw_signal(default_engine(), Settings.from_mapping(os.environ).charts, signal_id)


def render_export(export_id: int) -> bool:
    """Draw an export, once; False when it was done already, or has been deleted."""
    return draw_export(default_engine(), Settings.from_mapping(os.environ).charts, export_id)
