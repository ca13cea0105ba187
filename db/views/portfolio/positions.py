"""What a portfolio holds and is worth now, position by position."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session, col, select

from core.errors import LedgerError
from core.ledger import Funding, Position, Rates, Valuation, net_funding, value
from core.ledger.units import amount, units, worth
from core.portfolio import Concentration, concentration
from core.risk import exact, money
from db.models import Account, Portfolio, Signal, Strategy, Symbol, Trade
from db.store.moments import from_ms
from db.store.portfolio.ledger import Ledger
from db.store.portfolio.rates import rates
from db.store.portfolio.records import parts
from db.views.desk import LastPrice, last_prices
from db.views.portfolio.stops import OpenTrade, open_trade

BY_HAND = "By hand"
UNCLASSIFIED = "unclassified"
STALE_MS = 7 * 86_400_000


@dataclass(frozen=True)
class Line:
    """A position of an account. `market_value` and `unrealised` in the symbol's currency, `value` and `pnl` in the
    portfolio's; shares are of the size without its sign. Each is None where a price or rate is missing.
    """

    account: Account
    symbol: Symbol
    position: Position
    price: LastPrice | None
    market_value: Decimal | None
    unrealised: Decimal | None
    value: Decimal | None
    pnl: Decimal | None
    account_share: float | None
    portfolio_share: float | None
    trades: tuple[OpenTrade, ...]


@dataclass(frozen=True)
class Cash:
    """Money in one currency, and what it is in the portfolio's; None without a rate."""

    currency: str
    amount: Decimal
    value: Decimal | None


@dataclass(frozen=True)
class Summary:
    """The portfolio now. `gross` adds up sizes, `net` lets shorts count against longs; `funded` is what the owner paid
    in less what was taken out. `missing` says in sentences what is not known, `stale` which prices
    are old, `offset` names symbols whose open trades
    cancel each other in the book.
    """

    portfolio: Portfolio
    valuation: Valuation
    lines: tuple[Line, ...]
    cash: tuple[Cash, ...]
    gross: Decimal | None
    net: Decimal | None
    funded: Decimal | None
    missing: tuple[str, ...]
    offset: tuple[str, ...]
    stale: tuple[str, ...] = ()

    @property
    def pnl(self) -> Decimal | None:
        """Everything it made, realised and open, dividends and costs included."""
        worth_ = self.valuation.equity
        return None if worth_ is None or self.funded is None else worth_ - self.funded


def summary(session: Session, portfolio: Portfolio, ledger: Ledger, now_ms: int) -> Summary:
    """Value a ledger at the newest stored prices and rates."""
    known = rates(session, portfolio.currency)
    quotes = last_prices(session, tuple({parts(one.instrument)[1] for one in ledger.book.open}))
    prices = {
        one.instrument: exact(quotes[symbol].price)
        for one in ledger.book.open
        if (symbol := parts(one.instrument)[1]) in quotes
    }
    valued = value(ledger.book, prices, known, now_ms)
    equities = {account: value(one.book, prices, known, now_ms).equity for account, one in ledger.accounts.items()}
    trades = _open_trades(session, ledger, quotes, now_ms)
    lines = []
    for held in valued.holdings:
        account, symbol = parts(held.position.instrument)
        lines.append(
            Line(
                account=ledger.accounts[account].account,
                symbol=ledger.symbols[symbol],
                position=held.position,
                price=quotes.get(symbol),
                market_value=held.market_value,
                unrealised=held.unrealised,
                value=held.value,
                pnl=held.pnl,
                account_share=share_of(held.value, equities[account]),
                portfolio_share=share_of(held.value, valued.equity),
                trades=tuple(trades.pop((account, symbol), ())),
            )
        )
    funded, unknown = _funded(ledger, known)
    values = [one.value for one in lines]
    return Summary(
        portfolio=portfolio,
        valuation=valued,
        lines=tuple(sorted(lines, key=lambda line: -abs(line.value or Decimal(0)))),
        cash=tuple(_cash(ledger, known, now_ms)),
        gross=valued.invested,
        net=None if None in values else sum((one for one in values if one is not None), Decimal(0)),
        funded=funded,
        missing=(*_missing(valued, ledger, portfolio.currency), *unknown),
        offset=tuple(sorted({ledger.symbols[symbol].name for _, symbol in trades})),
        stale=tuple(_stale(lines, now_ms)),
    )


