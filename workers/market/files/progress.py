"""The progress bar of an import, on the error stream so that the report alone is the output."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn


class ShownProgress:
    """Two bars: bytes read, bars stored."""

    def __init__(self, progress: Progress, size: int | None) -> None:
        self._progress = progress
        self._reading = progress.add_task("Reading", total=size)
        self._storing = progress.add_task("Storing", total=None, visible=False)

    def read(self, count: int) -> None:
        """See `load.Progress`."""
        self._progress.update(self._reading, advance=count)

    def storing(self, total: int) -> None:
        """See `load.Progress`."""
        self._progress.update(self._storing, total=total, visible=True)

    def stored(self, count: int) -> None:
        """See `load.Progress`."""
        self._progress.update(self._storing, advance=count)


@contextmanager
def shown_progress(path: Path) -> Iterator[ShownProgress]:
    """Bars for reading and storing `path`."""
    size = path.stat().st_size if path.is_file() else None
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield ShownProgress(progress, size)
