"""What another currency is worth in an account's, for executions of a file that does not say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from sqlmodel import Session

from core.errors import DeskError
from core.journal.imports.rows import Deal, Rejected
from core.journal.imports.trades import Holding, implied_value
from core.ledger import Rates
from db.models import Account, Symbol, Trade
from db.store.imports.foreign import WHERE, check_rated
from db.store.imports.rows import new_currency
from db.store.moments import to_ms
from db.store.portfolio.rates import rates
from db.store.symbols import find_symbol

_UNIT: Final = Decimal("0.00000001")


def rated(
    session: Session, account: Account, holdings: Sequence[Holding]
) -> tuple[list[tuple[Holding, Decimal]], list[Rejected]]:
    """Each holding with what its symbol's currency was worth in the account's as it began, and the lines of those of
    which nobody knows that: no foreign money counts as the account's own.

    The file's rate counts, then the desk's of that day, then the one by which the broker stated results.
    """
    known, found, lines = rates(session, account.currency), [], list[Rejected]()
    by_symbol: defaultdict[str, list[Holding]] = defaultdict(list)
    for holding in holdings:
        by_symbol[holding.symbol.lower()].append(holding)
    symbols = {name: find_symbol(session, name) for name in by_symbol}
    for holding in holdings:
        name = holding.symbol.lower()
        try:
            found.append(_rated(session, account, holding, symbols[name], by_symbol[name], known))
        except DeskError as error:
            lines += [Rejected(line, error.message) for line in sorted({deal.line for deal in holding.deals})]
    return found, lines


def _rated(
    session: Session, account: Account, holding: Holding, symbol: Symbol | None, beside: Sequence[Holding], known: Rates
) -> tuple[Holding, Decimal]:
    currency = _currency(account, holding, symbol, beside)
    first = holding.deals[0]
    if holding.known is not None:
        trade = session.get_one(Trade, holding.known)
        if any(deal.stated is None for deal in holding.deals):
            check_rated(session, trade)
        rate: Decimal | None = trade.fx_rate
    else:
        rate = first.rate or known.at(currency, to_ms(first.at)) or _implied(holding, symbol, beside)
    # Rounded as it will be stored.
    rate = None if rate is None else rate.quantize(_UNIT)
    if not rate:
        raise DeskError(
            f"it is in {currency}, the account in {account.currency}, and no rate of {currency} in {account.currency} "
            f"of {first.at:%Y-%m-%d} or before is stored: enter one {WHERE}, then import the file again",
            first.line,
        )
    deals = [_costs(deal, known.at(currency, to_ms(deal.at)) or rate) for deal in holding.deals]
    return replace(holding, deals=deals), rate


def _currency(account: Account, holding: Holding, symbol: Symbol | None, beside: Sequence[Holding]) -> str:
    """The one that the prices are in; a new symbol takes it from the file, which has to agree with itself."""
    deals = [deal for one in beside for deal in one.deals]
    currency = symbol.currency if symbol is not None else new_currency(account, holding.symbol, deals)
    other = next((deal.currency for deal in holding.deals if deal.currency and deal.currency != currency), None)
    if other is not None:
        raise DeskError(
            f"it is in {other}, but {holding.symbol} is traded in {currency} here: give one of the two markets another "
            "name in the file",
            other,
        )
    return currency


def _implied(holding: Holding, symbol: Symbol | None, beside: Sequence[Holding]) -> Decimal | None:
    """The rate by which the broker stated results of this symbol; None where it stated none, or where nobody says what
    a point is worth in the symbol's own currency.
    """
    own = holding.point_value if symbol is None else symbol.point_value
    made = None if own is None else implied_value(beside)
    return None if own is None or made is None else made / own


def _costs(deal: Deal, rate: Decimal) -> Deal:
    """A file that names the currency of a row and no rate has its costs in it too."""
    if deal.rate is not None or not deal.currency:
        return deal
    return replace(deal, fee=(deal.fee * rate).quantize(_UNIT), swap=(deal.swap * rate).quantize(_UNIT))
