"""`python -m workers add-symbol`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

import typer

from core.timeframe import Calendar, Timeframe
from workers.market.words import currency_code, positive, symbol_name


@dataclass(frozen=True)
class Habit:
    """How markets of one kind trade, for what the person does not say."""

    calendar: Calendar
    tick_size: float
    lot_step: Decimal


def habit_of(ticker: str) -> Habit:
    """Yahoo marks currency pairs with `=X` and crypto currencies with `-USD`; anything else trades like a stock."""
    if ticker.endswith("=X"):
        return Habit(Calendar.FX, 0.00001, Decimal(1000))
    if ticker.endswith(("-USD", "-EUR", "-USDT")):
        return Habit(Calendar.UTC, 0.01, Decimal("0.001"))
    return Habit(Calendar.US_STOCKS, 0.01, Decimal(1))


def add_symbol(
    ticker: Annotated[str, typer.Argument(help="Yahoo's ticker: AAPL, BTC-USD, EURUSD=X, ^GSPC ...")],
    name: Annotated[str | None, typer.Option(help="Name on the desk; the ticker by default.")] = None,
    timeframe: Annotated[str, typer.Option(help="Bars to fetch: 1m, 5m, 15m, 1h or 1d.")] = "1d",
    currency: Annotated[str, typer.Option(help="Currency of its prices.")] = "USD",
    point_value: Annotated[str, typer.Option(help="Money that one unit gains when the price rises by 1.")] = "1",
    lot_step: Annotated[str | None, typer.Option(help="Smallest step of a size; by kind of market by default.")] = None,
    tick_size: Annotated[float | None, typer.Option(help="Smallest price step; by kind of market by default.")] = None,
    calendar: Annotated[
        Calendar | None, typer.Option(help="When its days begin; by kind of market by default.")
    ] = None,
) -> None:
    """Follow a symbol of Yahoo Finance: its bars are fetched at once, and then as they come."""
    from db.models import Symbol  # noqa: PLC0415  (what is heavy is imported when the command runs)
    from workers.market.following import follow  # noqa: PLC0415

    ticker = ticker.strip().upper()
    habit = habit_of(ticker)
    symbol = Symbol(
        name=symbol_name(name or ticker),
        description=f"{ticker} at Yahoo Finance",
        source="yahoo",
        vendor_symbol=ticker,
        calendar=(calendar or habit.calendar).value,
        currency=currency_code(currency),
        tick_size=float(positive(repr(tick_size), "--tick-size")) if tick_size is not None else habit.tick_size,
        point_value=positive(point_value, "--point-value"),
        lot_step=positive(lot_step, "--lot-step") if lot_step is not None else habit.lot_step,
        created_at=datetime.now(UTC),
    )
    count, watchers = follow(symbol, Timeframe.parse(timeframe))
    print(f"{symbol.name} is followed from now on: {count} bars stored.")
    if watchers:
        print(f"Watched by {', '.join(watchers)}.")
