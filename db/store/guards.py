"""The guards of an account: their rules as rows, and the facts they are held against."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from core.challenge.room import Verdict as Answer
from core.guards import Closed, Guard, GuardFacts, GuardRules, Verdict, check_guards
from core.risk import counted, money, plain
from db.models import Account, AccountGuard, Trade
from db.store.equity import equity_at, funding, peak_equity
from db.store.imports.foreign import unrated, why_unrated
from db.store.moments import to_ms

TITLES: Final = {
    Guard.KILL_SWITCH: "Kill switch",
    Guard.DAILY_LOSS: "Daily loss",
    Guard.MAX_DRAWDOWN: "Drawdown",
    Guard.LOSSES_IN_A_ROW: "Losses in a row",
    Guard.COOL_DOWN: "Cool-down",
}


def get_guard(session: Session, account_id: int) -> AccountGuard | None:
    """The row of an account's guards; None before it had any."""
    return session.get(AccountGuard, account_id, populate_existing=True)


def rules_of(row: AccountGuard | None) -> GuardRules:
    """What is not to be exceeded."""
    if row is None:
        return GuardRules()
    return GuardRules(row.daily_loss, row.max_drawdown, row.losses_in_a_row, row.cool_down, row.kill_switch)


def day_begin(account: Account, now: datetime) -> datetime:
    """Midnight of the account's day."""
    zone = ZoneInfo(account.time_zone)
    day = now.astimezone(zone).date()
    return datetime.combine(day, time(0), zone).astimezone(now.tzinfo)


def guard_facts(session: Session, account: Account, rules: GuardRules, now: datetime) -> GuardFacts:
    """How the account stands; what no rule asks for is not computed and stays None."""
    begin = day_begin(account, now)
    daily, fall = rules.daily_loss is not None, rules.max_drawdown is not None
    equity = equity_at(session, account, now) if daily or fall else None
    day_equity = equity_at(session, account, begin) if daily else None
    if day_equity is not None:
        # Money paid in or out is no result of the day.
        day_equity += funding(session, account, begin, now)
    told = {} if equity is not None else _why_unknown(session, account, now)
    return GuardFacts(
        now=to_ms(now),
        day=to_ms(begin),
        equity=equity,
        day_equity=day_equity,
        peak_equity=peak_equity(session, account, now) if fall else None,
        closed=_closed(session, account, min(begin, now - timedelta(minutes=rules.cool_down or 0)), now),
        **told,
    )


def guard_answers(session: Session, account: Account, now: datetime) -> list[Answer]:
    """The answer of every guard that is switched on, as the rules of the account give theirs; refusals first."""
    rules = rules_of(get_guard(session, account.id or 0))
    if rules == GuardRules():
        return []
    facts = guard_facts(session, account, rules, now)
    found = check_guards(rules, facts)
    no = [Answer(one.guard.value, TITLES[one.guard], _left(one), one.figure, False, one.sentence) for one in found]
    silent = [guard for guard in Guard if guard not in {one.guard for one in found}]
    return no + [answer for guard in silent if (answer := _calm(guard, rules, facts)) is not None]


def _left(verdict: Verdict) -> Decimal | None:
    return None if verdict.figure is None else verdict.limit - verdict.figure


def _calm(guard: Guard, rules: GuardRules, facts: GuardFacts) -> Answer | None:
    """What a guard that is on and lets an order through says."""
    left: Decimal | None = None
    if guard is Guard.DAILY_LOSS and rules.daily_loss is not None:
        assert facts.equity is not None
        assert facts.day_equity is not None
        left = rules.daily_loss - (facts.day_equity - facts.equity)
        told = f"Today's result is {money(facts.equity - facts.day_equity)}; the limit is {money(-rules.daily_loss)}."
    elif guard is Guard.MAX_DRAWDOWN and rules.max_drawdown is not None:
        assert facts.equity is not None
        assert facts.peak_equity is not None
        below = (facts.peak_equity - facts.equity) * 100 / facts.peak_equity
        told = f"The account is {below:.2f} % below its peak; the limit is {plain(rules.max_drawdown)} %."
    elif guard is Guard.LOSSES_IN_A_ROW and rules.losses_in_a_row is not None:
        told = f"Fewer than {counted(rules.losses_in_a_row, 'losing trade')} in a row today."
    elif guard is Guard.COOL_DOWN and rules.cool_down is not None:
        told = f"No losing trade in the last {counted(rules.cool_down, 'minute')}."
    else:
        return None
    return Answer(guard.value, TITLES[guard], left, None, True, told)


def _why_unknown(session: Session, account: Account, now: datetime) -> dict[str, str]:
    lost = unrated(session, account, now)
    return {"unknown": why_unrated(account, lost)} if lost else {}


def _closed(session: Session, account: Account, since: datetime, until: datetime) -> list[Closed]:
    query = select(col(Trade.closed_at), col(Trade.pnl)).where(
        Trade.account_id == account.id,
        col(Trade.deleted_at).is_(None),
        Trade.status == "closed",
        col(Trade.closed_at) >= since,
        col(Trade.closed_at) <= until,
    )
    return [Closed(to_ms(at), pnl or Decimal(0)) for at, pnl in session.exec(query) if at is not None]