def _stale(lines: Sequence[Line], now_ms: int) -> Iterable[str]:
    for name, price in {line.symbol.name: line.price for line in lines}.items():
        if price is not None and now_ms - price.as_of > STALE_MS:
            yield f"The last price of {name} is of {from_ms(price.as_of):%Y-%m-%d}: its value is that of then."


def share_of(part: Decimal | None, whole: Decimal | None) -> float | None:
    """The size of a part as a share; None where either is unknown or the whole is not positive."""
    return None if part is None or whole is None or whole <= 0 else float(abs(part) / whole)


def allocation(summary_: Summary, by: str) -> dict[str, tuple[Decimal, Decimal]]:
    """(long, short) values in the portfolio's currency by `symbol`, `asset class`, `currency`, `account` or `strategy`,
    the largest first; cash is part of the currencies. What has no known value is left out.
    """
    found: defaultdict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for name, amount_ in _strategies(summary_) if by == "strategy" else _named(summary_, by):
        found[name][amount_ < 0] += amount_
    if by == "currency":
        for cash in summary_.cash:
            if cash.value is not None:
                found[cash.currency][cash.value < 0] += cash.value
    order = sorted(found.items(), key=lambda item: (-(item[1][0] - item[1][1]), item[0]))
    return {name: (long, short) for name, (long, short) in order if long or short}


def held_shares(summary_: Summary) -> Concentration | None:
    """How much of the holdings hangs on one symbol; None while nothing with a known value is held."""
    return concentration({name: long - short for name, (long, short) in allocation(summary_, "symbol").items()})


def _named(summary_: Summary, by: str) -> Iterable[tuple[str, Decimal]]:
    for line in summary_.lines:
        names = {
            "symbol": line.symbol.name,
            "asset class": line.symbol.asset_class or UNCLASSIFIED,
            "currency": line.symbol.currency,
            "account": line.account.name,
        }
        if line.value is not None:
            yield names[by], line.value


def _strategies(summary_: Summary) -> Iterable[tuple[str, Decimal]]:
    """By the trades that are open: a position may be made of several strategies."""
    for line in summary_.lines:
        if line.value is None or not line.market_value:
            continue
        rate = line.value / line.market_value
        for trade in line.trades:
            if trade.value is not None:
                yield trade.strategy or BY_HAND, trade.value * rate


def _open_trades(
    session: Session, ledger: Ledger, quotes: Mapping[int, LastPrice], now_ms: int
) -> dict[tuple[int, int], list[OpenTrade]]:
    query = (
        select(Trade, Strategy.name)
        .outerjoin(Signal, col(Signal.id) == col(Trade.signal_id))
        .outerjoin(Strategy, col(Strategy.id) == col(Signal.strategy_id))
        .where(col(Trade.account_id).in_(list(ledger.accounts)), col(Trade.deleted_at).is_(None))
        .where(Trade.status == "open")
        .order_by(col(Trade.id))
    )
    found: defaultdict[tuple[int, int], list[OpenTrade]] = defaultdict(list)
    for trade, strategy in session.exec(query):
        price = quotes.get(trade.symbol_id)
        one = open_trade(trade, strategy, None if price is None else price.price, ledger.actions, now_ms)
        found[trade.account_id, trade.symbol_id].append(one)
    return dict(found)


def _cash(ledger: Ledger, known: Rates, now_ms: int) -> Iterable[Cash]:
    for currency, held in sorted(ledger.book.cash.items()):
        rate = known.at(currency, now_ms)
        if held:
            yield Cash(currency, held, None if rate is None else amount(worth(units(held), rate)))


def _funded(ledger: Ledger, known: Rates) -> tuple[Decimal | None, tuple[str, ...]]:
    try:
        return net_funding(ledger.book, known), ()
    except LedgerError as error:
        paid = error.subject
        assert isinstance(paid, Funding)
        sum_, day = f"{money(paid.amount)} {paid.currency}", f"{from_ms(paid.time):%Y-%m-%d}"
        return None, (
            f"There is no rate of {paid.currency} in {known.base} of {day} or before, when {sum_} were paid in: enter "
            "one under Inputs. Total P&L and return need it.",
        )


def _missing(valued: Valuation, ledger: Ledger, currency: str) -> Iterable[str]:
    """What a figure lacks, and what to do about it."""
    for name in dict.fromkeys(valued.missing):
        if ":" in name:
            symbol = ledger.symbols[parts(name)[1]].name
            yield f"{symbol} has no stored bar, so its value is not known: follow it, or import bars of it."
        else:
            yield (
                f"There is no rate of {name} in {currency}: enter one under Inputs, or follow "
                f"the market {name}{currency}."
            )
