"""Exchange rates as they are stored."""

from __future__ import annotations

from sqlmodel import Session, col, select

from core.ledger import Quote, Rates, rates_from
from core.ledger.exchange import CURRENCIES
from db.models import FxRate

HAND = "hand"


def rates(session: Session, base: str) -> Rates:
    """What every currency that has a stored rate was worth in `base`."""
    rows = session.exec(select(FxRate))
    return rates_from(base, [Quote(row.currency, row.base, row.at, row.rate) for row in rows])


def newest_rates(session: Session) -> list[FxRate]:
    """The newest stored rate of every pair, by pair."""
    rows = session.exec(select(FxRate).order_by(col(FxRate.currency), col(FxRate.base), col(FxRate.at)))
    return list({(row.currency, row.base): row for row in rows}.values())


def currency_list(*known: str) -> list[str]:
    """Codes to choose from, those in use first."""
    first = list(dict.fromkeys(known))
    return first + sorted(CURRENCIES - set(first))
