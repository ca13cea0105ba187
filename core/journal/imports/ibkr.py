"""Flex queries of Interactive Brokers, as CSV and as XML.

Fields as in IBKR's Flex reference: `Quantity` has the sign of the side, `IBCommission` is negative for a cost,
`FXRateToBase` turns the trade's currency into the account's, `DateTime` is `20260302;093000`. Of a section that lists
orders and lots as well only the executions count (`LevelOfDetail`); see `flex` for what one line says about another.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.parsers import expat

from core.journal.imports.flex import Statement
from core.journal.imports.grid import Line
from core.journal.imports.rows import ImportFileError, Options, Parsed, Rejected
from core.journal.imports.table import columns_of, read_rows

CSV = "ibkr-flex-csv"
XML = "ibkr-flex-xml"
_DEPTH = 60
_SECTION = {"clientaccountid", "accountid", "currencyprimary", "tocurrency"}
_READ = {"Trade", "TradeConfirm", "CashTransaction", "ConversionRate"}


def is_header(columns: dict[str, int]) -> bool:
    """Whether these are the columns of trades. The details of their commissions are alike, and name each again."""
    names = set(columns)
    known = {"symbol", "quantity", "buy sell"} <= names and bool({"tradeprice", "price"} & names)
    return known and "totalcommission" not in names


def read_csv(lines: Sequence[Line], options: Options) -> Parsed:
    """Every section of trades in the file; other sections are passed over.

    Raises:
        ImportFileError: it is of several accounts.
    """
    parsed = Parsed(CSV)
    statement = Statement(parsed)
    header: Line | None = None
    for line in lines:
        columns = columns_of(line)
        if _SECTION & set(columns) or is_header(columns):
            header = line if is_header(columns) or {"amount", "tocurrency"} & set(columns) else None
        elif header is None or line.cells[0] in {"BOF", "BOA", "BOS", "EOS", "EOA", "EOF"}:
            if line.cells[0] == "BOA":
                statement.account = "".join(line.cells[1:2])
            parsed.ignored += 1
        else:
            read_rows(parsed, header, [line], options, statement.take)
    statement.finish()
    return parsed


def read_xml(content: bytes, options: Options) -> Parsed:
    """The trades and cash transactions of a Flex statement, each with its line. Entities and DTDs are refused.

    Raises:
        ImportFileError: it is no Flex statement, declares entities, or is of several accounts.
    """
    parsed, depth, seen = Parsed(XML), 0, False
    statement = Statement(parsed)

    def begin(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, seen
        depth += 1
        seen = seen or tag == "FlexQueryResponse"
        if depth > _DEPTH:
            raise ImportFileError("The file is nested too deeply: export it again.")
        if tag == "FlexStatement":
            statement.account = attributes.get("accountId", "")
        if tag in _READ:
            names = list(attributes)
            header = Line(reader.CurrentLineNumber, tuple(names))
            line = Line(reader.CurrentLineNumber, tuple(value.strip() for value in attributes.values()))
            read_rows(parsed, header, [line], options, statement.take)

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
        if not statement.executions:
            raise ImportFileError(f"This is no valid XML ({error}): export it again.") from error
        parsed.rejected.append(Rejected(error.lineno, "the XML breaks off here: what follows is missing"))
    if not seen:
        raise ImportFileError("This XML is no Flex statement of Interactive Brokers.")
    statement.finish()
    return parsed
