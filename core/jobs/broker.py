"""What the one worker of the broker queue is asked for."""

from __future__ import annotations
