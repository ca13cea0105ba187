"""What an export shows, read from the data base: bars, and what its request puts over them, as of its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import numpy as np
from sqlalchemy import Engine
from sqlmodel import Session

from core.bars import Bars, Floats, Times
from core.charts.choice import known_on, telling
from core.charts.drawing import SignalDrawing
from core.charts.evidence import ZONES
from core.charts.export import BARS, ExportRequest, Overlay, from_stored
from core.charts.figure import joined, signal_scene
from core.charts.scene import Curve, Fill, Scene, Tool
from core.errors import NotFoundError, ParameterError
from core.indicators.registry import compute, describe
from core.patterns.detect import DetectorSettings, detect
from core.patterns.events import EventLog, Kind, Status
from core.patterns.naming import family_of
from core.timeframe import Calendar
from db.engine import reader
from db.models import Signal, Strategy, Symbol, Trade
from db.store.bars.series import read_bars
from db.store.charts.drawing import drawing_of, source_words
from db.store.charts.exports import file_name, get_export

HISTORY: Final = 6_000
"""Bars that indicators, events, bricks and columns are made from, the window's among them: as many as on the page."""
_BARS: Final = frozenset(("macdhist", "vwmacdh", "trixh", "sqz", "sqzpro"))
"""Columns of indicators that are drawn as bars."""
_COLUMNS: Final = ("direction", "start", "end", "price_low", "price_high", "level")
_TURN: Final = 4
"""Bars that the line of a swing is long."""
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
        facts=(f"{len(bars)} bars",),
        before=before,
        volume=request.volume,
    )
    until = request.until or bars.as_of
    scene = _subject(session, plain, subject, symbol, signals, trades, until)
    tools = [_signal_tool(signal, until) for signal in signals] + [_trade_tool(one, until) for one in trades]
    front = max(tools, key=lambda tool: (tool.end is None, tool.start), default=None)
    log = _log(bars, before, request, Calendar(symbol.calendar))
    known = known_on(log, bars) if log is not None else None
    found = [] if log is None or known is None else _events(log, telling(log, known, bars), bars)
    return replace(
        scene,
        tools=tuple(replace(tool, tagged=tool is front, name=tool.name if len(tools) > 1 else "") for tool in tools),
        fills=tuple(fill for trade in trades for fill in _fills(trade, until)),
        events=(*_evidence(signals if subject == "signal" and len(signals) == 1 else ()), *found),
        patterns=None if known is None else len(known),
        curves=_curves(bars, before, request),
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
    return bars, read_bars(session, request.symbol_id, request.timeframe, until=first, count=HISTORY - len(bars))


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


def _log(bars: Bars, before: Bars, request: ExportRequest, calendar: Calendar) -> EventLog | None:
    """The events of these families as they were known at the window's end; None where nobody asked for any."""
    if not request.patterns:
        return None
    return detect(joined(before, bars), DetectorSettings(calendar=calendar), request.patterns)


def _events(log: EventLog, rows: Times, bars: Bars) -> list[dict[str, Any]]:
    """These events as the figure draws them."""
    over = {int(row["event"]): int(row["known_at"]) for row in log.statuses[::-1] if int(row["status"]) in _OVER}
    found = []
    for at in rows.tolist():
        kind = Kind(int(log.events["kind"][at]))
        event = {name: log.events[name][at].item() for name in _COLUMNS}
        event |= {"kind": kind.name.lower(), "timeframe": "", "family": family_of(kind)}
        if kind in (Kind.SWING_HIGH, Kind.SWING_LOW):  # a turn is a moment: so many lines to the right hide the price
            event["until"] = event["start"] + _TURN * bars.timeframe.ms
        elif at in over:
            event["until"] = over[at] - bars.timeframe.ms
        found.append(event)
    return found


def _curves(bars: Bars, before: Bars, request: ExportRequest) -> tuple[Curve, ...]:
    whole = joined(before, bars)
    return tuple(curve for overlay in request.overlays for curve in _columns(whole, len(bars), overlay))


def _columns(whole: Bars, count: int, overlay: Overlay) -> list[Curve]:
    columns = compute(whole, overlay.name, dict(overlay.parameters), checked=True)
    name = _label(overlay)
    pane = name if overlay.pane else ""
    if not overlay.pane:
        columns = {key: values for key, values in columns.items() if _priced(whole, values)} or columns
    return [
        Curve(
            name if len(columns) == 1 else f"{name} {column}", values[-count:], pane, overlay.pane and column in _BARS
        )
        for column, values in columns.items()
    ]


def _priced(bars: Bars, values: Floats) -> bool:
    """Whether a column keeps near the price: the direction of a stop, say, does not belong over the candles."""
    low, high = float(bars.low.min()), float(bars.high.max())
    known = values[np.isfinite(values)]
    return bool(known.size) and 2 * low - high <= float(known.min()) and float(known.max()) <= 2 * high - low


def _label(overlay: Overlay) -> str:
    """`MACD 12 26 9`: what is stated, in the registry's order; words that are as usual are left out."""
    stated = dict(overlay.parameters)
    said = [overlay.name.upper()]
    for one in describe(overlay.name).parameters:
        value = stated.get(one.name)
        if value is not None and (one.kind != "choice" or value != one.default):
            said.append(value if isinstance(value, str) else f"{value:g}")
    return " ".join(said)


def _existing(session: Session, model: type[Any], row_id: int, noun: str) -> Any:
    found = session.get(model, row_id)
    if found is None:
        raise NotFoundError(f"There is no {noun} {row_id} any more: choose another one.", row_id)
    return found


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
