"""A portfolio day by day: what it was worth, what the owner paid in, what it made, and what its benchmark did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlmodel import Session

from core.bars import Floats, Times
from core.errors import ParameterError
from core.ledger import Rates
from core.portfolio import growth, last_known, level_at, worth_of
from db.models import Portfolio, Symbol
from db.store.bars.day_closes import DAY_MS, NO_CLOSES, Closes, day_closes, weekends
from db.store.portfolio.flows import Flows
from db.store.portfolio.rates import rates
from db.views.portfolio.positions import STALE_MS

_DUST, _DUST_OF_MONEY = 1e-7, 1e-4
_OFTEN = 0.1
YEAR_OF_MARKETS, YEAR_OF_DAYS = 252, 365


@dataclass(frozen=True)
class Curve:
    """Values at the ends of UTC days, in the portfolio's currency; shape (n,) each, n may be 0.

    `days` are these ends in UTC ms, the first one lies before anything was traded. `flows` is what was paid in since
    the day before. `index` is what 1 became by trading alone, None where nothing was left of the account on a day.
    `benchmark` holds its closes in the portfolio's currency, NaN where there was none within a week; where a rate is
    missing they are in its own (`converted` is False). `benchmark_rate` turns its price of now into the same. `unknown`
    names what had no price or rate on some day: these days are left out, there are `left_out` of them.
    """

    days: Times
    equity: Floats
    flows: Floats
    index: Floats | None
    benchmark: Floats
    periods: int
    unknown: tuple[str, ...]
    left_out: int
    benchmark_rate: float = 1.0
    converted: bool = True

    @property
    def returns(self) -> Floats:
        """Return of each day but the first."""
        if self.index is None or not len(self.index):
            return np.array([], np.float64)
        return np.asarray(self.index[1:] / self.index[:-1] - 1.0, np.float64)

    @property
    def benchmark_returns(self) -> Floats:
        """Those of the benchmark, NaN before its first close."""
        return np.asarray(self.benchmark[1:] / self.benchmark[:-1] - 1.0, np.float64)


def curve(
    session: Session, portfolio: Portfolio, symbols: dict[int, Symbol], flows: Flows, now_ms: int
) -> Curve | None:
    """Up to the last UTC day that is over at `now_ms`; None where nothing happened before that."""
    began, last = flows.began, now_ms // DAY_MS * DAY_MS
    if began is None or began >= last:
        return None
    prices = [day_closes(session, symbols[one], last) for one in flows.symbols]
    benchmark = session.get(Symbol, portfolio.benchmark_id) if portfolio.benchmark_id else None
    beside = day_closes(session, benchmark, last) if benchmark else NO_CLOSES
    first = (began // DAY_MS + 1) * DAY_MS
    ends = _market_days(first, last, [*prices, beside])
    days = np.unique(np.append(ends, [first, last]))
    known = rates(session, portfolio.currency)
    names = [symbols[one].name for one in flows.symbols]
    equity, unknown = _equity(days, flows, prices, [symbols[one] for one in flows.symbols], names, known)
    paid = _funded(flows, days, known)
    begun = np.maximum.accumulate(np.nan_to_num(paid) > 0)
    kept = begun & np.isfinite(equity) & np.isfinite(paid)
    if not kept.any():
        return None
    days, equity, paid = days[kept], equity[kept], paid[kept]
    # A day before the first one, so that what was made on the first day counts.
    days, equity, paid = np.append(days[0] - DAY_MS, days), np.append(paid[0], equity), np.append(paid[0], paid)
    funded = np.append(paid[0], np.diff(paid))
    closes = last_known(beside.known_at, beside.close, days, STALE_MS)
    own = _own_rates(known, benchmark, np.append(days, now_ms))
    # Rates of a part of the days would be a jump that nobody made.
    converted = bool(np.isfinite(own[np.append(np.isfinite(closes), True)]).all())
    return Curve(
        days=days,
        equity=equity,
        flows=funded,
        index=index_of(equity, funded),
        benchmark=closes * own[:-1] if converted else closes,
        periods=_periods(ends),
        unknown=unknown,
        left_out=int((begun & ~kept).sum()),
        benchmark_rate=float(own[-1]) if converted else 1.0,
        converted=converted,
    )


def _market_days(first: int, last: int, prices: Sequence[Closes]) -> Times:
    """Ends of the UTC days from `first` to `last` on which some market was open."""
    ends = np.unique(np.concatenate([one.ends for one in prices]))
    return np.asarray(ends[(ends >= first) & (ends <= last)], np.int64)


def _equity(
    days: Times, flows: Flows, prices: Sequence[Closes], symbols: Sequence[Symbol], names: list[str], known: Rates
) -> tuple[Floats, tuple[str, ...]]:
    held = level_at(flows.held, days, len(symbols))
    # What floats leave of a position that was closed is none, as of money that was spent.
    held[np.abs(held) < _DUST] = 0.0
    money = level_at(flows.money, days, len(flows.currencies))
    money[np.abs(money) < _DUST_OF_MONEY] = 0.0
    currencies = {one: _rate(known, one, days) for one in {*flows.currencies, *(row.currency for row in symbols)}}
    columns = [
        last_known(one.known_at, one.close, days) * float(row.point_value) * currencies[row.currency]
        for one, row in zip(prices, symbols, strict=True)
    ]
    each = np.column_stack(columns) if columns else np.zeros((len(days), 0))
    cash = np.column_stack([currencies[one] for one in flows.currencies]) if flows.currencies else each[:, :0]
    lacking = [name for at, name in enumerate(names) if np.isnan(each[held[:, at] != 0, at]).any()]
    lacking += [name for at, name in enumerate(flows.currencies) if np.isnan(cash[np.abs(money[:, at]) > 0, at]).any()]
    return worth_of(held, each) + worth_of(money, cash), tuple(dict.fromkeys(lacking))


def _funded(flows: Flows, days: Times, known: Rates) -> Floats:
    """What the owner had paid in by each day, each sum at the rate of its own moment."""
    changes = [
        float(known.at(flows.currencies[column], time) or "nan") * change
        for time, column, change in zip(*(one.tolist() for one in _columns(flows)), strict=True)
    ]
    total = np.append(0.0, np.cumsum(np.array(changes, np.float64)))
    return np.asarray(total[np.searchsorted(flows.paid.time, days, side="left")], np.float64)


def _columns(flows: Flows) -> tuple[Times, Times, Floats]:
    return flows.paid.time, flows.paid.column, flows.paid.change


def _rate(known: Rates, currency: str, days: Times) -> Floats:
    return np.array([float(known.at(currency, day) or "nan") for day in days.tolist()], np.float64)


def _own_rates(known: Rates, benchmark: Symbol | None, days: Times) -> Floats:
    """What the benchmark's currency was worth in the portfolio's."""
    return np.ones(len(days)) if benchmark is None else _rate(known, benchmark.currency, days)


def index_of(equity: Floats, flows: Floats) -> Floats | None:
    """What 1 became by trading alone; None where nothing was left at work on some day."""
    try:
        return growth(equity, flows)
    except ParameterError:
        return None


def _periods(ends: Times) -> int:
    """Returns in a year: every day counts where markets are open at weekends."""
    return YEAR_OF_DAYS if len(ends) and weekends(ends).mean() > _OFTEN else YEAR_OF_MARKETS
