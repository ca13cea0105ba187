"""The rules of each firm's challenge, as the desk read them on `CHECKED_ON`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from core.challenge.amounts import Boundary, Consequence, Reset, Source, Unit, percent, sum_of
from core.challenge.phases import Phase, PhaseName
from core.challenge.rules import (
    Anchor,
    Consistency,
    DailyLoss,
    OverallLoss,
    Payout,
    ProfitableDays,
    ProfitTarget,
    TimeLimit,
    TradingDays,
    Trail,
)

CHECKED_ON: Final = date(2026, 11, 21)

PRAGUE: Final = Reset("Europe/Prague")
# Midnight on servers at GMT+2, with daylight saving GMT+3, is 17:00 in New York the year round.
SERVER: Final = Reset("America/New_York", "17:00")
CHICAGO: Final = Reset("America/Chicago", "17:00")
NEW_YORK: Final = Reset("America/New_York", "18:00")

FTMO: Final = Source("https://ftmo.com/en/trading-objectives", CHECKED_ON)
FTMO_BEST_DAY: Final = Source(
    "https://ftmo.com/au/faq/what-happens-if-the-best-day-rule-is-not-met-in-ftmo-challenge-1-step", CHECKED_ON
)
FUNDEDNEXT: Final = Source(
    "https://help.fundednext.com/en/articles/9941519-daily-drawdown-limit-vs-overall-drawdown-limit", CHECKED_ON
)
FUNDEDNEXT_DAYS: Final = Source(
    "https://help.fundednext.com/en/articles/12673362-what-rules-do-i-need-to-follow-in-the-stellar-2-step-challenge",
    CHECKED_ON,
)
THE5ERS: Final = Source(
    "https://help.the5ers.com/what-is-the-maximum-loss-and-the-maximum-daily-loss-in-the-high-stakes-program",
    CHECKED_ON,
)
SEACREST: Final = Source("https://intercom.help/SeacrestFunded/en/articles/6975364-2-step-plan-rules", CHECKED_ON)
TOPSTEP: Final = Source("https://help.topstep.com/en/articles/8284204-what-is-the-maximum-loss-limit", CHECKED_ON)
APEX: Final = Source("https://apextraderfunding.com", CHECKED_ON)

# size: (target, overall loss)
TOPSTEP_SUMS: Final = {50_000: ("3000", "2000"), 100_000: ("6000", "3000"), 150_000: ("9000", "4500")}
# size: (overall loss, daily loss)
APEX_SUMS: Final = {
    25_000: ("1000", "500"),
    50_000: ("2000", "1000"),
    100_000: ("3000", "1500"),
    150_000: ("4000", "2000"),
}


def ftmo_2_step(size: Decimal) -> tuple[Phase, ...]:
    days = TradingDays(days=4, source=FTMO)
    funded = Phase(
        name=PhaseName.FUNDED,
        daily=DailyLoss(amount=percent("5"), source=FTMO),
        overall=OverallLoss(amount=percent("10"), source=FTMO),
        payout=Payout(split_low=Decimal(80), split_high=Decimal(90), source=FTMO),
    )
    return _two_steps(funded, _target("10", FTMO), _target("5", FTMO), days=days)


def ftmo_1_step(size: Decimal) -> tuple[Phase, ...]:
    funded = Phase(
        name=PhaseName.FUNDED,
        daily=DailyLoss(amount=percent("3"), source=FTMO),
        overall=OverallLoss(amount=percent("10"), trail=Trail.END_OF_DAY, source=FTMO),
        consistency=Consistency(limit=Decimal(50), source=FTMO_BEST_DAY),
        payout=Payout(split_low=Decimal(90), split_high=Decimal(90), source=FTMO),
    )
    return _one_step(funded, _target("10", FTMO))


def fundednext_2_step(size: Decimal) -> tuple[Phase, ...]:
    funded = Phase(
        name=PhaseName.FUNDED,
        daily=DailyLoss(amount=percent("5"), source=FUNDEDNEXT),
        overall=OverallLoss(amount=percent("10"), source=FUNDEDNEXT),
    )
    days = TradingDays(days=5, source=FUNDEDNEXT_DAYS)
    return _two_steps(funded, _target("8", FUNDEDNEXT), _target("5", FUNDEDNEXT), days=days)


def fundednext_1_step(size: Decimal) -> tuple[Phase, ...]:
    funded = Phase(
        name=PhaseName.FUNDED,
        daily=DailyLoss(amount=percent("3"), source=FUNDEDNEXT),
        overall=OverallLoss(amount=percent("6"), source=FUNDEDNEXT),
    )
    return _one_step(funded, _target("10", FUNDEDNEXT), days=TradingDays(days=2, source=FUNDEDNEXT))


def the5ers_high_stakes(size: Decimal) -> tuple[Phase, ...]:
    # "Reaching" either limit ends the account there.
    funded = Phase(
        name=PhaseName.FUNDED,
        daily=DailyLoss(
            amount=percent("5", Unit.SNAPSHOT), anchor=Anchor.HIGHER, boundary=Boundary.REACHED, source=THE5ERS
        ),
        overall=OverallLoss(amount=percent("10"), boundary=Boundary.REACHED, source=THE5ERS),
    )
    won = ProfitableDays(days=3, amount=percent("0.5"), source=THE5ERS)
    return _two_steps(funded, _target("8", THE5ERS), _target("5", THE5ERS), won=won)


def seacrest_2_step(size: Decimal) -> tuple[Phase, ...]:
    funded = Phase(
        name=PhaseName.FUNDED,
        daily=DailyLoss(amount=percent("5"), source=SEACREST),
        overall=OverallLoss(amount=percent("8"), source=SEACREST),
        payout=Payout(split_low=Decimal(80), split_high=Decimal(80), after_days=14, source=SEACREST),
    )
    days = TradingDays(days=3, source=SEACREST)
    return _two_steps(funded, _target("8", SEACREST), _target("5", SEACREST), days=days)


def topstep(size: Decimal) -> tuple[Phase, ...]:
    target, loss = TOPSTEP_SUMS[int(size)]
    overall = OverallLoss(amount=sum_of(loss), trail=Trail.END_OF_DAY, lock_at=Decimal(0), source=TOPSTEP)
    wanted = ProfitTarget(amount=sum_of(target), source=TOPSTEP)
    return (Phase(name=PhaseName.EVALUATION, target=wanted, overall=overall),)


def apex_eod(size: Decimal) -> tuple[Phase, ...]:
    loss, daily = APEX_SUMS[int(size)]
    evaluation = Phase(
        name=PhaseName.EVALUATION,
        target=_target("6", APEX),
        daily=DailyLoss(amount=sum_of(daily), consequence=Consequence.PAUSE, source=APEX),
        overall=OverallLoss(amount=sum_of(loss), trail=Trail.END_OF_DAY, source=APEX),
        time_limit=TimeLimit(days=30, source=APEX),
    )
    return (evaluation,)


def apex_intraday(size: Decimal) -> tuple[Phase, ...]:
    loss, _ = APEX_SUMS[int(size)]
    overall = OverallLoss(amount=sum_of(loss), trail=Trail.INTRADAY, source=APEX)
    return (Phase(name=PhaseName.EVALUATION, target=_target("6", APEX), overall=overall),)


def _target(share: str, source: Source) -> ProfitTarget:
    return ProfitTarget(amount=percent(share), source=source)


def _one_step(funded: Phase, target: ProfitTarget, days: TradingDays | None = None) -> tuple[Phase, ...]:
    """An evaluation with the floors and the consistency of the funded phase, and the funded phase."""
    evaluation = Phase(
        name=PhaseName.EVALUATION,
        target=target,
        daily=funded.daily,
        overall=funded.overall,
        consistency=funded.consistency,
        trading_days=days,
    )
    return evaluation, funded


def _two_steps(
    funded: Phase,
    first: ProfitTarget,
    second: ProfitTarget,
    days: TradingDays | None = None,
    won: ProfitableDays | None = None,
) -> tuple[Phase, ...]:
    """Evaluation and verification with the floors of the funded phase, and the funded phase."""
    steps = (
        Phase(
            name=name,
            target=target,
            daily=funded.daily,
            overall=funded.overall,
            trading_days=days,
            profitable_days=won,
        )
        for name, target in ((PhaseName.EVALUATION, first), (PhaseName.VERIFICATION, second))
    )
    return (*steps, funded)
