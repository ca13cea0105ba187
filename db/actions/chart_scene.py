"""What an export shows, read from the data base: bars, and what its request puts over them, as of its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import numpy as np
from sqlalchemy import Engine
from sqlmodel import Session

from core.bars import Bars
from core.charts.drawing import SignalDrawing
from core.charts.evidence import ZONES
from core.charts.export import BARS, ExportRequest, Overlay, from_stored
from core.charts.figure import signal_scene
from core.charts.scene import Curve, Fill, Scene, Tool
from core.charts.series import BY_TIME
from core.errors import NotFoundError, ParameterError
from core.indicators.registry import compute
from core.patterns.detect import detect
from core.patterns.events import Kind, Status
from core.patterns.naming import FAMILY_TITLES
from db.engine import reader
from db.models import Signal, Strategy, Symbol, Trade
from db.store.bars import read_bars
from db.store.chart_drawing import drawing_of, source_words
from db.store.chart_exports import file_name, get_export

HISTORY: Final = 500
"""Bars before the window that indicators and detectors see, so that both are warm at its first bar."""
EVENT_PIXELS: Final = 60_000
"""Room that each event needs: with more of them on an image nobody sees the price."""
_OVER: Final = (Status.FILLED, Status.MITIGATED, Status.INVALIDATED, Status.SWEPT, Status.BROKEN)


@dataclass(frozen=True)
class ExportInput:
    """One export to draw: its request, its scene, and the name of its file in the charts folder."""

    export_id: int
    title: str
    request: ExportRequest
    scene: Scene
    file: str


def load_export(engine: Engine, export_id: int) -> ExportInput | None:
    """What to draw; None when it is drawn already.

    Raises:
        NotFoundError: the export or what it shows is gone.
        ParameterError: there are no bars in its window, or too many.
    """
    with reader(engine) as session:
        row = get_export(session, export_id)
        if row.status == "done":
            return None
        request = from_stored(row.request)
        scene = _scene(session, request, row.subject)
        return ExportInput(export_id, row.title, request, scene, file_name(row))


def _scene(session: Session, request: ExportRequest, subject: str) -> Scene:
    symbol = session.get(Symbol, request.symbol_id)
    if symbol is None:
        raise NotFoundError(f"There is no symbol {request.symbol_id} any more: choose another one.", request.symbol_id)
    bars, before = _bars(session, symbol, request)
    signals = [_existing(session, Signal, one, "signal") for one in request.signals]
    trades = [_existing(session, Trade, one, "trade") for one in request.trades]
    plain = Scene(
        bars=bars,
        symbol=symbol.name,
        source=source_words(symbol),
        tick_size=symbol.tick_size,
        simulated=symbol.source == "simulated",
        chart_type=request.chart_type,
        size=request.size,
        reversal=request.reversal,
        facts=(f"{len(bars)} bars", ", ".join(FAMILY_TITLES[family] for family in request.patterns).lower()),
    )
    until = request.until or bars.as_of
    scene = _subject(session, plain, subject, symbol, signals, trades, until)
    tools = [_signal_tool(signal, until) for signal in signals] + [_trade_tool(one, until) for one in trades]
    return replace(
        scene,
        tools=tuple(replace(tool, tagged=len(tools) == 1, name=tool.name if len(tools) > 1 else "") for tool in tools),
        fills=tuple(fill for trade in trades for fill in _fills(trade, until)),
        events=(*_evidence(signals), *_events(bars, before, request)),
        curves=_curves(bars, before, request) if request.chart_type in BY_TIME else (),
    )


def _bars(session: Session, symbol: Symbol, request: ExportRequest) -> tuple[Bars, Bars]:
    """The window, and the bars before it."""
    count = None if request.start is not None else request.bars
    most = BARS[1] + 1 if count is None else count
    bars = read_bars(
        session, request.symbol_id, request.timeframe, start=request.start, until=request.until, count=most
    )
    name = f"{symbol.name} {request.timeframe.name}"
    if not len(bars):
        raise ParameterError(f"There are no bars of {name} to draw: fetch or import some first.", name)
    if len(bars) > BARS[1]:
        raise ParameterError(f"The range holds more than {BARS[1]} bars of {name}: choose a shorter one.", name)
    first = int(bars.time[0])
    return bars, read_bars(session, request.symbol_id, request.timeframe, until=first, count=HISTORY)


def _subject(
    session: Session,
    plain: Scene,
    subject: str,
    symbol: Symbol,
    signals: Sequence[Signal],
    trades: Sequence[Trade],
    until: int,
) -> Scene:
    """The title and facts of what the chart is about."""
    if subject == "signal" and len(signals) == 1:
        strategy = _existing(session, Strategy, signals[0].strategy_id, "strategy")
        drawing: SignalDrawing = drawing_of(signals[0], symbol, strategy)
        made = signal_scene(plain.bars, drawing)
        return replace(plain, headline=made.headline, side=made.side, facts=made.facts)
    if subject == "trade" and len(trades) == 1:
        trade = trades[0]
        entry = f"trade {trade.id} at {plain.price(trade.entry_price)}"
        facts = [f"opened {_minute(trade.opened_at)} UTC"]
        if trade.closed_at is not None and trade.exit_price is not None and _ms(trade.closed_at) <= until:
            facts.append(f"closed {_minute(trade.closed_at)} UTC at {plain.price(trade.exit_price)}")
            facts.append(f"{trade.pnl:+,.2f}" if trade.pnl is not None else "")
            facts.append(f"{trade.r_multiple:+.2f} R" if trade.r_multiple is not None else "")
        return replace(plain, headline=entry, side=trade.direction, facts=tuple(facts))
    return plain


def _signal_tool(signal: Signal, until: int) -> Tool:
    end = signal.expires_at if signal.expires_at < until else None
    return Tool(
        signal.direction, signal.entry, signal.stop, signal.target, signal.as_of, end, signal.reward_risk,
        f"Signal {signal.id}",
    )  # fmt: skip


def _trade_tool(trade: Trade, until: int) -> Tool:
    closed = _ms(trade.closed_at) if trade.closed_at is not None else None
    end = closed if closed is not None and closed <= until else None
    return Tool(
        trade.direction, trade.entry_price, trade.stop, trade.target, _ms(trade.opened_at), end, None,
        f"Trade {trade.id}",
    )  # fmt: skip


def _fills(trade: Trade, until: int) -> list[Fill]:
    """Entry and exit, as far as they had happened."""
    found = []
    if _ms(trade.opened_at) <= until:
        found.append(Fill(_ms(trade.opened_at), trade.entry_price, trade.direction, "entry"))
    if trade.closed_at is not None and trade.exit_price is not None and _ms(trade.closed_at) <= until:
        found.append(Fill(_ms(trade.closed_at), trade.exit_price, -trade.direction, "exit"))
    return found


def _evidence(signals: Sequence[Signal]) -> list[Mapping[str, Any]]:
    seen: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for signal in signals:
        for event in signal.evidence:
            key = tuple(event[name] for name in ("kind", "timeframe", "start", "end", "level"))
            # As on the page, a zone ends where the position begins.
            seen[key] = {**event, "until": signal.as_of - 1} if event["kind"] in ZONES else event
    return list(seen.values())


def _events(bars: Bars, before: Bars, request: ExportRequest) -> list[dict[str, Any]]:
    """The newest and strongest events of these families that end within the window, as they were known at its end."""
    if not request.patterns:
        return []
    most = max(4, request.width * request.height // EVENT_PIXELS)
    log = detect(_joined(before, bars), families=request.patterns)
    inside = np.flatnonzero(log.events["end"] >= bars.time[0])
    recent = (log.events["end"][inside] - bars.time[0]) / max(1, int(bars.time[-1] - bars.time[0]))
    best = inside[np.argsort(-(0.6 * recent + 0.4 * log.events["score"][inside]), kind="stable")][:most]
    over = {int(row["event"]): int(row["known_at"]) for row in log.statuses[::-1] if int(row["status"]) in _OVER}
    return [
        {
            name: log.events[name][at].item()
            for name in ("direction", "start", "end", "price_low", "price_high", "level")
        }
        | {"kind": Kind(int(log.events["kind"][at])).name.lower(), "timeframe": ""}
        | ({"until": over[int(at)] - bars.timeframe.ms} if int(at) in over else {})
        for at in sorted(best)
    ]


def _curves(bars: Bars, before: Bars, request: ExportRequest) -> tuple[Curve, ...]:
    whole = _joined(before, bars)
    return tuple(curve for overlay in request.overlays for curve in _columns(whole, len(bars), overlay))


def _columns(whole: Bars, count: int, overlay: Overlay) -> list[Curve]:
    columns = compute(whole, overlay.name, dict(overlay.parameters), checked=True)
    stated = " ".join(f"{value:g}" for _, value in overlay.parameters)
    name = f"{overlay.name.upper()} {stated}".strip()
    pane = name if overlay.pane else ""
    return [
        Curve(name if len(columns) == 1 else f"{name} {column}", values[-count:], pane)
        for column, values in columns.items()
    ]


def _joined(before: Bars, bars: Bars) -> Bars:
    columns = ("time", "open", "high", "low", "close", "volume")
    return Bars(bars.timeframe, *(np.concatenate([getattr(before, one), getattr(bars, one)]) for one in columns))


def _existing(session: Session, model: type[Any], row_id: int, noun: str) -> Any:
    found = session.get(model, row_id)
    if found is None:
        raise NotFoundError(f"There is no {noun} {row_id} any more: choose another one.", row_id)
    return found


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
