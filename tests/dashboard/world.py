"""A small desk with everything on it: bars, signals in every state, trades open and closed, lineage, an account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from sqlalchemy import Engine
from sqlmodel import Session

from core.bars import Bars
from core.timeframe import Timeframe
from db.actions.close import close_trade
from db.actions.decide import accept_signal, reject_signal
from db.engine import writer
from db.models import Account, Run, Signal, SignalVote, Strategy, Symbol
from db.store.bars.series import read_bars, store_bars
from db.store.lineage.steps import Step, add_step
from db.store.revision import bump
from tests.factories import add, make_account, make_run, make_signal, make_strategy, make_symbol

MINUTE = 60_000
VOTES = (
    ("trend", "EMA(50) over 5 bars", 1, 1.0, 0.8, "0.00042 (centre 0)"),
    ("momentum", "RSI(14)", 1, 1.0, 0.61, "58.2 (centre 50)"),
    ("strength", "ADX(14) and directional movement", 0, 1.0, 0.3, "ADX 17.1, +DI 22.0, -DI 19.4"),
    ("structure", "Volume flow (OBV, 20 bars)", -1, 1.0, 0.2, "-0.1 (centre 0)"),
    ("structure", "Structure shift", 1, 2.0, 1.0, "CHoCH on M15"),
)
CONFIDENCE = 0.5683
"""(0.8 + 0.61 + 2 x 1.0) / 6: what the votes above come to."""
HOSTILE = "<img src=x onerror=alert(1)> **bold** [x](javascript:alert(1))"


def walk(timeframe: Timeframe, count: int, end: int, price: float, step: float, seed: int) -> Bars:
    """A random walk of bars, the last of which closes at `end` (UTC ms) or just before."""
    rng = np.random.default_rng(seed)
    last = end // timeframe.ms * timeframe.ms - timeframe.ms
    time = np.arange(last - (count - 1) * timeframe.ms, last + 1, timeframe.ms, dtype=np.int64)
    close = price + np.cumsum(rng.normal(0, step, count))
    opened = np.concatenate([[price], close[:-1]])
    high = np.maximum(opened, close) + rng.exponential(step, count)
    low = np.minimum(opened, close) - rng.exponential(step, count)
    columns = (np.round(column, 5) for column in (opened, high, low, close))
    return Bars(timeframe, time, *columns, rng.integers(50, 900, count).astype(np.float64))


def build(engine: Engine, now: datetime) -> dict[str, int]:
    """Fill an empty data base; returns ids by name: `new`, `rejected`, `open_trade`, `closed_trade`, `sample`."""
    now_ms = int(now.timestamp()) * 1000
    with writer(engine) as session:
        make_account(session)
        euro = make_symbol(session, tick_size=0.00001, lot_step=Decimal(1000), description="Simulated euro")
        stock = make_symbol(session, "AAPL", source="sample", calendar="us_stocks", tick_size=0.01)
        strategy, daily = make_strategy(session), make_strategy(session, "SMC daily", schedule="10 0 * * *")
        store_bars(session, euro, walk(Timeframe.M1, 4000, now_ms, 1.085, 0.00012, 3))
        old = now_ms - 400 * 86_400_000
        store_bars(session, stock, walk(Timeframe.D1, 400, old, 150.0, 1.6, 5))
        ids = [_euro_signal(session, euro, strategy, now_ms, number).id for number in range(6)]
        sample = _stock_signal(session, stock, daily, old).id
        bump(session)
    return _decide(engine, [one for one in ids if one], now) | {"sample": sample or 0}


def add_signal(engine: Engine, now: datetime, number: int) -> int:
    """One more new signal on the first symbol, as a scan would add it."""
    with writer(engine) as session:
        symbol, strategy = session.get_one(Symbol, 1), session.get_one(Strategy, 1)
        signal = _euro_signal(session, symbol, strategy, int(now.timestamp()) * 1000, number)
        bump(session)
    assert signal.id is not None
    return signal.id


def _decide(engine: Engine, ids: list[int], now: datetime) -> dict[str, int]:
    reject_signal(engine, ids[0], f"News is near: {HOSTILE}", now)
    trades = [accept_signal(engine, one, None, now - timedelta(minutes=3)) for one in ids[1:4]]
    for trade, gain, minutes in ((trades[0], 0.0018, 2), (trades[1], -0.0011, 1)):
        with Session(engine) as session:
            entry = session.get_one(Signal, ids[1 + trades.index(trade)]).entry
        close_trade(engine, trade, round(entry + gain, 5), now - timedelta(minutes=minutes), "by plan", now)
    return {"rejected": ids[0], "closed_trade": trades[0], "open_trade": trades[2], "accepted": ids[3], "new": ids[5]}


def _euro_signal(session: Session, symbol: Symbol, strategy: Strategy, now_ms: int, number: int) -> Signal:
    as_of = now_ms // (5 * MINUTE) * 5 * MINUTE
    bars = _window(session, symbol, as_of)
    entry = round(float(bars.close[-1]) - 0.0004, 5)
    stop = round(entry - 0.0011, 5)
    targets = [
        {"name": "liquidity", "price": round(entry + 0.0016, 5), "r": 1.45},
        {"name": "2R", "price": round(entry + 0.0022, 5), "r": 2.0},
        {"name": "3R", "price": round(entry + 0.0033, 5), "r": 3.0},
    ]
    signal = make_signal(
        session,
        symbol=symbol,
        strategy=strategy,
        run=_run(session, symbol, strategy, as_of + number),
        source_key=f"zone-{number}",
        entry=entry,
        stop=stop,
        target=targets[2]["price"],
        targets=targets,
        confidence=CONFIDENCE,
        band="MEDIUM",
        as_of=as_of,
        expires_at=now_ms + 3 * 3_600_000,
        evidence=_evidence(bars, entry, stop),
        created_at=datetime.fromtimestamp(as_of / 1000, tz=UTC),
    )
    _votes(session, signal)
    _lineage(session, signal)
    return signal


def _stock_signal(session: Session, symbol: Symbol, strategy: Strategy, end: int) -> Signal:
    as_of = end // 86_400_000 * 86_400_000
    signal = make_signal(
        session,
        symbol=symbol,
        strategy=strategy,
        run=_run(session, symbol, strategy, as_of),
        source_key="zone-daily",
        timeframe=int(Timeframe.D1),
        direction=-1,
        entry_type="SELL_LIMIT",
        entry=152.0,
        stop=157.0,
        target=137.0,
        targets=[{"name": "3R", "price": 137.0, "r": 3.0}],
        confidence=CONFIDENCE,
        band="MEDIUM",
        as_of=as_of,
        expires_at=as_of + 20 * 86_400_000,
    )
    _votes(session, signal)
    return signal


def _window(session: Session, symbol: Symbol, as_of: int) -> Bars:
    return read_bars(session, symbol.id or 0, Timeframe.M5, until=as_of, count=60)


def _evidence(bars: Bars, entry: float, stop: float) -> list[dict[str, Any]]:
    time = bars.time.tolist()
    top, bottom = float(bars.high.max()), float(bars.low.min())

    def item(kind: str, role: str, start: int, end: int, low: float, high: float, direction: int = 1) -> dict[str, Any]:
        return {
            "kind": kind,
            "timeframe": "M5",
            "direction": direction,
            "start": time[start],
            "end": time[end],
            "price_low": low,
            "price_high": high,
            "level": high,
            "known_at": time[end] + 5 * MINUTE,
            "score": 0.7,
            "role": role,
        }

    return [
        item("order_block", "entry zone", 20, 20, stop + 0.0002, entry),
        item("fair_value_gap", "structure", 30, 32, entry + 0.0003, entry + 0.0006),
        item("choch", "shift", 15, 28, top - 0.0005, top - 0.0005),
        item("liquidity_pool", "target", 5, 18, top, top, -1),
        item("swing_low", "structure", 24, 24, bottom, bottom),
        item("sweep", "structure", 22, 25, bottom, bottom),
    ]


def _votes(session: Session, signal: Signal) -> None:
    for family, name, vote, weight, strength, detail in VOTES:
        session.add(
            SignalVote(
                signal_id=signal.id or 0,
                family=family,
                name=name,
                vote=vote,
                weight=weight,
                strength=strength,
                detail=detail,
            )
        )


def _lineage(session: Session, signal: Signal) -> None:
    at = signal.created_at
    later = at + timedelta(milliseconds=42)

    def step(kind: str, name: str, parents: tuple[int, ...] = (), **fields: Any) -> int:
        return add_step(session, Step(kind, name, at, later, run_id=signal.run_id, content=[name], **fields), parents)

    bars = [step("bars", f"SIM-EURUSD {name}", output={"bars": 500}) for name in ("H4", "M15", "M5")]
    events = step("events", "Smart-money events", tuple(bars), parameters={"swing": 5}, output={"events": 61})
    values = step("indicators", "Indicators of M5", (bars[2],), parameters={"EMA": 200})
    votes = step("votes", "Votes", (events, values), output={"confidence": signal.confidence})
    made = step("signal", f"Signal {signal.id}", (votes,), entity="signal", entity_id=signal.id)
    step("chart", "Chart image", (made,), status="failed", error=f"RenderError: the browser is gone {HOSTILE}")


def _run(session: Session, symbol: Symbol, strategy: Strategy, slot: int) -> Run:
    return make_run(session, strategy_id=strategy.id, symbol_id=symbol.id, slot=slot)


def second_account(engine: Engine) -> Account:
    with writer(engine) as session:
        return add(session, make_account(session, "Second"))
