"""A challenge as the fields of a form, there and back. Pure functions: what the fields hold, and what they mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from core.challenge.amounts import Amount, Boundary, Consequence, Reset, Source, Unit
from core.challenge.phases import Challenge, Phase, PhaseName
from core.challenge.rules import (
    Anchor,
    Consistency,
    DailyLoss,
    OverallLoss,
    Payout,
    ProfitableDays,
    ProfitTarget,
    Rule,
    TimeLimit,
    Total,
    TradingDays,
    Trail,
)
from core.errors import ParameterError
from core.risk import plain

Fields = dict[str, Any]
RULES = (
    "target", "daily", "overall", "consistency", "trading_days", "profitable_days", "time_limit", "payout",
)  # fmt: skip
"""Names of the rules a phase may have, in the order of the form."""
R = TypeVar("R", bound=Rule)

_BLANK: Fields = {
    "target_value": "10", "target_unit": "initial",
    "daily_value": "5", "daily_unit": "initial", "daily_anchor": "balance", "daily_boundary": "below",
    "daily_consequence": "hard",
    "overall_value": "10", "overall_unit": "initial", "overall_trail": "static", "overall_lock": "",
    "overall_boundary": "below", "overall_consequence": "hard",
    "consistency_limit": "50", "consistency_total": "net", "consistency_inclusive": True,
    "trading_days_days": 4,
    "profitable_days_days": 3, "profitable_days_value": "0.5", "profitable_days_unit": "initial",
    "time_limit_days": 30,
    "payout_low": "80", "payout_high": "90", "payout_after": 0, "payout_minimum": "",
}  # fmt: skip


def fields_of(challenge: Challenge) -> Fields:
    """Every field of the form, filled from a challenge; those of rules it lacks hold usual values."""
    found: Fields = {
        "name": challenge.name,
        "firm": challenge.firm,
        "balance": plain(challenge.balance),
        "zone": challenge.reset.zone,
        "at": challenge.reset.at,
        "phases": [phase.name.value for phase in challenge.phases],
    }
    known = {phase.name: phase for phase in challenge.phases}
    for name in PhaseName:
        phase = known.get(name, Phase(name=name))
        found |= {f"{name.value}_{key}": value for key, value in _phase_fields(phase).items()}
    return found


def challenge_of(fields: Fields, base: Challenge) -> Challenge:
    """The challenge that the fields say. `base` is the one they were filled from: a rule that is as it was keeps its
    source, a changed one is the trader's own.

    Raises:
        ParameterError: a field cannot be; the sentence names it.
    """
    order = [name for name in PhaseName if name.value in fields["phases"]]
    known = {phase.name: phase for phase in base.phases}
    phases = tuple(_phase(name, fields, known.get(name)) for name in order)
    made = Challenge(
        name=fields["name"].strip(),
        firm=fields["firm"].strip(),
        balance=number(fields["balance"], "initial balance"),
        reset=Reset(fields["zone"].strip(), fields["at"].strip()),
        phases=phases,
        currency=base.currency,
        preset=base.preset,
        version=base.version,
        source=base.source,
        note=base.note,
    )
    return made if made == base else replace(made, preset="", version="", source=Source())


def number(text: str, what: str) -> Decimal:
    """A number as people type it: `1,500` or `0.5`.

    Raises:
        ParameterError: it is none.
    """
    try:
        value = Decimal(text.replace(",", "").replace(" ", ""))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise ParameterError(f"'{text}' is no number for the {what}: write it as 1500 or 0.5.", text)
    return value


def _phase_fields(phase: Phase) -> Fields:
    found = dict(_BLANK) | {f"{name}_on": getattr(phase, name) is not None for name in RULES}
    for name in ("target", "daily", "overall", "profitable_days"):
        rule = getattr(phase, name)
        if rule is not None:
            found |= {f"{name}_value": plain(rule.amount.value), f"{name}_unit": rule.amount.unit.value}
    for name in ("trading_days", "profitable_days", "time_limit"):
        rule = getattr(phase, name)
        if rule is not None:
            found[f"{name}_days"] = rule.days
    if phase.daily is not None:
        daily = phase.daily
        found |= {"daily_anchor": daily.anchor.value, "daily_boundary": daily.boundary.value}
        found["daily_consequence"] = daily.consequence.value
    if phase.overall is not None:
        overall = phase.overall
        found |= {"overall_trail": overall.trail.value, "overall_boundary": overall.boundary.value}
        found["overall_consequence"] = overall.consequence.value
        found["overall_lock"] = "" if overall.lock_at is None else plain(overall.lock_at)
    return found | _share_fields(phase)


def _share_fields(phase: Phase) -> Fields:
    found: Fields = {}
    if phase.consistency is not None:
        rule = phase.consistency
        found |= {"consistency_limit": plain(rule.limit), "consistency_total": rule.total.value}
        found["consistency_inclusive"] = rule.inclusive
    if phase.payout is not None:
        payout = phase.payout
        found |= {"payout_low": plain(payout.split_low), "payout_high": plain(payout.split_high)}
        least = payout.minimum
        sign = "" if least is None or least.unit is Unit.MONEY else " %"
        found |= {"payout_after": payout.after_days, "payout_minimum": f"{plain(least.value)}{sign}" if least else ""}
    return found


def _phase(name: PhaseName, fields: Fields, before: Phase | None) -> Phase:
    own = {
        key.removeprefix(f"{name.value}_"): value for key, value in fields.items() if key.startswith(f"{name.value}_")
    }

    def on(rule: str, said: Callable[[Fields, str], R]) -> R | None:
        return said(own, f"{name.value} phase") if own[f"{rule}_on"] else None

    phase = Phase(
        name=name,
        target=on("target", _target),
        daily=on("daily", _daily),
        overall=on("overall", _overall),
        consistency=on("consistency", _consistency),
        trading_days=on("trading_days", _trading_days),
        profitable_days=on("profitable_days", _profitable_days),
        time_limit=on("time_limit", _time_limit),
        payout=on("payout", _payout),
    )
    return phase if before is None else _with_sources(phase, before)


def _with_sources(phase: Phase, before: Phase) -> Phase:
    """A rule that says what it said before is still the firm's."""
    kept = {}
    for name in RULES:
        rule, old = getattr(phase, name), getattr(before, name)
        if rule is not None and old is not None and replace(rule, source=old.source) == old:
            kept[name] = old
    return replace(phase, **kept)


