"""`python -m workers openlineage`."""

# ruff: noqa: PLC0415  (what is heavy is imported when the command runs)

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from core.errors import ParameterError
from core.settings import Settings


def openlineage(
    run: Annotated[int | None, typer.Option(help="Only this run.")] = None,
    since: Annotated[str | None, typer.Option(help="Runs from this day or moment on (UTC), as 2026-03-02.")] = None,
    file: Annotated[Path | None, typer.Option(help="Append the events to this file, as JSON lines.")] = None,
    url: Annotated[str | None, typer.Option(help="Send them to this endpoint; OPENLINEAGE_URL by default.")] = None,
) -> None:
    """Tell runs as OpenLineage events: one, those since a day, or all. Telling again changes nothing: ids stay.

    Exit code 1: the file or the endpoint does not take them.
    """
    from db.engine import default_engine
    from db.migrate import upgrade
    from workers.lineage.openlineage_export import export_runs
    from workers.lineage.openlineage_places import FilePlace, UrlPlace

    if run is not None and since is not None:
        raise ParameterError("A run and a day cannot both be asked for: leave --run or --since out.")
    if file is not None and url is not None:
        raise ParameterError("Events go to a file or to an endpoint: leave --file or --url out.")
    env = {**os.environ, "OPENLINEAGE_URL": url} if url else dict(os.environ)
    settings = Settings.from_mapping(env)
    if file is None and settings.openlineage_url is None:
        raise ParameterError("Say where the events go: --file events.jsonl, --url http://host:5000 or OPENLINEAGE_URL.")
    place = FilePlace(file) if file is not None else UrlPlace(settings.openlineage_url or "")
    engine = default_engine()
    upgrade(engine)
    count = export_runs(engine, place, run, _moment(since))
    print(f"{count:,} runs, {2 * count:,} events to {file or 'the endpoint'}")


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise ParameterError(f"'{text}' is no day: write it as 2026-03-02.", text) from error
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read
