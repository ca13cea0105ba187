"""Orders: what was sent to a broker, and how it stands."""

from __future__ import annotations

from dashboard import status
from dashboard.components.panels import section

status.page_stamp()
section("Orders")
