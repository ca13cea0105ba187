"""Bars, scans, charts and data sets."""

from __future__ import annotations

from typing import Final

from core.jobs.job import CHARTS, MARKET, SCAN, Job

FETCH_BARS: Final = "workers.tasks.market.fetch_bars"
TICK: Final = "workers.tasks.market.tick"
SCAN_SLOT: Final = "workers.tasks.scan.scan_slot"
SCAN_NOW: Final = "workers.tasks.scan.scan_now"
RENDER_SIGNAL: Final = "workers.tasks.charts.render_signal"
RENDER_EXPORT: Final = "workers.tasks.charts.render_export"

DATASET_PIECE: Final = "workers.tasks.dataset.build_piece"
DATASET_LABELS: Final = "workers.tasks.dataset.write_labels"
DATASET_ARCHIVE: Final = "workers.tasks.dataset.pack"


def tick(minute: int) -> Job:
    """Look for what is due; several clocks ask for the same `minute` (UTC ms) once."""
    return Job(MARKET, TICK, (), f"tick-{minute}", "Look for what is due", 60)


def fetch_bars(symbol_id: int, symbol: str, minute: int) -> Job:
    """Fetch what is new for one symbol; `minute` (UTC ms) names the tick that asked."""
    return Job(MARKET, FETCH_BARS, (symbol_id, minute), f"fetch-{symbol}-{minute}", f"Fetch bars of {symbol}", 300)


def scan_slot(strategy_id: int, symbol_id: int, slot: int, label: str) -> Job:
    """Scan one symbol with one strategy for the slot (UTC ms), and before it the slots that were missed.

    `label` is for people: `SMC intraday on SIM-EURUSD`.
    """
    return Job(
        SCAN, SCAN_SLOT, (strategy_id, symbol_id, slot), f"scan-{strategy_id}-{symbol_id}-{slot}", f"Scan {label}", 600
    )


def scan_now(strategy_id: int, symbol_id: int, moment: int, label: str) -> Job:
    """Scan one symbol with one strategy once, as of `moment` (UTC ms), whatever its schedule says."""
    return Job(
        SCAN, SCAN_NOW, (strategy_id, symbol_id, moment), f"scan-now-{strategy_id}-{symbol_id}-{moment}",
        f"Scan {label} now", 600,
    )  # fmt: skip


def render_signal(signal_id: int) -> Job:
    """Draw the chart image of a signal."""
    return Job(CHARTS, RENDER_SIGNAL, (signal_id,), f"chart-signal-{signal_id}", f"Draw signal {signal_id}", 180)


def render_export(export_id: int, asked: int) -> Job:
    """Draw an exported chart; `asked` (UTC ms, its `created_at`) sets a retry apart from the job that failed."""
    return Job(CHARTS, RENDER_EXPORT, (export_id,), f"chart-export-{export_id}-{asked}", f"Export {export_id}", 180)


def dataset_piece(build_id: int, part: int) -> Job:
    """Draw the next piece of an image data set; each piece asks for the one after it."""
    return Job(CHARTS, DATASET_PIECE, (build_id, part), f"dataset-{build_id}-{part}", f"Draw data set {build_id}", 600)


def dataset_labels(build_id: int, moment: int) -> Job:
    """Write the label files of a data set again, as asked for at `moment` (UTC ms)."""
    return Job(
        CHARTS,
        DATASET_LABELS,
        (build_id,),
        f"dataset-labels-{build_id}-{moment}",
        f"Labels of data set {build_id}",
        900,
    )


def dataset_archive(build_id: int, moment: int) -> Job:
    """Pack a data set for its download, with labels as the reviews say at that time."""
    return Job(
        CHARTS,
        DATASET_ARCHIVE,
        (build_id,),
        f"dataset-zip-{build_id}-{moment}",
        f"Archive of data set {build_id}",
        1800,
    )
