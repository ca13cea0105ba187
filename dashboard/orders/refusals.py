"""Orders that were not let through: which rule said no, and by which figure."""

from __future__ import annotations

from core.orders import Leg
from dashboard import data
from dashboard.components import formats
from dashboard.components.markup import show, table, tag
from dashboard.components.panels import section
from dashboard.orders import empties as order_empties
from dashboard.orders import words as order_words
from db.models import Account, OrderRefusal, Symbol
from db.store.orders.terms import from_json
from db.views import order_rules

LIMIT = 100
_HEADS = (("Refused (UTC)", "nowrap"), ("Symbol", "nowrap"), ("Order", ""), ("Rule", "nowrap"), ("Room", "num"),
          ("Why", ""))  # fmt: skip


def refusal_list(key: data.Stamp, account: Account) -> None:
    """The newest refusals of the account."""
    found = data.cached(key, order_rules.refusals, account.id or 0, LIMIT)
    section("Refused before they were sent")
    if not found:
        order_empties.no_refusals()
        return
    show(table(_HEADS, [_row(one, symbol, account.currency) for one, symbol in found], cls="refusals"))


def _row(one: OrderRefusal, symbol: Symbol, currency: str) -> tuple[object, ...]:
    entry = from_json(one.request["legs"][Leg.ENTRY])
    size = f" {formats.quantity(entry.quantity)} {order_words.waits_at(entry, symbol.tick_size)}"
    return (
        formats.utc(one.refused_at, seconds=True),
        symbol.name,
        tag("span", order_words.side_tag(entry.side), size),
        tag("b", formats.words(one.rule).capitalize()),
        formats.money(one.limit, currency),
        one.sentence,
    )
