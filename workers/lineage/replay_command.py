"""`python -m workers replay`."""

# ruff: noqa: PLC0415  (what is heavy is imported when the command runs)

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from core.errors import ParameterError


def replay(
    signals: Annotated[list[int] | None, typer.Argument(help="Numbers of signals.", metavar="SIGNAL_ID...")] = None,
    sample: Annotated[int | None, typer.Option(min=1, help="Replay this many, drawn from the last 30 days.")] = None,
) -> None:
    """Compute signals once more from what their scans saw: identical, or the first step that comes out differently.

    Exit code 1: at least one is not identical.
    """
    from db.actions.replay import replay_signal
    from db.actions.replay_night import sample as draw
    from db.engine import default_engine, reader
    from db.migrate import upgrade

    if not signals and sample is None:
        raise ParameterError("Say which: the numbers of signals, or --sample 20.")
    engine, now = default_engine(), datetime.now(UTC)
    upgrade(engine)
    chosen = list(signals or [])
    if sample is not None:
        with reader(engine) as session:
            chosen += [drawn for drawn in draw(session, now.date(), now, sample) if drawn not in chosen]
        if not chosen:
            print("There is no signal of the last 30 days that can be replayed.")
    replays = [replay_signal(engine, signal_id, now) for signal_id in chosen]
    for row in replays:
        word = "identical" if row.identical else f"differs in {row.step}. {row.detail}" if row.step else row.detail
        print(word if len(replays) == 1 else f"signal {row.signal_id}: {word}")
    sys.exit(0 if all(row.identical for row in replays) else 1)
