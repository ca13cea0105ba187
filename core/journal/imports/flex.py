"""What a Flex statement of Interactive Brokers says as a whole: some of its lines can only be judged by others.

An execution that the broker cancelled comes with a line that takes it back (`BUY (Ca.)`, TransactionType TradeCancel or
the code Ca), linked by OrigTransactionID or alike in content. A correction has the IBExecID of what it corrects with a
higher number after the last full stop. A commission can be in another currency than the trade; `FXRateToBase` is the
trade's. Cash comes as DETAIL and as SUMMARY (no TransactionID, account "-"), trades as EXECUTION and as ORDER.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from core.journal.imports.columns import filled, refuse_several
from core.journal.imports.rows import ZERO, CashRow, Deal, Parsed, Rejected, RowError
from core.journal.imports.table import Row, plain_name
from core.journal.imports.values import moment

_ONE: Final = Decimal(1)
_TRANSFERS: Final = {"deposits withdrawals", "deposits & withdrawals"}
_COSTS: Final = {"other fees", "advisor fees", "commission adjustments"}
_CANCELLED: Final = {"tradecancel", "fracsharecancel"}
_WITHOUT_TRADE: Final = {"Ep", "Ex", "A"}
_CORRECTION = re.compile(r"([0-9a-f]+\.[0-9a-f]+\.\d\d)\.(\d\d)", re.IGNORECASE)
_SUM_OF: Final = {
    "ORDER": "the sum of an order: choose the level of detail 'Executions' in the Flex query",
    "SUMMARY": "a sum of cash transactions: choose the level of detail 'Detail' in the Flex query",
}


@dataclass(frozen=True)
class _Execution:
    """A deal whose fee still lacks the commission, and the line it was read from."""

    deal: Deal
    row: Row
    commission: Decimal

    @property
    def day(self) -> str:
        return _day(self.row)

    def says(self, *names: str) -> str:
        return self.row.text(*names)


@dataclass
class _Rates:
    """What a currency is worth in the account's, on the days for which the file says so."""

    base: str = ""
    of: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    def learn(self, currency: str, day: str, rate: Decimal) -> None:
        self.of[currency, day] = rate
        # No other currency is worth exactly one; a table of conversions names the account's by itself.
        self.base = self.base or (currency if rate == _ONE else "")

    def get(self, currency: str, day: str) -> Decimal | None:
        return _ONE if currency == self.base else self.of.get((currency, day))


