"""Positions as cards: what each is worth and made, its lots, and what its stops leave at risk."""

from __future__ import annotations

from decimal import Decimal

from core.ledger import Lot
from core.risk import money
from dashboard.components import formats
from dashboard.components.markup import Markup, badge, join, pill, show, table, tag
from dashboard.components.panels import empty, note, tone
from db.views.portfolio.positions import BY_HAND, UNCLASSIFIED, Line, Summary
from db.views.portfolio.stops import OpenTrade

_LOTS = 50
_TRADES = 30
_NEAR = 0.005


def cards(summary: Summary) -> None:
    """One card a position, the largest first."""
    if not summary.lines:
        empty(
            "No open position.",
            "A position is what the fills of the journal leave: accept a signal, send an order or enter a trade.",
        )
        return
    several = len({line.account.id for line in summary.lines}) > 1
    show(tag("div", *(_card(line, summary, several) for line in summary.lines), cls="cards"))
    note(
        "R at risk: what the stops in force still lose between entry and stop, in units of the first risk. "
        "To the stop: what goes between the last price and the stop. Shares are the size of the position over the "
        "value of its account and of the portfolio. A position is what the fills of one account leave: longs and "
        "shorts net."
    )


def _card(line: Line, summary: Summary, several: bool) -> Markup:
    held, symbol = line.position, line.symbol
    side = "long" if held.quantity > 0 else "short"
    title = tag(
        "div",
        tag("h3", symbol.name, badge(symbol.source)),
        pill(side, "up" if held.quantity > 0 else "down"),
        tag("span", symbol.asset_class or UNCLASSIFIED, cls="muted"),
        tag("span", line.account.name, cls="muted") if several else "",
        cls="order-head",
    )
    facts = tag("dl", *(_pair(*one) for one in _facts(line, summary)), cls="position")
    return tag("div", title, facts, _risk(line), _lots(line, summary), cls="position-card")


def _facts(line: Line, summary: Summary) -> list[tuple[str, object, str]]:
    held, symbol, currency = line.position, line.symbol, summary.portfolio.currency
    price = formats.NOTHING if line.price is None else formats.price(line.price.price, symbol.tick_size)
    as_of = "no bar stored" if line.price is None else f"as of {formats.utc(line.price.as_of)}"
    average = held.average_price
    own = symbol.currency
    pnl = tag("span", formats.money(line.unrealised, signed=True), cls=tone(line.unrealised))
    net = tag("span", formats.money(held.net, signed=True), cls=tone(held.net))
    worth = formats.money(line.market_value)
    other = "" if own == currency else f"{formats.money(line.value)} {currency}"
    return [
        ("Quantity", formats.quantity(abs(held.quantity)), ""),
        ("Average price", formats.price(None if average is None else float(average), symbol.tick_size), ""),
        ("Last price", price, as_of),
        (f"Value ({own})", worth, other),
        (f"Open P&L ({own})", pnl, _percent(line)),
        (f"Realised ({own})", net, _costs(line)),
        ("Share of account", formats.percent(line.account_share, 1), ""),
        ("Share of portfolio", formats.percent(line.portfolio_share, 1), ""),
    ]


def _costs(line: Line) -> str:
    """What is in the realised P&L, and what is not for it was charged in another currency."""
    other = [f"{formats.money(cost)} {currency}" for currency, cost in sorted(line.position.foreign.items()) if cost]
    return f"with dividends, before costs of {', '.join(other)}" if other else "after costs, with dividends"


def _percent(line: Line) -> str:
    cost = abs(line.position.cost)
    return "" if line.unrealised is None or not cost else f"{float(line.unrealised / cost) * 100:+.2f} % of its cost"


def _risk(line: Line) -> Markup:
    if not line.trades:
        return tag("div", "No open trade of the journal stands behind it.", cls="small muted")
    bare = [one for one in line.trades if one.stop is None]
    total = _sum([one.r_at_risk for one in line.trades])
    loss = _sum([None if one.at_stop is None else float(max(Decimal(0), -one.at_stop)) for one in line.trades])
    head = [] if total is None else [tag("b", f"{total:.2f} R at risk", cls="warning" if bare else "")]
    if loss is not None:
        head.append(
            tag("span", f" {money(Decimal(str(round(loss, 2))))} {line.symbol.currency} at the stops", cls="muted")
        )
    if bare:
        head.append(tag("span", f" {len(bare)} without a stop: its loss has no bound", cls="down"))
    heads = (
        ("Trade", ""),
        ("Strategy", ""),
        ("Stop", "num"),
        ("Away", "num"),
        ("To the stop", "num"),
        ("At stop", "num"),
    )
    rows = [_stop(one, line) for one in line.trades[:_TRADES]]
    more = len(line.trades) - _TRADES
    left = tag("div", f"{more} more in the Journal.", cls="small muted") if more > 0 else ""
    return tag("div", tag("div", *head), table(heads, rows, cls="stops"), left, cls="position-risk")


def _stop(one: OpenTrade, line: Line) -> tuple[object, ...]:
    near = one.distance is not None and one.distance < _NEAR
    passed = one.distance is not None and one.distance <= 0
    away = formats.NOTHING if one.distance is None else "passed" if passed else f"{one.distance * 100:.2f} %"
    return (
        tag("a", f"{one.trade_id}", href=f"journal?trade={one.trade_id}", target="_self"),
        one.strategy or BY_HAND,
        formats.price(one.stop, line.symbol.tick_size),
        tag("span", away, cls="down" if passed else "warning" if near else ""),
        formats.NOTHING if passed else formats.money(one.to_stop),
        tag("span", formats.money(one.at_stop, signed=True), cls=tone(one.at_stop)),
    )


def _lots(line: Line, summary: Summary) -> Markup:
    lots = line.position.lots
    words = {"average": "one lot at the average price", "fifo": "FIFO", "lifo": "LIFO"}[summary.portfolio.method]
    heads = (("Opened (UTC)", "nowrap"), ("Quantity", "num"), ("Price", "num"), ("Cost", "num"), ("Open P&L", "num"))
    rows = [_lot(lot, line) for lot in lots[:_LOTS]]
    more = tag("div", f"{len(lots) - _LOTS} more: see the export.", cls="small muted") if len(lots) > _LOTS else ""
    title = f"{len(lots)} lot{'' if len(lots) == 1 else 's'} ({words})"
    return tag("details", tag("summary", title), table(heads, rows), more, cls="more")


def _lot(lot: Lot, line: Line) -> tuple[object, ...]:
    unit = line.symbol.point_value
    price = float(lot.cost / (lot.quantity * unit))
    gain = None
    if line.price is not None:
        gain = Decimal(str(line.price.price)) * lot.quantity * unit - lot.cost
    return (
        formats.utc(lot.time),
        formats.quantity(abs(lot.quantity)),
        formats.price(price, line.symbol.tick_size),
        formats.money(lot.cost),
        tag("span", formats.money(gain, signed=True), cls=tone(gain)),
    )


def _pair(name: str, value: object, told: str) -> Markup:
    return tag("div", tag("dt", name), tag("dd", join([value, tag("small", told) if told else ""])))


def _sum(values: list[float | None]) -> float | None:
    known = [one for one in values if one is not None]
    return sum(known) if known else None
