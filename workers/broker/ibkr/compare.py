"""Where the desk and the gateway do not agree. Pure; nothing is changed here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from core.broker.words import StatedDeal, deal_words
from core.orders import Status
from core.risk import plain
from workers.broker.base import Difference, DifferenceKind, Holdings, Intent
from workers.broker.ibkr.evidence import Evidence
from workers.broker.ibkr.parsing import agrees, in_words

CENT = Decimal("0.01")
K = DifferenceKind


def order_differences(intents: Mapping[str, Intent], evidence: Evidence) -> list[Difference]:
    """Orders and executions; `intents` holds, by reference, those that the evidence or the desk speaks of."""
    found = [
        Difference(
            K.FOREIGN_ORDER, f"order {trade.order.permId}", "", in_words(trade.order),
            f"The account has an order that this desk did not place: {in_words(trade.order)} {trade.contract.symbol}.",
        )
        for trade in evidence.foreign
    ]  # fmt: skip
    for deal in evidence.strange:
        done = deal.execution
        what = deal_words(StatedDeal(deal.side, done.quantity, deal.instrument.key, done.price, deal.time))
        sentence = f"The account has a trade that this desk did not place: {what}."
        found.append(Difference(K.FOREIGN_EXECUTION, deal.execution.id, "", what, sentence))
    for reference in sorted({*evidence.open, *evidence.over, *evidence.deals, *intents}):
        found += _one(reference, intents.get(reference), evidence)
    return found


def _one(reference: str, intent: Intent | None, evidence: Evidence) -> list[Difference]:
    trade = evidence.open.get(reference)
    if reference in evidence.twice:
        sentence = f"More than one order at the gateway carries the reference {reference}: cancel one there."
        return [Difference(K.CONTRADICTION, reference, "1 order", "several orders", sentence)]
    if intent is None:
        sentence = f"The gateway knows {reference}, this desk's data base does not: was it restored from a backup?"
        return [Difference(K.CONTRADICTION, reference, "no order", "an order", sentence)]
    if intent.order.status is Status.UNKNOWN:
        words = "an order" if evidence.knows(reference) else "no order"
        sentence = f"Nobody can say how {reference} stands: look at the gateway and decide."
        return [Difference(K.ORDER_LOST, reference, intent.order.status.value, words, sentence)]
    if trade is not None and intent.order.status.final:
        sentence = f"{reference} is {intent.order.status} here, but the gateway still works it."
        return [Difference(K.ORDER_ALIVE, reference, intent.order.status.value, trade.orderStatus.status, sentence)]
    if trade is not None and intent.wanted is None and not agrees(trade.order, intent.order.terms):
        sentence = f"{reference} has other terms at the gateway: {in_words(trade.order)}."
        return [Difference(K.TERMS, reference, "", in_words(trade.order), sentence)]
    return []


def holding_differences(
    ours: Holdings, positions: Iterable[tuple[str, Decimal]], cash: Mapping[str, Decimal]
) -> list[Difference]:
    """Positions by instrument, and cash to the cent where the desk keeps it."""
    theirs: dict[str, Decimal] = {}
    for key, units in positions:
        theirs[key] = theirs.get(key, Decimal(0)) + units
    found = []
    for key in sorted({*theirs, *ours.positions}):
        here, there = ours.positions.get(key, Decimal(0)), theirs.get(key, Decimal(0))
        if here != there:
            sentence = f"{key}: {plain(here)} here, {plain(there)} in the account."
            found.append(Difference(K.POSITION, key, plain(here), plain(there), sentence))
    if ours.cash is None:
        return found
    for currency in sorted({*cash, *ours.cash}):
        here, there = ours.cash.get(currency, Decimal(0)), cash.get(currency, Decimal(0))
        if abs(here - there) >= CENT:
            sentence = f"{currency}: {here:,.2f} here, {there:,.2f} in the account."
            found.append(Difference(K.CASH, currency, f"{here:.2f}", f"{there:.2f}", sentence))
    return found
