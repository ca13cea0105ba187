"""Everything a shell user needs: `python -m workers --help`.

Start-up is part of every command, so what is heavy is imported inside the command that needs it.
"""

# ruff: noqa: PLC0415

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from core.errors import ChartroomError
from core.settings import Settings
from workers.dataset.command import charts, dataset
from workers.journal.command import backup, export, import_trades, restore
from workers.lineage.openlineage_command import openlineage
from workers.lineage.replay_command import replay
from workers.market.command import add_symbol
from workers.market.files.command import import_bars

app = typer.Typer(help="Chartroom's workers and tools.", no_args_is_help=True, pretty_exceptions_enable=False)


def main() -> None:
    """Run the command line; a mistake that has a name is one sentence on stderr and exit code 1."""
    try:
        app()
    except ChartroomError as error:
        print(error.message, file=sys.stderr)
        sys.exit(1)


@app.command()
def up() -> None:
    """Set up and run the whole desk until Ctrl-C: Redis, workers, scheduler and dashboard."""
    from workers.supervise.up import run_desk

    sys.exit(run_desk(_settings()))


@app.command()
def env() -> None:
    """Print the line that points `rq` at the running desk: `eval "$(python -m workers env)"`."""
    from workers.supervise.shell import env_file

    print(f". {env_file(_settings())}")


@app.command()
def work(
    count: Annotated[int | None, typer.Option(help="Number of workers; CHARTROOM_WORKERS or 2 by default.")] = None,
) -> None:
    """Run a pool of workers on all queues."""
    from workers.pool import run_pool

    run_pool(count or _settings().workers)


@app.command()
def broker() -> None:
    """Own the brokers: fill paper orders, and hold the connection to Interactive Brokers. One process for each desk."""
    from workers.broker.process import run_broker

    run_broker(_settings())


@app.command()
def schedule() -> None:
    """Run the clock that starts the periodic work. Several may run: each slot is still done once."""
    from workers.schedule import run_scheduler

    run_scheduler()


@app.command()
def redis() -> None:
    """Run the desk's own Redis server (set up by `up`)."""
    from workers.supervise.redis_server import become_server

    become_server(_settings())


@app.command()
def dashboard() -> None:
    """Run the pages."""
    from workers.supervise.dashboard import become_dashboard

    become_dashboard(_settings())


@app.command()
def migrate() -> None:
    """Bring the data base to the newest schema."""
    from db.engine import default_engine
    from db.migrate import upgrade

    upgrade(default_engine())


@app.command()
def seed() -> None:
    """Load what a first run needs: account, symbols, sample bars and strategies. Safe to repeat."""
    from db.engine import default_engine
    from db.seed import seed as load

    load(default_engine(), datetime.now(UTC), _settings().simulated)


@app.command()
def browser() -> None:
    """Find or install the Chrome or Chromium that draws chart images; exit code 1 when there is none."""
    from workers.supervise.browser import ensure_browser

    sys.exit(0 if ensure_browser() else 1)


@app.command()
def health(part: Annotated[str, typer.Argument(help="worker, broker, scheduler or dashboard")]) -> None:
    """Exit code 0 when this machine's part of the desk does its work, else 1."""
    from workers.health import Part, is_healthy

    if part not in list(Part):
        raise typer.BadParameter(f"'{part}' is none of {', '.join(Part)}.")
    sys.exit(0 if is_healthy(Part(part), _settings()) else 1)


app.command("import-bars")(import_bars)
app.command("import-trades")(import_trades)
app.command()(export)
app.command()(backup)
app.command()(restore)
app.command("add-symbol")(add_symbol)
app.command()(openlineage)
app.command("charts")(charts)
app.command("dataset")(dataset)
app.command()(replay)


def _settings() -> Settings:
    return Settings.from_mapping(os.environ)
