"""How long the Journal takes over 100,000 trades: the page's script, and all statistics, beside naive ways to do both.

The script is the real one, run through Streamlit's own script runner with empty caches: what the first visitor after a
change waits for. Its peer reads every trade as ORM objects into a frame; everything else on the page is the same.
Statistics are every figure of the Statistics view with one grouping; their peer works each figure out by itself in
pandas, with Python's loops where pandas has no word for it. Both take turns, `ROUNDS` times; the median of each counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any
from unittest.mock import patch

from benchmarks.page_script import desk_of_its_own, practice_account, run_page, simulated_symbols
from benchmarks.timing import interleaved

TRADES = 100_000
OPEN = 5
SYMBOLS = 8
ROUNDS = 3


def run() -> dict[str, Any]:
    """Milliseconds; `ratio` is the peer's over ours, for the script, `statistics_ratio` for the statistics."""
    with desk_of_its_own():
        fill()
        _milliseconds()  # imports and the first connection are no part of a page
        ours, cpu, cached, peer = list[float](), list[float](), list[float](), list[float]()
        views: dict[str, list[float]] = {name: [] for name in ("Statistics", "Calendar")}
        for _ in range(ROUNDS):
            ours.append(_milliseconds())
            cpu.append(_worked[-1])
            cached.append(_milliseconds(fresh=False))
            for view, times in views.items():
                times.append(_milliseconds(view))
            with naive_reads():
                peer.append(_milliseconds())
        fast, naive = _statistics()
    return {
        "name": "journal",
        "unit": "ms",
        "ours": round(median(ours), 1),
        "peer": round(median(peer), 1),
        "ratio": round(median(peer) / median(ours), 1),
        "cpu_ms": round(median(cpu), 1),
        "cached_ms": round(median(cached), 1),
        **{f"{view.lower()}_view_ms": round(median(times), 1) for view, times in views.items()},
        "statistics_ms": round(fast * 1000, 1),
        "statistics_peer_ms": round(naive * 1000, 1),
        "statistics_ratio": round(naive / fast, 1),
        "trades": TRADES,
    }


def fill() -> None:
    """An account with closed trades over eight years, a few open ones, tags on some; random but plausible."""
    from sqlalchemy import insert

    from db.engine import default_engine, writer
    from db.migrate import upgrade
    from db.models import Tag, Trade, TradeTag

    upgrade(default_engine())
    now = datetime.now(UTC)
    with writer() as session:
        session.add_all(simulated_symbols(SYMBOLS, now))
        session.add(practice_account(now))
        session.add_all([Tag(name=name) for name in ("news", "late", "a+ setup")])
        session.flush()
        connection = session.connection()
        connection.execute(insert(Trade), list(_trades(now)))
        connection.execute(
            insert(TradeTag), [{"trade_id": number, "tag_id": 1 + number % 3} for number in range(1, TRADES, 4)]
        )


def _trades(now: datetime) -> Iterator[dict[str, Any]]:
    import numpy as np

    random = np.random.default_rng(5)
    r = np.round(random.normal(0.08, 1.3, TRADES).clip(-1.5, 6), 2).tolist()
    held = random.exponential(180, TRADES).tolist()
    start = now - timedelta(days=8 * 365)
    apart = (now - timedelta(days=3) - start) / TRADES
    for number in range(TRADES):
        opened = start + number * apart
        done = number < TRADES - OPEN
        result = r[number]
        yield {
            "account_id": 1,
            "symbol_id": 1 + number % SYMBOLS,
            "status": "closed" if done else "open",
            "direction": 1 if number % 3 else -1,
            "quantity": 1000,
            "open_quantity": 0 if done else 1000,
            "point_value": 1,
            "entry_price": 1.1,
            "exit_price": round(1.1 + result * 0.01, 5) if done else None,
            "first_stop": 1.09,
            "stop": 1.09,
            "target": 1.13,
            "risk": 10,
            "fees": 0,
            "swap": 0,
            "pnl": Decimal(str(round(result * 10, 2))) if done else None,
            "r_multiple": result if done else None,
            "opened_at": opened,
            "closed_at": opened + timedelta(minutes=1 + held[number]) if done else None,
            "worst_price": 1.0921,
            "best_price": 1.1216,
            "setup": ("Breakout", "Pullback", "", "Range fade")[number % 4],
            "emotion": "",
            "note": "",
            "version": 1,
        }


@contextmanager
def naive_reads() -> Iterator[None]:
    """The page's read of all trades replaced by one of ORM objects, as it is written first."""
    from db.views import figures

    with patch.object(figures, "figures", naive_figures):
        yield


