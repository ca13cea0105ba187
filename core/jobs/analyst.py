"""What the local model is asked for."""

from __future__ import annotations
