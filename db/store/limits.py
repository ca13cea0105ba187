"""What an account allows: which symbols and when, how many trades, how much risk, and what its challenge leaves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session

from core.challenge.room import Cost, Fees, NewTrade, Standing, Verdict, verdicts
from core.errors import LimitError
from core.journal.sessions import open_at
from core.risk import exact
from db.models import Account, Symbol
from db.store.standing import standing


@dataclass(frozen=True)
class Intent:
    """A trade that somebody means to open, or to add to one that is open; `opened_at` (aware) is when.

    `fees` are what it is expected to cost there and back: see `db.store.challenge.room_fees`. `per_point` is the money
    that a unit makes per point in the account's currency, where a trade has its own; None: the symbol's.
    """

    direction: int
    quantity: Decimal
    entry: float
    stop: float | None
    opened_at: datetime
    adding: bool = False
    fees: Cost = field(default_factory=Fees)
    per_point: Decimal | None = None


def check_limits(session: Session, account: Account, symbol: Symbol, intent: Intent, now: datetime) -> None:
    """Refuse a trade that the account or its challenge does not allow. The account has to be locked.

    Raises:
        LimitError: names the rule and the figure.
    """
    refused = next((verdict for verdict in room(session, account, symbol, intent, now) if not verdict.ok), None)
    if refused is not None:
        raise LimitError(f"{account.name} refuses this trade. {refused.sentence}", refused.rule)


def room(session: Session, account: Account, symbol: Symbol, intent: Intent, now: datetime) -> list[Verdict]:
    """Every rule's answer to a trade, those of the account's own first; see `core.challenge.room.Verdict`."""
    return answers(account, symbol, intent, standing(session, account, now, adding=intent.adding))


def answers(account: Account, symbol: Symbol, intent: Intent, state: Standing) -> list[Verdict]:
    """The same for an account whose standing is known."""
    found = [_archived(account), _symbol(account, symbol), _session(account, intent.opened_at)]
    own = [verdict for verdict in found if verdict is not None]
    return own + _by_figures(state, symbol, intent)


def _by_figures(state: Standing, symbol: Symbol, intent: Intent) -> list[Verdict]:
    if intent.stop is None:
        if state.phase is None and state.limits.max_risk is None:
            # The number of trades alone is asked for: any stop will do.
            return _ask(state, symbol, intent, intent.entry * (1 - intent.direction / 2))
        return [_refusal("stop", "Stop", "This trade has no stop, so its risk has no bound: set one.")]
    if intent.direction * (exact(intent.entry) - exact(intent.stop)) <= 0:
        # What is added beyond the stop in force can lose nothing there.
        return []
    return _ask(state, symbol, intent, intent.stop)


def _ask(state: Standing, symbol: Symbol, intent: Intent, stop: float) -> list[Verdict]:
    per_point = intent.per_point or symbol.point_value
    trade = NewTrade(intent.direction, intent.entry, stop, per_point, symbol.lot_step, intent.fees)
    return verdicts(state, trade, intent.quantity)


def _archived(account: Account) -> Verdict | None:
    if account.archived_at is None:
        return None
    return _refusal("archived", "Archive", "It is archived: choose another account or take it out of the archive.")


def _symbol(account: Account, symbol: Symbol) -> Verdict | None:
    if not account.symbols:
        return None
    ok = symbol.id in account.symbols
    sentence = f"{symbol.name} is {'one' if ok else 'none'} of its {len(account.symbols)} allowed symbols."
    return Verdict("symbols", "Allowed symbols", None, None, ok, sentence)


def _session(account: Account, at: datetime) -> Verdict | None:
    if not account.sessions:
        return None
    running = [name for name in open_at(at) if name in account.sessions]
    words = ", ".join(name.replace("_", " ").title() for name in running or account.sessions)
    told = f"{words} is open." if running else f"Allowed sessions: {words}. At {at:%Y-%m-%d %H:%M} UTC none is open."
    return Verdict("sessions", "Allowed sessions", None, None, bool(running), told)


def _refusal(rule: str, title: str, sentence: str) -> Verdict:
    return Verdict(rule, title, None, None, False, sentence)
