"""IBKR login: the connection to Interactive Brokers."""

from __future__ import annotations

from dashboard import status
from dashboard.components.panels import section

status.page_stamp()
section("IBKR login")
