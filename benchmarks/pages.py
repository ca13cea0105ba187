"""How long the Signals page's script runs over 100,000 signals and a million bars, beside the same page read naively.

Both run the real entry script and the real page through Streamlit's own script runner, with empty caches: what the
first visitor after a change waits for. The peer reads every signal and every bar of the chosen symbol as ORM objects
into frames, and filters, sorts and counts in pandas; everything else on the page is the same. They take turns,
`ROUNDS` times; the median of each counts. `cached_ms` is the same page when nothing has changed, `filtered_ms` with a
filter that leaves few signals. The time includes Streamlit's test harness, which builds the whole page's messages.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from statistics import median
from typing import Any
from unittest.mock import patch

from benchmarks.page_script import desk_of_its_own, practice_account, run_page, simulated_symbols

SIGNALS = 100_000
BARS = 1_000_000
SYMBOLS = 4
CLOSED = 2_000
ROUNDS = 3
HOUR = 3_600_000
MINUTE = 60_000


def run() -> dict[str, Any]:
    """Milliseconds of both; `ratio` is the peer's over ours."""
    with desk_of_its_own():
        fill()
        _milliseconds()  # imports and the first connection are no part of a page
        ours, cached, filtered, peer = [], [], [], []
        for _ in range(ROUNDS):
            ours.append(_milliseconds())
            cached.append(_milliseconds(fresh=False))
            filtered.append(_milliseconds(choose=True))
            with naive_reads():
                peer.append(_milliseconds())
    return {
        "name": "pages",
        "unit": "ms",
        "ours": round(median(ours), 1),
        "peer": round(median(peer), 1),
        "ratio": round(median(peer) / median(ours), 1),
        "cached_ms": round(median(cached), 1),
        "filtered_ms": round(median(filtered), 1),
        "signals": SIGNALS,
        "bars": BARS,
    }


def fill() -> None:
    """A desk with symbols, bars, signals with their votes, and closed trades; all of it random but plausible."""
    from sqlalchemy import insert

    from db.engine import default_engine, writer
    from db.migrate import upgrade
    from db.models import Run, Strategy

    upgrade(default_engine())
    now = datetime.now(UTC)
    with writer() as session:
        session.add_all(simulated_symbols(SYMBOLS, now))
        session.add_all([Strategy(name=name, kind="smc_mtf", schedule="* * * * *", created_at=now) for name in "AB"])
        session.add(practice_account(now))
        session.add(Run(kind="scan", status="done", code_version="benchmark", started_at=now, finished_at=now))
        session.flush()
        for table, rows in _rows(now):
            connection = session.connection()
            connection.execute(insert(table), rows)


@contextmanager
def naive_reads() -> Iterator[None]:
    """The page's reads replaced by ones that load everything and filter in pandas."""
    from db.views import desk, signals

    _loaded.clear()
    with (
        patch.object(signals, "signal_list", naive_list),
        patch.object(signals, "signal_counts", naive_counts),
        patch.object(desk, "window", naive_window),
    ):
        yield


def naive_list(session: Any, wanted: Any, limit: int) -> Any:
    """What `signal_list` answers, from all signals."""
    frame = _all_signals(session)
    for column, allowed in (
        ("symbol_id", wanted.symbols),
        ("strategy_id", wanted.strategies),
        ("status", wanted.statuses),
    ):
        if allowed:
            frame = frame[frame[column].isin(allowed)]
    frame = frame[frame["confidence"] >= wanted.confidence]
    return frame.sort_values("id", ascending=False).head(limit).reset_index(drop=True)


def naive_counts(session: Any) -> dict[str, int]:
    """What `signal_counts` answers, from all signals."""
    from db.views.signals import STATUSES

    found = _all_signals(session)["status"].value_counts()
    return {status: int(found.get(status, 0)) for status in STATUSES}


def naive_window(session: Any, symbol_id: int, timeframe: Any, around: int, *, before: int, after: int) -> Any:
    """What `window` answers, from all bars of the symbol and timeframe."""
    import pandas as pd
    from sqlmodel import col, select

    from core.bars import Bars
    from db.models import Bar

    query = select(Bar).where(Bar.symbol_id == symbol_id, Bar.timeframe == int(timeframe)).order_by(col(Bar.time))
    frame = pd.DataFrame([bar.model_dump() for bar in session.exec(query)])
    closes = frame["time"] + timeframe.ms
    past, later = frame[closes <= around].tail(before), frame[closes > around]
    return Bars.from_frame(timeframe, pd.concat([past, later[later["time"] < around + after * timeframe.ms]]))


_loaded: list[Any] = []


def _all_signals(session: Any) -> Any:
    """Every signal with its symbol and strategy; read once a run, however often the page asks."""
    if not _loaded:
        _loaded.append(_read_all_signals(session))
    return _loaded[0]