class Statement:
    """Takes lines in and, at the end, puts what they come to into `parsed`."""

    def __init__(self, parsed: Parsed) -> None:
        self.parsed = parsed
        self.account = ""
        """The account that the part of the file is about, for lines that name none."""
        self.executions: list[_Execution] = []
        self._cancels: list[Row] = []
        self._accounts: dict[str, None] = {}
        self._sums: list[tuple[str, int]] = []
        self._levels: set[str] = set()
        self._rates = _Rates()

    def take(self, row: Row) -> bool:
        """Read a line; whether it held anything (see `read_rows`)."""
        if {"fromcurrency", "tocurrency", "rate"} <= set(row.columns):
            self._rates.base = row.text("tocurrency")
            self._rates.learn(row.text("fromcurrency"), _day(row), row.positive("rate"))
            return False
        if "buysell" in row.columns or "buy sell" in row.columns:
            return self._trade(row)
        return self._cash(row)

    def finish(self) -> None:
        """Judge what was read.

        Raises:
            ImportFileError: it is of several accounts.
        """
        refuse_several(self._accounts)
        for cancel in self._cancels:
            self._take_back(cancel)
        self._correct()
        currencies: dict[str, str] = {}
        for one in self.executions:
            currencies.setdefault(one.deal.symbol, one.deal.currency)
        several = len({one.deal.currency for one in self.executions}) > 1
        for one in self.executions:
            self._charge(one, currencies[one.deal.symbol], several)
        for level, line in self._sums:
            if {"ORDER": "EXECUTION", "SUMMARY": "DETAIL"}[level] in self._levels:
                self.parsed.ignored += 1
            else:
                self.parsed.rejected.append(Rejected(line, _SUM_OF[level]))

    def _trade(self, row: Row) -> bool:
        level = row.text("levelofdetail").upper()
        if level == "ORDER":
            self._sums.append((level, row.line.number))
            return True
        if level not in {"", "EXECUTION"}:
            return False
        self._levels.add("EXECUTION")
        if row.text("assetclass", "assetcategory").upper() == "CASH":
            return self._currency(row)
        self._count(row)
        if _cancels(row):
            row.number("quantity"), row.number("tradeprice", "price")
            self._cancels.append(row)
            return True
        self._learn(row)
        self.executions.append(_Execution(_deal(row), row, row.amount("ibcommission", "commission")))
        return True

    def _currency(self, row: Row) -> bool:
        self._learn(row)
        if "AFx" in _codes(row):
            # A conversion that IBKR did by itself for another trade.
            return False
        raise RowError(
            f"forex {row.text('symbol')}: the file does not tell a trade from a change of currency for the account's "
            "funds, so neither is booked; add it by hand if it was a trade"
        )

    def _cash(self, row: Row) -> bool:
        kind = plain_name(row.text("type"))
        if kind not in _TRANSFERS | _COSTS:
            return False
        if row.text("levelofdetail").upper() == "SUMMARY" or (
            not row.text("transactionid") and row.text("clientaccountid", "accountid") == "-"
        ):
            self._sums.append(("SUMMARY", row.line.number))
            return True
        self._levels.add("DETAIL")
        self._count(row)
        self._learn(row)
        amount = row.number("amount") * (row.amount("fxratetobase") or _ONE)
        if amount == ZERO:
            return False
        name = "fee" if kind in _COSTS else ("deposit" if amount > 0 else "withdrawal")
        at = row.moment(filled(row, "datetime", "date time", "reportdate"))
        self.parsed.cash.append(
            CashRow(row.line.number, row.text("transactionid"), name, amount, at, row.text("description") or name)
        )
        return True

    def _count(self, row: Row) -> None:
        account = row.text("clientaccountid", "accountid")
        account = self.account if account in {"", "-"} else account
        if account:
            self._accounts[account] = None

    def _learn(self, row: Row) -> None:
        currency, rate = row.text("currencyprimary", "currency"), row.amount("fxratetobase")
        if currency and rate:
            self._rates.learn(currency, _day(row), rate)

    def _take_back(self, cancel: Row) -> None:
        """Leave out the execution that the broker cancelled."""
        found = max(self.executions, key=lambda one: _likeness(one, cancel), default=None)
        if found is None or not _likeness(found, cancel):
            reason = "a cancelled execution: the one it cancels is not in this file, look for it in the journal"
            self.parsed.rejected.append(Rejected(cancel.line.number, reason))
            return
        self.executions = [one for one in self.executions if one is not found]
        reason = (
            f"cancelled by the broker (line {cancel.line.number}): if it is in the journal already, clear its trade"
        )
        self.parsed.rejected.append(Rejected(found.deal.line, reason))
        self.parsed.ignored += 1

    def _correct(self) -> None:
        """Of an execution and its corrections the last counts; it keeps the id under which the journal may know it."""
        last: dict[str, _Execution] = {}
        for one in self.executions:
            match = _CORRECTION.fullmatch(one.deal.id)
            if match and (match[1] not in last or last[match[1]].deal.id < one.deal.id):
                last[match[1]] = one
        kept = []
        for one in self.executions:
            match = _CORRECTION.fullmatch(one.deal.id)
            newest = last[match[1]] if match else one
            if match and newest.deal.id != one.deal.id:
                reason = f"corrected by the broker (line {newest.deal.line})"
                self.parsed.rejected.append(Rejected(one.deal.line, reason))
                continue
            kept.append(replace(one, deal=replace(one.deal, id=f"{match[1]}.01")) if match else one)
        self.executions = kept

    def _charge(self, one: _Execution, first: str, several: bool) -> None:
        """Add the commission, in the account's currency, and hand the deal over. `first` is the currency in which the
        file first trades the symbol.
        """
        deal, charged = one.deal, one.says("ibcommissioncurrency", "commissioncurrency") or one.deal.currency
        own = deal.rate or (self._rates.get(deal.currency, one.day) if several else _ONE)
        rate = own if charged == deal.currency or not one.commission else self._rates.get(charged, one.day)
        reason = ""
        if deal.currency != first:
            reason = f"{deal.symbol} is traded in {first} and in {deal.currency}, which do not close each other"
        elif own is None:
            reason = f"the file does not say what {deal.currency} is worth: add FXRateToBase to the Flex query"
        elif rate is None:
            reason = (
                f"its commission is in {charged}, and the file does not say what that is in the account's currency: "
                "add the conversion rates to the Flex query"
            )
        if reason or own is None or rate is None:
            self.parsed.rejected.append(Rejected(deal.line, reason))
            return
        fee = deal.fee * own - one.commission * rate
        self.parsed.deals.append(replace(deal, fee=fee, rate=deal.rate or (own if several else None)))


