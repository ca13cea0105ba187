"""Jobs: what the workers do, did not manage, and will do; retry and cancel."""

from __future__ import annotations

from dashboard import status
from dashboard.components.job_board import job_board

status.page_stamp()
job_board()
