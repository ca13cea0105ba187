"""Rules of one's own that stop new orders. A guard closes nothing: it says no, and names itself and its figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from core.errors import ParameterError
from core.risk import counted, money, plain

MINUTE_MS: Final = 60_000
HUNDRED: Final = Decimal(100)


class Guard(StrEnum):
    """The word is stored with every refusal."""

    KILL_SWITCH = "kill_switch"
    DAILY_LOSS = "daily_loss"
    MAX_DRAWDOWN = "max_drawdown"
    LOSSES_IN_A_ROW = "losses_in_a_row"
    COOL_DOWN = "cool_down"


@dataclass(frozen=True)
class GuardRules:
    """What is not to be exceeded; None switches a guard off. Nothing is allowed at the limit any more.

    `daily_loss` is money lost since the day began, open positions included; `max_drawdown` percent below the highest
    equity; `losses_in_a_row` closed trades of the day; `cool_down` minutes without a new order after a losing trade.
    """

    daily_loss: Decimal | None = None
    max_drawdown: Decimal | None = None
    losses_in_a_row: int | None = None
    cool_down: int | None = None
    kill_switch: bool = False

    def __post_init__(self) -> None:
        for name in ("daily_loss", "max_drawdown", "losses_in_a_row", "cool_down"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ParameterError(f"The guard '{name}' needs a limit above 0, not {value}: correct it.", name)


@dataclass(frozen=True)
class Closed:
    """A trade that was closed at `time` (UTC ms) with `pnl`."""

    time: int
    pnl: Decimal


@dataclass(frozen=True)
class GuardFacts:
    """How the account stands at `now` (UTC ms). `day` is when its trading day began. Equities include open positions;
    None: not known, and `unknown` says why. `closed` in any order.
    """

    now: int
    day: int
    equity: Decimal | None
    day_equity: Decimal | None
    peak_equity: Decimal | None
    closed: Sequence[Closed] = field(default=())
    unknown: str = "a price is missing"


@dataclass(frozen=True)
class Verdict:
    """Why no new order is let through. `figure` is what was found against `limit`; `until` (UTC ms) when it ends by
    itself, None when a person or a new day has to end it.
    """

    guard: Guard
    figure: Decimal | None
    limit: Decimal
    sentence: str
    until: int | None = None


def check_guards(rules: GuardRules, facts: GuardFacts) -> list[Verdict]:
    """Every guard that says no, the gravest first; empty when a new order may go. Not knowing is no permission."""
    found = [
        _kill_switch(rules), _daily_loss(rules, facts), _drawdown(rules, facts), _in_a_row(rules, facts),
        _cool_down(rules, facts),
    ]  # fmt: skip
    return [one for one in found if one is not None]


def _kill_switch(rules: GuardRules) -> Verdict | None:
    if not rules.kill_switch:
        return None
    return Verdict(Guard.KILL_SWITCH, None, Decimal(0), "The kill switch is on: nothing new until somebody lifts it.")


def _daily_loss(rules: GuardRules, facts: GuardFacts) -> Verdict | None:
    limit = rules.daily_loss
    if limit is None:
        return None
    if facts.equity is None or facts.day_equity is None:
        return Verdict(Guard.DAILY_LOSS, None, limit, f"Today's result is not known, because {facts.unknown}.")
    lost = facts.day_equity - facts.equity
    if lost < limit:
        return None
    return Verdict(
        Guard.DAILY_LOSS, lost, limit, f"Today's loss of {money(lost)} has reached the limit {money(limit)}."
    )


def _drawdown(rules: GuardRules, facts: GuardFacts) -> Verdict | None:
    limit = rules.max_drawdown
    if limit is None:
        return None
    if facts.equity is None or facts.peak_equity is None or facts.peak_equity <= 0:
        return Verdict(Guard.MAX_DRAWDOWN, None, limit, f"The drawdown is not known, because {facts.unknown}.")
    below = (facts.peak_equity - facts.equity) * HUNDRED / facts.peak_equity
    if below < limit:
        return None
    sentence = f"The account is {below:.2f} % below its peak; the limit is {plain(limit)} %."
    return Verdict(Guard.MAX_DRAWDOWN, below, limit, sentence)


def _in_a_row(rules: GuardRules, facts: GuardFacts) -> Verdict | None:
    limit = rules.losses_in_a_row
    if limit is None:
        return None
    today = sorted((one for one in facts.closed if facts.day <= one.time <= facts.now), key=lambda one: one.time)
    row = 0
    for one in today:
        row = row + 1 if one.pnl < 0 else 0
    if row < limit:
        return None
    sentence = f"{counted(row, 'losing trade')} in a row today; the limit is {limit}."
    return Verdict(Guard.LOSSES_IN_A_ROW, Decimal(row), Decimal(limit), sentence)


def _cool_down(rules: GuardRules, facts: GuardFacts) -> Verdict | None:
    losses = [one.time for one in facts.closed if one.pnl < 0 and one.time <= facts.now]
    if rules.cool_down is None or not losses:
        return None
    until = max(losses) + rules.cool_down * MINUTE_MS
    if facts.now >= until:
        return None
    left = -(-(until - facts.now) // MINUTE_MS)
    whole = f"{counted(rules.cool_down, 'minute')} of the cool-down after the last loss"
    sentence = f"{left} of {whole} {'is' if left == 1 else 'are'} left."
    return Verdict(Guard.COOL_DOWN, Decimal(left), Decimal(rules.cool_down), sentence, until)