def _target(own: Fields, where: str) -> ProfitTarget:
    return ProfitTarget(amount=_amount("target", own, where))


def _daily(own: Fields, where: str) -> DailyLoss:
    return DailyLoss(
        amount=_amount("daily", own, where),
        anchor=Anchor(own["daily_anchor"]),
        boundary=Boundary(own["daily_boundary"]),
        consequence=Consequence(own["daily_consequence"]),
    )


def _overall(own: Fields, where: str) -> OverallLoss:
    lock = own["overall_lock"].strip()
    return OverallLoss(
        amount=_amount("overall", own, where),
        trail=Trail(own["overall_trail"]),
        lock_at=number(lock, f"lock of the {where}") if lock else None,
        boundary=Boundary(own["overall_boundary"]),
        consequence=Consequence(own["overall_consequence"]),
    )


def _consistency(own: Fields, where: str) -> Consistency:
    limit = number(own["consistency_limit"], f"best day of the {where}")
    total = Total(own["consistency_total"])
    return Consistency(limit=limit, total=total, inclusive=bool(own["consistency_inclusive"]))


def _trading_days(own: Fields, _: str) -> TradingDays:
    return TradingDays(days=int(own["trading_days_days"]))


def _profitable_days(own: Fields, where: str) -> ProfitableDays:
    return ProfitableDays(days=int(own["profitable_days_days"]), amount=_amount("profitable_days", own, where))


def _time_limit(own: Fields, _: str) -> TimeLimit:
    return TimeLimit(days=int(own["time_limit_days"]))


def _payout(own: Fields, _: str) -> Payout:
    return Payout(
        split_low=number(own["payout_low"], "trader's share"),
        split_high=number(own["payout_high"], "trader's share"),
        after_days=int(own["payout_after"]),
        minimum=_least(own["payout_minimum"]),
    )


def _amount(name: str, own: Fields, where: str) -> Amount:
    what = {"target": "target", "daily": "daily loss", "overall": "overall loss"}.get(name, "profitable day")
    return Amount(number(own[f"{name}_value"], f"{what} of the {where}"), Unit(own[f"{name}_unit"]))


def _least(text: str) -> Amount | None:
    text = text.strip()
    if not text:
        return None
    if text.endswith("%"):
        return Amount(number(text[:-1], "least payout"), Unit.INITIAL)
    return Amount(number(text, "least payout"), Unit.MONEY)
