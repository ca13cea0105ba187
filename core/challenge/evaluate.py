"""A challenge followed over what happened to the account, instant by instant."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from core.challenge.events import Event, PhaseStart
from core.challenge.phases import Challenge
from core.challenge.results import Evaluation
from core.challenge.run import Run
from core.challenge.standing import passes, result_of
from core.errors import ParameterError


def evaluate(challenge: Challenge, events: Iterable[Event], until: int) -> Evaluation:
    """How the challenge stands at `until` (UTC ms), from events in any order; those after `until` are passed over.

    Everything that happens at one instant counts as one step: balances first, then open P&L, then floors, breaches and
    passing. What happens at the very reset belongs to the new day, and what at the start of a phase to that phase. A
    floor is checked at every instant and at every reset; while equity is unknown it cannot be checked. A phase that was
    failed or passed stays so; its balance and floors are followed on.

    Raises:
        ParameterError: no phase was started by `until`, something happened before the first start, or two phases start
            at one instant.
    """
    ordered = sorted((event for event in events if event.at <= until), key=lambda event: event.at)
    runs: list[Run] = []
    closed = []
    for at, group in groupby(ordered, key=lambda event: event.at):
        happened = list(group)
        start = _start(happened)
        if start is not None:
            if runs:
                runs[-1].resets(at - 1)
                closed.append(result_of(runs[-1], at))
            runs.append(_begin(challenge, start))
        if not runs:
            raise ParameterError("Something happened before the first phase began: move its start.", happened[0])
        _step(runs[-1], at, [event for event in happened if not isinstance(event, PhaseStart)])
    if not runs:
        raise ParameterError("No phase of the challenge has begun yet: start one.", challenge.name)
    runs[-1].resets(until)
    return Evaluation((*closed, result_of(runs[-1], until)))


def _step(run: Run, at: int, events: list[Event]) -> None:
    run.resets(at)
    if events:
        run.happen(at, events)
        if passes(run):
            run.pass_at(at)


def _start(events: list[Event]) -> PhaseStart | None:
    starts = {event for event in events if isinstance(event, PhaseStart)}
    if len(starts) > 1:
        raise ParameterError("Two phases begin at the same instant: move one of them.", starts)
    return next(iter(starts), None)


def _begin(challenge: Challenge, start: PhaseStart) -> Run:
    balance = challenge.balance if start.balance is None else start.balance
    if not (balance.is_finite() and balance > 0):
        raise ParameterError(f"A phase cannot begin with a balance of {balance}: enter a sum above zero.", balance)
    return Run(challenge, challenge.phase(start.phase), start.at, balance)