def _read_all_signals(session: Any) -> Any:
    import pandas as pd
    from sqlmodel import select

    from db.models import Signal, Strategy, Symbol

    signals = pd.DataFrame([row.model_dump() for row in session.exec(select(Signal))])
    symbols = pd.DataFrame([row.model_dump() for row in session.exec(select(Symbol))]).add_prefix("symbol_")
    strategies = pd.DataFrame([row.model_dump() for row in session.exec(select(Strategy))]).add_prefix("strategy_")
    joined = signals.merge(symbols, on="symbol_id").merge(strategies, on="strategy_id")
    names = {"symbol_name": "symbol", "symbol_source": "source", "symbol_tick_size": "tick_size"}
    return joined.rename(columns=names | {"strategy_name": "strategy"})


def _rows(now: datetime) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    """(table, rows) in an order that foreign keys allow."""
    from db.models import Bar, Signal, SignalVote, Trade

    end = int(now.timestamp() * 1000) // HOUR * HOUR
    for symbol in range(1, SYMBOLS + 1):
        for timeframe, count in ((1, BARS // SYMBOLS * 4 // 5), (5, BARS // SYMBOLS // 5)):
            yield Bar, _bars(symbol, timeframe, count, end)
    yield Signal, [_signal(number, end, now) for number in range(SIGNALS)]
    yield (
        SignalVote,
        [
            {"signal_id": number + 1, "family": "trend", "name": name, "vote": 1, "weight": 1.0, "strength": 0.5}
            | {"detail": "0.00042 (centre 0)"}
            for number in range(SIGNALS)
            for name in ("EMA(50)", "RSI(14)", "ADX(14)", "Volume flow")
        ],
    )
    yield Trade, [_trade(number, now) for number in range(CLOSED)]


def _bars(symbol: int, timeframe: int, count: int, end: int) -> list[dict[str, Any]]:
    import numpy as np

    random = np.random.default_rng(symbol * 100 + timeframe)
    close = 1.1 * np.exp(np.cumsum(random.normal(0, 1e-5, count)))
    opened = np.concatenate([[1.1], close[:-1]])
    first = end - count * timeframe * MINUTE
    columns = (opened, np.maximum(opened, close) * 1.00005, np.minimum(opened, close) * 0.99995, close)
    names = ("open", "high", "low", "close")
    return [
        dict(zip(names, prices, strict=True))
        | {"symbol_id": symbol, "timeframe": timeframe, "time": first + place * timeframe * MINUTE, "volume": 100.0}
        | {"adj_close": None}
        for place, prices in enumerate(zip(*(column.tolist() for column in columns), strict=True))
    ]


def _signal(number: int, end: int, now: datetime) -> dict[str, Any]:
    seen = end - (SIGNALS - number) * MINUTE - HOUR
    zone = {"kind": "order_block", "timeframe": "M5", "direction": 1, "start": seen - HOUR, "end": seen - HOUR}
    zone |= {"price_low": 1.09, "price_high": 1.1, "level": 1.1, "known_at": seen, "score": 0.5, "role": "entry zone"}
    return {
        "strategy_id": 1 + number % 2,
        "symbol_id": 1 + number % SYMBOLS,
        "run_id": 1,
        "source_key": f"zone-{number}",
        "timeframe": 5,
        "direction": 1 if number % 3 else -1,
        "entry_type": "BUY_LIMIT",
        "entry": 1.1,
        "stop": 1.09,
        "target": 1.13,
        "targets": [{"name": "2R", "price": 1.12, "r": 2.0}, {"name": "3R", "price": 1.13, "r": 3.0}],
        "reward_risk": 3.0,
        "confidence": number * 7919 % 1000 / 1000,
        "band": "MEDIUM",
        "as_of": seen,
        "expires_at": seen + HOUR,
        "status": ("expired", "rejected", "accepted", "expired", "new")[number % 5],
        "evidence": [zone] * 6,
        "created_at": now,
    }


def _trade(number: int, now: datetime) -> dict[str, Any]:
    return {
        "account_id": 1,
        "symbol_id": 1 + number % SYMBOLS,
        "signal_id": number + 1,
        "status": "closed",
        "direction": 1,
        "quantity": 1000,
        "open_quantity": 0,
        "entry_price": 1.1,
        "first_stop": 1.09,
        "stop": 1.09,
        "target": 1.13,
        "risk": 10,
        "fees": 0,
        "swap": 0,
        "opened_at": now,
        "closed_at": now,
        "exit_price": 1.11,
        "pnl": 10 if number % 2 else -10,
        "r_multiple": 1.0 if number % 2 else -1.0,
        "setup": "",
        "emotion": "",
        "note": "",
        "version": 1,
    }


def _milliseconds(*, fresh: bool = True, choose: bool = False) -> float:
    """One run of the page's script."""
    chosen = {"filter_confidence": 0.85, "filter_statuses": ["new"]} if choose else {}
    app, took, _ = run_page("signals", chosen, fresh=fresh)
    assert app.dataframe
    assert app.get("component_instance")
    return took
