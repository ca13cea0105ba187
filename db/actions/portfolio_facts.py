"""What a person tells the desk so that a portfolio can be valued: exchange rates, splits, dividends, asset classes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from core.errors import ConflictError, DeskError, NotFoundError
from core.risk import plain
from db.actions.fill import check_moment
from db.engine import writer
from db.models import CorporateAction, FxRate, Symbol
from db.money import storable
from db.store.lineage.steps import Step, add_step, steps_of
from db.store.moments import to_ms
from db.store.portfolio.rates import HAND
from db.store.revision import bump
from db.store.symbols import get_symbol

ASSET_CLASSES: Final = ("stock", "etf", "fx", "crypto", "future", "index", "bond")
MOST_UNITS: Final = 10_000
_CURRENCY = re.compile(r"[A-Z]{3,5}")


@dataclass(frozen=True)
class ActionDraft:
    """A split (`new` units for every `old` ones) or a dividend (`per_unit` of `currency`) as the form gives it. `at` is
    when it takes effect: whoever held the symbol just before has it.
    """

    symbol_id: int
    kind: str
    at: datetime
    new: int | None = None
    old: int | None = None
    per_unit: Decimal | None = None
    currency: str = ""


def enter_rate(engine: Engine, currency: str, base: str, rate: Decimal, at: datetime, now: datetime) -> None:
    """Store that one unit of `currency` was worth `rate` of `base`. One of the same moment is replaced.

    Raises:
        DeskError: pair, rate or time cannot be; nothing was written.
    """
    for code in (currency, base):
        if not _CURRENCY.fullmatch(code):
            raise DeskError(f"'{code}' is no currency: write it as USD.", code)
    if currency == base:
        raise DeskError(f"One {base} is always worth one {base}: choose two currencies.", currency)
    if not (storable(rate) and rate > 0):
        raise DeskError(f"The rate {rate} cannot be: enter what one {currency} is worth in {base}.", rate)
    check_moment(at, None, now)
    with writer(engine) as session:
        session.merge(FxRate(currency=currency, base=base, at=to_ms(at), rate=rate, source=HAND, booked_at=now))
        content = {"currency": currency, "base": base, "rate": str(rate), "at": to_ms(at)}
        name = f"1 {currency} = {plain(rate)} {base}"
        step = Step("settings", name, now, now, output=content | {"source": HAND}, content=content)
        add_step(session, step)
        bump(session)


def book_action(engine: Engine, draft: ActionDraft, now: datetime) -> int:
    """Store a split or a dividend; returns its id.

    Raises:
        NotFoundError: there is no such symbol.
        ConflictError: it is booked already.
        DeskError: its figures or its time cannot be; nothing was written.
    """
    check_moment(draft.at, None, now)
    with writer(engine) as session:
        # Locked, so that nobody books the same at the same time.
        symbol = get_symbol(session, draft.symbol_id, lock=True)
        row = _split(draft, now) if draft.kind == "split" else _dividend(draft, symbol, now)
        known = select(CorporateAction.id).where(
            CorporateAction.symbol_id == row.symbol_id,
            CorporateAction.kind == row.kind,
            CorporateAction.at == row.at,
            col(CorporateAction.withdrawn_at).is_(None),
        )
        if session.exec(known).first() is not None:
            raise ConflictError(f"A {row.kind} of {symbol.name} at that moment is booked: withdraw it first.", row.kind)
        session.add(row)
        session.flush()
        _trace(session, row, f"{_words(row)} of {symbol.name}", (), now)
        bump(session)
        return row.id or 0


def withdraw_action(engine: Engine, action_id: int, now: datetime) -> None:
    """Take a mistake out: figures are as if it had not been. The row stays.

    Raises:
        NotFoundError: there is no such action.
        ConflictError: it was withdrawn already.
    """
    with writer(engine) as session:
        row = session.get(CorporateAction, action_id, with_for_update=True)
        if row is None:
            raise NotFoundError(f"There is no corporate action {action_id}: choose one from the list.", action_id)
        if row.withdrawn_at is not None:
            raise ConflictError("This corporate action was withdrawn already: see the list.", action_id)
        row.withdrawn_at = now
        symbol = session.get_one(Symbol, row.symbol_id)
        parents = steps_of(session, "corporate_action", action_id)
        _trace(session, row, f"{_words(row)} of {symbol.name} withdrawn", tuple(parents[-1:]), now)
        bump(session)


def classify(engine: Engine, symbol_id: int, asset_class: str) -> None:
    """Say what a symbol is.

    Raises:
        NotFoundError: there is no such symbol.
        DeskError: there is no such class.
    """
    if asset_class not in ASSET_CLASSES:
        raise DeskError(f"'{asset_class}' is no asset class: use one of {', '.join(ASSET_CLASSES)}.", asset_class)
    with writer(engine) as session:
        symbol = get_symbol(session, symbol_id, lock=True)
        if symbol.asset_class == asset_class:
            return
        symbol.asset_class = asset_class
        bump(session)


def _split(draft: ActionDraft, now: datetime) -> CorporateAction:
    new, old = draft.new or 0, draft.old or 0
    if not (0 < new <= MOST_UNITS and 0 < old <= MOST_UNITS) or new == old:
        raise DeskError(f"A split of {new} for {old} cannot be: enter it as 4 for 1.", (new, old))
    return CorporateAction(
        symbol_id=draft.symbol_id, kind="split", at=to_ms(draft.at), new=new, old=old, source=HAND, booked_at=now
    )


def _dividend(draft: ActionDraft, symbol: Symbol, now: datetime) -> CorporateAction:
    currency = draft.currency or symbol.currency
    if draft.kind != "dividend":
        raise DeskError(f"'{draft.kind}' is no corporate action: use split or dividend.", draft.kind)
    if draft.per_unit is None or not storable(draft.per_unit) or draft.per_unit <= 0:
        raise DeskError(f"A dividend of {draft.per_unit} cannot be: enter the sum for one unit.", draft.per_unit)
    if not _CURRENCY.fullmatch(currency):
        raise DeskError(f"'{currency}' is no currency: write it as USD.", currency)
    return CorporateAction(
        symbol_id=draft.symbol_id, kind="dividend", at=to_ms(draft.at), per_unit=draft.per_unit, currency=currency,
        source=HAND, booked_at=now,
    )  # fmt: skip


def _words(row: CorporateAction) -> str:
    if row.kind == "split":
        return f"Split {row.new} for {row.old}"
    return f"Dividend of {plain(row.per_unit or Decimal(0))} {row.currency}"


def _trace(session: Session, row: CorporateAction, name: str, parents: tuple[int, ...], now: datetime) -> None:
    amounts = {"new": row.new, "old": row.old, "per_unit": None if row.per_unit is None else str(row.per_unit)}
    content = {"kind": row.kind, "symbol": row.symbol_id, "at": row.at, "currency": row.currency, **amounts}
    content["withdrawn"] = row.withdrawn_at is not None
    step = Step(
        "settings", name, now, now, entity="corporate_action", entity_id=row.id, output=content, content=content
    )
    add_step(session, step, parents)
