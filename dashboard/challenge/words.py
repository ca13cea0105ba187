"""A challenge in words: its clock, how a phase stands, and what is left. Pure functions."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from core.challenge.results import FloorNow, PhaseResult, Status
from dashboard.components import formats

TONES = {Status.RUNNING: "accent", Status.PAUSED: "warning", Status.PASSED: "up", Status.FAILED: "down"}
STATE_TONES = {"running": "accent", "passed": "up", "failed": "down", "stopped": "muted"}
_MINUTE, _LOW, _SHORT = 60_000, Decimal("0.25"), Decimal("0.5")


def left(ms: int) -> str:
    """`3 h 12 m`, `12 m`, `less than 1 m`."""
    minutes = max(0, ms) // _MINUTE
    if not minutes:
        return "less than 1 m"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02d} m" if hours else f"{rest} m"


def reset_line(next_reset: int, zone: str, now_ms: int) -> str:
    """`Resets in 3 h 12 m: 00:00 Europe/Prague, 23:00 UTC`."""
    moment = datetime.fromtimestamp(next_reset / 1000, UTC)
    local = moment.astimezone(ZoneInfo(zone))
    return f"Resets in {left(next_reset - now_ms)}: {local:%H:%M} {zone}, {moment:%H:%M} UTC"


def clock(result: PhaseResult, zone: str, now_ms: int) -> str:
    """When the phase failed, else when its day resets."""
    if result.failed is not None:
        return f"Failed {formats.utc(result.failed.at)} UTC"
    return reset_line(result.next_reset, zone, now_ms)


def in_zone(ms: int, zone: str) -> str:
    """`2026-11-21 00:00:05 Europe/Prague`."""
    return f"{datetime.fromtimestamp(ms / 1000, UTC).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S} {zone}"


def room_tone(floor: FloorNow | None) -> str:
    """How urgent what is left above a floor is."""
    if floor is None or floor.share_used is None:
        return ""
    remaining = 1 - floor.share_used
    return "down" if remaining <= _LOW else "warning" if remaining <= _SHORT else "up"


def room_share(floor: FloorNow) -> float:
    """The part of the allowance that is left, 0 to 1."""
    return 0.0 if floor.share_used is None else float(min(Decimal(1), max(Decimal(0), 1 - floor.share_used)))


def room_text(floor: FloorNow | None, currency: str) -> str:
    if floor is None:
        return "no rule"
    return "unknown" if floor.room is None else formats.money(floor.room, currency)


def phase_title(result: PhaseResult) -> str:
    return result.phase.name.value.capitalize()
