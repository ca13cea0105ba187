"""Flex queries of Interactive Brokers, as CSV and as XML.

Fields as in IBKR's Flex reference: `Quantity` has the sign of the side, `IBCommission` is negative for a cost,
`FXRateToBase` turns the trade's currency into the account's, `DateTime` is `20260302;093000`. Of a section that lists
orders and lots as well only the executions count (`LevelOfDetail`).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from xml.parsers import expat

from core.journal.imports.grid import Line
from core.journal.imports.rows import ZERO, CashRow, Deal, ImportFileError, Options, Parsed, Rejected, RowError
from core.journal.imports.table import Row, columns_of, plain_name, read_rows

CSV = "ibkr-flex-csv"
XML = "ibkr-flex-xml"
_DEPTH = 60


def is_header(columns: dict[str, int]) -> bool:
    return {"symbol", "quantity", "buy sell"} <= set(columns) and bool({"tradeprice", "price"} & set(columns))


def read_csv(lines: Sequence[Line], options: Options) -> Parsed:
    """Every section of trades in the file; other sections are passed over."""
    parsed = Parsed(CSV)
    header: Line | None = None
    for line in lines:
        columns = columns_of(line)
        if {"clientaccountid", "accountid", "currencyprimary"} & set(columns) or is_header(columns):
            header = line if is_header(columns) or "amount" in columns else None
        elif header is None or line.cells[0] in {"BOF", "BOA", "BOS", "EOS", "EOA", "EOF"}:
            parsed.ignored += 1
        else:
            read_rows(parsed, header, [line], options, lambda row: _take(parsed, row))
    return parsed


def read_xml(content: bytes, options: Options) -> Parsed:
    """The trades and cash transactions of a Flex statement, each with its line. Entities and DTDs are refused.

    Raises:
        ImportFileError: it is no Flex statement, or declares entities.
    """
    parsed, depth, seen = Parsed(XML), 0, False

    def begin(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, seen
        depth += 1
        seen = seen or tag == "FlexQueryResponse"
        if depth > _DEPTH:
            raise ImportFileError("The file is nested too deeply: export it again.")
        if tag in {"Trade", "TradeConfirm", "CashTransaction"}:
            names = list(attributes)
            header = Line(reader.CurrentLineNumber, tuple(names))
            line = Line(reader.CurrentLineNumber, tuple(value.strip() for value in attributes.values()))
            read_rows(parsed, header, [line], options, lambda row: _take(parsed, row))

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1

    def refuse(*_: object) -> None:
        raise ImportFileError("The file declares a document type or entities, as no Flex statement does: refused.")

    reader = expat.ParserCreate()
    reader.StartElementHandler, reader.EndElementHandler = begin, end
    reader.StartDoctypeDeclHandler = reader.EntityDeclHandler = refuse
    try:
        reader.Parse(content, True)
    except expat.ExpatError as error:
        if not parsed.deals:
            raise ImportFileError(f"This is no valid XML ({error}): export it again.") from error
        parsed.rejected.append(Rejected(error.lineno, "the XML breaks off here: what follows is missing"))
    if not seen:
        raise ImportFileError("This XML is no Flex statement of Interactive Brokers.")
    return parsed


def _take(parsed: Parsed, row: Row) -> bool:
    if "buysell" not in row.columns and "buy sell" not in row.columns:
        return _cash(parsed, row)
    level = row.text("levelofdetail").upper()
    if level not in {"", "EXECUTION"} or row.text("assetclass", "assetcategory").upper() == "CASH":
        return False
    parsed.deals.append(_deal(row))
    return True


def _deal(row: Row) -> Deal:
    if row.text("buy sell", "buysell").upper().endswith("(CA.)"):
        raise RowError("a cancelled execution: the one it cancels has to be looked at by hand")
    quantity = row.number("quantity")
    if quantity == 0:
        raise RowError("the quantity is 0")
    rate = row.amount("fxratetobase") or None
    commission = row.amount("ibcommission", "commission") + row.amount("taxes")
    return Deal(
        line=row.line.number,
        id=row.text("ibexecid", "execid", "tradeid", "transactionid"),
        symbol=row.need("symbol"),
        side=row.side("buy sell", "buysell"),
        quantity=abs(quantity),
        price=row.positive("tradeprice", "price"),
        at=row.moment("datetime", "date time", "tradedate"),
        fee=-commission * (rate or Decimal(1)),
        multiplier=row.level("multiplier"),
        rate=rate,
        currency=row.text("currencyprimary", "currency"),
    )


def _cash(parsed: Parsed, row: Row) -> bool:
    kind = plain_name(row.text("type"))
    if kind not in {"deposits withdrawals", "deposits & withdrawals", "other fees"}:
        return False
    amount = row.number("amount") * (row.amount("fxratetobase") or Decimal(1))
    if amount == ZERO:
        return False
    name = "fee" if kind == "other fees" else ("deposit" if amount > 0 else "withdrawal")
    at = row.moment("datetime", "date time", "reportdate")
    parsed.cash.append(
        CashRow(row.line.number, row.text("transactionid"), name, amount, at, row.text("description") or name)
    )
    return True