def _deal(row: Row) -> Deal:
    """The execution, with its taxes as the only cost, in its own currency."""
    quantity = row.number("quantity")
    if quantity == 0:
        raise RowError("the quantity is 0")
    ends = bool(_WITHOUT_TRADE & _codes(row)) or row.text("transactiontype").lower() == "booktrade"
    # An option that expires is closed at 0.
    price = ZERO if ends and row.number("tradeprice", "price") == 0 else row.positive("tradeprice", "price")
    return Deal(
        line=row.line.number,
        id=row.text("ibexecid", "execid", "tradeid", "transactionid"),
        symbol=row.need("symbol"),
        side=row.side("buy sell", "buysell"),
        quantity=abs(quantity),
        price=price,
        at=_moment(row),
        fee=-row.amount("taxes", "tax"),
        multiplier=row.level("multiplier"),
        rate=row.amount("fxratetobase") or None,
        currency=row.text("currencyprimary", "currency"),
    )


def _moment(row: Row) -> datetime:
    """The instant of a trade. A day alone would put it at midnight, before what happened earlier that day."""
    name = filled(row, "datetime", "date time", "tradedate")
    said = row.need(name)
    if re.search(r"\dT\d", said):
        return row.moment(name)
    date, _, time = re.sub(r"[;,\s]+", " ", re.sub(r"^(\d{8})(\d{6})$", r"\1 \2", said)).partition(" ")
    time = re.sub(r"^(\d\d?)(\d\d)(\d\d)$", r"\1:\2:\3", time or row.text("tradetime"))
    if not time:
        raise RowError("the time of day is missing: add Date/Time to the Flex query")
    try:
        return moment(f"{date} {time}", row.options)
    except RowError:
        raise RowError(f"the time '{said}' cannot be read") from None


def _day(row: Row) -> str:
    """The day as the file writes it."""
    said = row.text(filled(row, "tradedate", "reportdate", "datetime", "date time"))
    return said[:8] if said.isdecimal() else re.split(r"[;,\s]|(?<=\d)T", said)[0]


def _codes(row: Row) -> set[str]:
    return {code.strip() for code in re.split("[;,]", row.text(filled(row, "notes codes", "notes", "code")))}


def _cancels(row: Row) -> bool:
    marked = row.text("buy sell", "buysell").upper().endswith("(CA.)")
    return marked or row.text("transactiontype").lower() in _CANCELLED or "Ca" in _codes(row)


def _likeness(one: _Execution, cancel: Row) -> int:
    """How surely `cancel` takes this execution back: 0 not at all, 10 where the broker says so."""
    original = cancel.text("origtransactionid")
    if original not in {"", "0"} and one.says("transactionid"):
        return 10 if one.says("transactionid") == original else 0
    way = cancel.text("buy sell", "buysell").upper()
    alike = (
        one.deal.symbol == cancel.text("symbol")
        and (not way.endswith("(CA.)") or one.deal.side == (1 if way.startswith("B") else -1))
        and one.deal.quantity == abs(cancel.number("quantity"))
        and one.deal.price == cancel.number("tradeprice", "price")
    )
    if not alike:
        return 0
    same = [("ibexecid", "execid"), ("iborderid", "orderid"), ("tradedate", "datetime", "date time")]
    return 1 + sum(
        weight * bool(cancel.text(*names) and cancel.text(*names) == one.says(*names))
        for weight, names in zip((4, 2, 1), same, strict=True)
    )
