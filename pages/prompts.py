"""Prompts: what the local model is told, in versions."""

from __future__ import annotations

from dashboard import status
from dashboard.components.panels import section

status.page_stamp()
section("Prompts")
