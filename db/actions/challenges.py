"""What a person does with challenges: start one, go on to its next phase, stop; and what breaks a rule is recorded."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from core.challenge.phases import Challenge as Rules
from core.challenge.phases import PhaseName
from core.challenge.results import Breach, Evaluation, Status
from core.challenge.stored import from_json, to_json
from core.errors import ConflictError, DeskError, NotFoundError, ParameterError
from db.actions.accounts import check_unarchived
from db.actions.fill import check_moment
from db.engine import reader, writer
from db.models import Account, Challenge, ChallengePhase
from db.money import storable
from db.store.accounts import get_account
from db.store.moments import from_ms
from db.store.revision import bump
from db.store.standing import run_of

STATES = ("running", "passed", "failed", "stopped")


def start_challenge(engine: Engine, account_id: int, rules: Rules, started_at: datetime, now: datetime) -> int:
    """Put an account to a challenge, which begins with its first phase; returns the challenge's id.

    The rules are kept as they are now, whatever the preset they came from says later.

    Raises:
        NotFoundError: there is no such account.
        ConflictError: a challenge is running on it already.
        DeskError: another currency, or a start that cannot be.
    """
    check_moment(started_at, None, now)
    with writer(engine) as session:
        account = get_account(session, account_id, lock=True)
        if rules.currency != account.currency:
            raise DeskError(
                f"{rules.name} is in {rules.currency}, {account.name} in {account.currency}.", rules.currency
            )
        check_free(session, account)
        row = Challenge(
            account_id=account_id, name=rules.name, preset=rules.preset or None, rules=to_json(rules), created_at=now
        )
        session.add(row)
        session.flush()
        first = rules.phases[0]
        session.add(_phase(row.id or 0, 0, first.name, rules.balance, started_at))
        bump(session)
        return row.id or 0


def next_phase(
    engine: Engine, challenge_id: int, version: int, started_at: datetime, now: datetime, balance: Decimal | None = None
) -> str:
    """End the running phase as passed and begin the one after it, with `balance` or the challenge's own; returns its
    name. What is open before `started_at` does not come along.

    Raises:
        NotFoundError: there is no such challenge.
        ConflictError: it was changed since.
        DeskError: it is the last phase, no phase is running, or balance or start cannot be.
    """
    with writer(engine) as session:
        challenge, phase = _running(session, challenge_id, version)
        rules = from_json(challenge.rules)
        name = rules.following(PhaseName(phase.name))
        if name is None:
            raise DeskError(f"The {phase.name} phase is the last one of {challenge.name}.", phase.name)
        check_moment(started_at, None, now)
        if started_at <= phase.started_at:
            raise DeskError(
                f"The {phase.name} phase began at {phase.started_at:%Y-%m-%d %H:%M} UTC: choose a later time."
            )
        if balance is not None and not (storable(balance) and balance > 0):
            raise DeskError(f"The balance {balance} cannot be: enter a sum above zero.", balance)
        phase.state, phase.ended_at = "passed", started_at
        session.add(_phase(challenge_id, phase.position + 1, name, balance or rules.balance, started_at))
        challenge.version += 1
        bump(session)
        return name.value


def stop_challenge(engine: Engine, challenge_id: int, version: int, now: datetime, *, passed: bool = False) -> None:
    """End a challenge without a result, or as passed; its history stays.

    Raises:
        NotFoundError: there is no such challenge.
        ConflictError: it was changed since.
        DeskError: no phase is running.
    """
    with writer(engine) as session:
        challenge, phase = _running(session, challenge_id, version)
        phase.state, phase.ended_at = "passed" if passed else "stopped", now
        challenge.version += 1
        bump(session)


def record_result(engine: Engine, challenge_id: int, evaluation: Evaluation) -> bool:
    """Write the breach that an evaluation of the running phase found; True when it was news.

    A recorded breach stays: it never un-happens, whatever is booked later. Safe to repeat.

    Raises:
        NotFoundError: there is no such challenge.
    """
    with writer(engine) as session:
        challenge = get_challenge(session, challenge_id, lock=True)
        phase = running_phase(session, challenge_id)
        found = evaluation.current
        if phase is None or phase.name != found.phase.name.value or found.status is not Status.FAILED:
            return False
        if found.failed is None:
            return False
        _fail(phase, found.failed)
        challenge.version += 1
        bump(session)
        return True


def follow_challenges(engine: Engine, now: datetime) -> int:
    """Evaluate every challenge that is running and record what broke a rule; returns how many failed."""
    running = select(ChallengePhase.challenge_id).where(ChallengePhase.state == "running")
    query = select(Challenge).where(col(Challenge.id).in_(running), col(Challenge.deleted_at).is_(None))
    found = []
    with reader(engine) as session:
        for challenge in session.exec(query):
            # One that cannot be evaluated must not keep the others from it; its page says what is wrong.
            with suppress(ParameterError):
                found.append((challenge.id or 0, run_of(session, challenge, now).evaluation))
    return sum(record_result(engine, challenge_id, evaluation) for challenge_id, evaluation in found)


def get_challenge(session: Session, challenge_id: int, *, lock: bool = False) -> Challenge:
    """The challenge as it is now.

    Raises:
        NotFoundError: there is none, or it was cleared.
    """
    found = session.get(Challenge, challenge_id, populate_existing=True, with_for_update=lock or None)
    if found is None or found.deleted_at is not None:
        raise NotFoundError(f"Challenge {challenge_id} does not exist: choose one from the list.", challenge_id)
    return found


def running_phase(session: Session, challenge_id: int) -> ChallengePhase | None:
    """The phase of a challenge that is running, None when it is over."""
    query = select(ChallengePhase).where(ChallengePhase.challenge_id == challenge_id, ChallengePhase.state == "running")
    return session.exec(query.order_by(col(ChallengePhase.position).desc())).first()


def _running(session: Session, challenge_id: int, version: int) -> tuple[Challenge, ChallengePhase]:
    challenge = get_challenge(session, challenge_id, lock=True)
    if challenge.version != version:
        raise ConflictError(f"{challenge.name} was changed in the meantime: look at it again.", challenge_id)
    phase = running_phase(session, challenge_id)
    if phase is None:
        raise DeskError(f"No phase of {challenge.name} is running: start another challenge.", challenge_id)
    return challenge, phase


def check_free(session: Session, account: Account) -> None:
    """Whether a challenge can run on the account, which has to be locked.

    Raises:
        DeskError: it is archived.
        ConflictError: a challenge is running on it already.
    """
    check_unarchived(account)
    query = select(Challenge.name).join(ChallengePhase, col(ChallengePhase.challenge_id) == col(Challenge.id))
    query = query.where(Challenge.account_id == account.id, col(Challenge.deleted_at).is_(None))
    other = session.exec(query.where(ChallengePhase.state == "running")).first()
    if other is not None:
        raise ConflictError(f"{other} is running on {account.name}: stop it or choose another account.", account.id)


def _phase(challenge_id: int, position: int, name: PhaseName, balance: Decimal, at: datetime) -> ChallengePhase:
    return ChallengePhase(
        challenge_id=challenge_id, position=position, name=name.value, initial_balance=balance, started_at=at
    )


def _fail(phase: ChallengePhase, breach: Breach) -> None:
    phase.state = "failed"
    phase.ended_at = phase.breached_at = from_ms(breach.at)
    phase.breach_rule, phase.breach_detail = breach.rule, breach.sentence
