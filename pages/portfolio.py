"""Portfolio: what is held and what it is worth."""

from __future__ import annotations

from dashboard import status
from dashboard.components.panels import section

status.page_stamp()
section("Portfolio")
