"""The progress bar of a build, on the error stream so that the report alone is the output."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn


@contextmanager
def shown_progress() -> Iterator[Callable[[int, int], None]]:
    """A bar with images done, time passed and time left."""
    columns = (
        TextColumn("Drawing"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("Drawing", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
