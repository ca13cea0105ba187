"""Instants as people write them, and a phase that begins."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from core.challenge.evaluate import evaluate
from core.challenge.events import BalanceChange, Mark, Opened, PhaseStart
from core.challenge.phases import PhaseName
from core.challenge.presets import preset

D = Decimal


def ms(text: str, zone: str = "UTC") -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def shown(at: int, zone: str) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def prague(text: str) -> int:
    return ms(text, "Europe/Prague")


def start(at: int, phase: str = "evaluation", balance: Decimal | None = None) -> PhaseStart:
    return PhaseStart(at, PhaseName(phase), balance)


def closed(at: int, amount: str | int, trade: str = "") -> BalanceChange:
    return BalanceChange(at, D(amount), trade=trade)


def mark(at: int, floating: str | int | None, trade: str = "") -> Mark:
    return Mark(at, None if floating is None else D(floating), trade)


def opened(at: int, trade: str) -> Opened:
    return Opened(at, trade)


def run(key: str, size: int, events: list, until: int):
    """The present phase of a preset."""
    return evaluate(preset(key, D(size)), events, until).current
