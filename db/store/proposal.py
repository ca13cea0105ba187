"""The size proposed for a trade: what the account risks on one, cut down to what its limits and its challenge leave."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from core.challenge.room import Cost, Fees, NewTrade, Standing, Verdict, bounds
from core.errors import ParameterError
from core.risk import money, plain
from db.models import Account, Symbol
from db.store.accounts import budget, sized

_NOTHING = Decimal(0)


@dataclass(frozen=True)
class Proposal:
    """A size in whole lots (0: there is none), what it loses at the stop with fees, and the sentence that says what
    binds it.

    `bound` is the rule that does; None where it is the account's own risk for one trade.
    """

    quantity: Decimal
    risk: Decimal
    bound: Verdict | None
    reason: str


def propose(
    account: Account,
    held: Decimal,
    symbol: Symbol,
    direction: int,
    entry: float,
    stop: float,
    state: Standing,
    fees: Cost | None = None,
) -> Proposal:
    """The smaller of what an account that holds `held` risks on one trade and what every rule leaves once `fees` are
    paid, in whole lots.

    Raises:
        ParameterError: the stop is not on the losing side, or a price cannot be.
    """
    trade = NewTrade(direction, entry, stop, symbol.point_value, symbol.lot_step, fees or Fees())
    rules = bounds(state, trade)
    tightest = min(rules, key=lambda one: one[1]) if rules else None
    try:
        wanted = sized(account, held, symbol, entry, stop).quantity
    except ParameterError as error:
        return Proposal(_NOTHING, _NOTHING, None, error.message)
    if tightest is None or tightest[1] >= wanted:
        return Proposal(wanted, trade.loss(wanted), None, _own_reason(account, held))
    verdict, most = tightest
    return Proposal(most, trade.loss(most) if most else _NOTHING, verdict, _reason(account, held, trade, verdict))


def _own_reason(account: Account, held: Decimal) -> str:
    if account.risk_fixed is not None:
        return f"Risk for one trade: {money(account.risk_fixed)} {account.currency}."
    share, sum_ = plain(account.risk_percent), money(budget(account, held))
    return f"Risk for one trade: {share} % of the balance, {sum_} {account.currency}."


def _reason(account: Account, held: Decimal, trade: NewTrade, verdict: Verdict) -> str:
    if verdict.room is None or verdict.rule == "max_trades":
        return verdict.sentence
    left, wanted = max(_NOTHING, verdict.room), money(budget(account, held))
    if not verdict.ok:
        lot = f"one lot of {plain(trade.lot_step)} may lose {money(trade.loss(trade.lot_step))}"
        return f"{verdict.title} leaves {money(left)} {account.currency}: {lot}."
    return f"{verdict.title} leaves {money(left)} {account.currency}, less than the {wanted} risked on one trade."