def naive_figures(session: Any, wanted: Any, *, tags: bool = False, results: bool = False) -> Any:
    """What `figures` answers, from whole objects."""
    import pandas as pd
    from sqlmodel import select

    from db.models import Symbol, Trade

    rows = [trade.model_dump() for trade in session.exec(select(Trade).where(Trade.account_id == wanted.account_id))]
    frame = pd.DataFrame(rows).sort_values("id", ascending=False, ignore_index=True)
    names = {symbol.id: symbol.name for symbol in session.exec(select(Symbol))}
    return frame.assign(symbol=frame["symbol_id"].map(names), strategy=None, band=None)


def _statistics() -> tuple[float, float]:
    """Seconds of all figures with one grouping, ours and naive, from the same frame."""
    from db.engine import default_engine, reader
    from db.views.figures import figures
    from db.views.journal import TradeFilter

    with reader(default_engine()) as session:
        frame = figures(session, TradeFilter(1))
    ours, naive = interleaved([lambda: fast_statistics(frame), lambda: naive_statistics(frame)], ROUNDS, [1, 1])
    return ours, naive


def fast_statistics(frame: Any) -> tuple[Any, ...]:
    """Every figure as the Statistics view computes it."""
    from core.stats.closed import closed_trades
    from core.stats.groups import by
    from core.stats.returns import daily_returns, return_stats
    from core.stats.trades import trade_stats

    trades = closed_trades(frame)
    daily = daily_returns(frame, Decimal(100_000), trades=trades)
    return (
        trade_stats(frame, Decimal(100_000), trades),
        return_stats(daily.values, daily.periods),
        by(frame, "symbol", trades=trades),
    )


def naive_statistics(frame: Any) -> dict[str, Any]:
    """The same figures one by one, as a notebook has them."""
    closed = frame[frame["status"] == "closed"].sort_values("closed_at")
    pnl, r = closed["pnl"].astype(float), closed["r_multiple"]
    won, lost = closed[pnl > 0], closed[pnl < 0]
    held = closed["closed_at"] - closed["opened_at"]
    balance = 100_000 + pnl.cumsum()
    fall = balance.cummax() - balance
    found: dict[str, Any] = {
        "win_rate": (pnl > 0).mean(),
        "decided": len(won) / (len(won) + len(lost)),
        "net": closed["pnl"].sum(),
        "profit_factor": pnl[pnl > 0].sum() / -pnl[pnl < 0].sum(),
        "expectancy": pnl.mean(),
        "average_r": r.mean(),
        "average_win": pnl[pnl > 0].mean(),
        "average_loss": pnl[pnl < 0].mean(),
        "largest": (closed["pnl"].max(), closed["pnl"].min()),
        "drawdown": fall.max(),
        "recovery": pnl.sum() / fall.max(),
        "sqn": r.mean() / r.std() * 10,
        "hold": (held[pnl > 0].mean(), held[pnl < 0].mean(), held[pnl > 0].median(), held[pnl < 0].median()),
    }
    longest = {1: 0, -1: 0}
    streak, before = 0, 0
    for value in pnl:
        sign = 1 if value > 0 else -1 if value < 0 else 0
        streak = streak + 1 if sign == before else 1
        before = sign
        if sign:
            longest[sign] = max(longest[sign], streak)
    daily = pnl.groupby(closed["closed_at"].dt.date).sum()
    returns = daily / (100_000 + daily.cumsum().shift(fill_value=0))
    down = returns[returns < 0]
    found |= {"longest": longest, "sharpe": returns.mean() / returns.std() * 252**0.5, "sortino": down.std()}
    excursions = closed.apply(_excursions, axis=1)
    found["mae"] = sum(one[0] for one in excursions) / len(excursions)
    found["efficiency"] = sum(one[1] for one in excursions) / len(excursions)
    groups = closed.groupby("symbol")
    found["by"] = {
        name: (len(part), (part["pnl"].astype(float) > 0).mean(), part["pnl"].sum(), part["r_multiple"].mean())
        for name, part in groups
    }
    return found


def _excursions(trade: Any) -> tuple[float, float]:
    side, entry = trade["direction"], trade["entry_price"]
    adverse = (trade["worst_price"] - entry) * side / abs(entry - trade["first_stop"])
    favour = (trade["best_price"] - entry) * side
    return adverse, (trade["exit_price"] - entry) * side / favour if favour > 0 else 0.0


_worked: list[float] = []
"""Processor time of each run of the page: what other programs of the machine do not lengthen much."""


def _milliseconds(view: str = "Trades", *, fresh: bool = True) -> float:
    """One run of the page's script."""
    app, took, work = run_page("journal", {"journal_view": view}, fresh=fresh, frames=True)
    _worked.append(work)
    assert any("Win rate" in element.proto.body for element in app.get("html"))
    return took
