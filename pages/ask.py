"""Ask the desk: questions about one's own journal."""

from __future__ import annotations

from dashboard import status
from dashboard.components.panels import section

status.page_stamp()
section("Ask the desk")
