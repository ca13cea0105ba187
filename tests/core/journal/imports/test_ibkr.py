"""Flex statements whose lines depend on each other, written by hand from IBKR's Flex reference."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.journal.imports.read import read_file
from core.journal.imports.rows import ImportFileError

D = Decimal
COLUMNS = (
    "ClientAccountID", "CurrencyPrimary", "FXRateToBase", "AssetClass", "Symbol", "Multiplier", "DateTime", "TradeDate",
    "TradeTime", "Quantity", "TradePrice", "IBCommission", "IBCommissionCurrency", "Buy/Sell", "IBExecID",
    "LevelOfDetail", "TransactionID", "OrigTransactionID", "Notes/Codes",
)  # fmt: skip
TRADE = {
    "ClientAccountID": "U1", "CurrencyPrimary": "USD", "FXRateToBase": "1", "AssetClass": "STK", "Symbol": "AAPL",
    "Multiplier": "1", "DateTime": "20260302;093000", "TradeDate": "20260302", "Quantity": "100", "TradePrice": "150",
    "IBCommission": "-2", "IBCommissionCurrency": "USD", "Buy/Sell": "BUY", "LevelOfDetail": "EXECUTION",
}  # fmt: skip
CASH = "ClientAccountID,CurrencyPrimary,FXRateToBase,Date/Time,Amount,Type,TransactionID,Description,LevelOfDetail\n"


def flex(*trades, cash=()):
    """A file of these trades; the first is on line 2."""
    rows = [",".join((TRADE | {name.replace("_", "/"): value for name, value in trade.items()}).get(column, "")
                     for column in COLUMNS) for trade in trades]  # fmt: skip
    return read_file("\n".join([",".join(COLUMNS), *rows, CASH + "\n".join(cash)]).encode())


def said(parsed):
    return [(one.line, one.reason) for one in parsed.rejected]


DETAIL = "U1,USD,1,20260302,5000,Deposits/Withdrawals,71,CASH RECEIPT,DETAIL"
SUMMARY = "U1,USD,1,20260302,5000,Deposits/Withdrawals,,CASH RECEIPT,SUMMARY"


def test_a_deposit_that_is_there_as_detail_and_as_sum_is_one():
    found = flex({}, cash=[DETAIL, SUMMARY, SUMMARY.replace("U1", "-").replace("SUMMARY", "")])
    assert ([row.amount for row in found.cash], found.rejected) == ([D(5000)], [])
    alone = flex({}, cash=[SUMMARY])
    assert (alone.cash, said(alone)[0][0]) == ([], 4)


def test_orders_without_their_executions_are_told():
    assert said(flex({"LevelOfDetail": "ORDER"})) == [
        (2, "the sum of an order: choose the level of detail 'Executions' in the Flex query")
    ]
    assert flex({"LevelOfDetail": "ORDER"}, {}).rejected == []


def test_forex_is_told_by_line():
    euro = {"AssetClass": "CASH", "Symbol": "EUR.USD", "Quantity": "100000", "TradePrice": "1.08"}
    found = flex({}, euro, euro | {"Notes/Codes": "AFx"})
    assert [deal.symbol for deal in found.deals] == ["AAPL"]
    assert [line for line, _ in said(found)] == [3]
    assert said(found)[0][1].startswith("forex EUR.USD: the file does not tell a trade from a change of currency")


def test_a_file_of_two_accounts_is_refused():
    with pytest.raises(ImportFileError, match="of the accounts U1 and U2, and a file"):
        flex({}, {"ClientAccountID": "U2", "Buy/Sell": "SELL", "Quantity": "-100"})
    statement = '<FlexStatement accountId="{}"><Trades><Trade currency="USD" symbol="A" buySell="BUY" quantity="1" \
tradePrice="2" dateTime="20260302;093000" ibExecID="{}"/></Trades></FlexStatement>'
    text = f"<FlexQueryResponse>{statement.format('U1', 'x')}{statement.format('U2', 'y')}</FlexQueryResponse>"
    with pytest.raises(ImportFileError, match="U1 and U2"):
        read_file(text.encode())


@pytest.mark.parametrize(
    "when",
    [
        {"DateTime": "", "TradeTime": "101500"},
        {"DateTime": "", "TradeTime": "10:15:00"},
        {"DateTime": "20260302101500"},
        {"DateTime": "2026-03-02;101500"},
        {"DateTime": "03/02/2026 101500"},
        {"DateTime": "20260302", "TradeTime": "101500"},
    ],
)
def test_the_time_of_day_is_found_wherever_it_stands(when):
    assert [deal.at for deal in flex(when).deals] == [datetime(2026, 3, 2, 10, 15, tzinfo=UTC)]


def test_a_day_without_a_time_is_told():
    found = flex({}, {"DateTime": ""}, {"DateTime": "20260302"})
    missing = "the time of day is missing: add Date/Time to the Flex query"
    assert (len(found.deals), said(found)) == (1, [(3, missing), (4, missing)])


def test_a_commission_in_another_currency_is_converted_by_its_own_rate():
    yen = {"Symbol": "7203", "CurrencyPrimary": "JPY", "FXRateToBase": "0.0067"}
    # The account is in dollars, as a rate of 1 says.
    assert [deal.fee for deal in flex(yen, {}).deals] == [D(2), D(2)]
    assert [deal.fee for deal in flex(yen | {"IBCommissionCurrency": "JPY"}).deals] == [D("0.0134")]
    euro = {"CurrencyPrimary": "EUR", "FXRateToBase": "1.1", "IBCommissionCurrency": "EUR", "Symbol": "SAP"}
    assert flex(yen | {"IBCommissionCurrency": "EUR"}, euro).deals[0].fee == D("2.2")
    # The rate of another day is none.
    late = euro | {"DateTime": "20260303;093000", "TradeDate": "20260303"}
    assert [line for line, _ in said(flex(yen | {"IBCommissionCurrency": "EUR"}, late))] == [2]
    reason = said(flex(yen))[0][1]
    assert reason.startswith("its commission is in USD, and the file does not say what that is in the account's")


def test_currencies_are_not_mixed():
    yen = {"Symbol": "7203", "CurrencyPrimary": "JPY", "IBCommissionCurrency": "JPY", "FXRateToBase": ""}
    # With one currency it is the account's; with two, one of them needs a rate.
    assert [deal.rate for deal in flex(yen).deals] == [None]
    found = flex(yen, {})
    assert [deal.symbol for deal in found.deals] == ["AAPL"]
    worth = "the file does not say what JPY is worth: add FXRateToBase to the Flex query"
    assert said(found) == [(2, worth)]
    royal = {"Symbol": "RY", "CurrencyPrimary": "CAD", "IBCommissionCurrency": "CAD", "FXRateToBase": "0.7"}
    sold = {"Symbol": "RY", "Buy/Sell": "SELL", "Quantity": "-100"}
    found = flex(royal, sold)
    assert [(deal.currency, deal.fee) for deal in found.deals] == [("CAD", D("1.4"))]
    assert said(found) == [(3, "RY is traded in CAD and in USD, which do not close each other")]


def test_what_the_broker_cancelled_is_left_out():
    cancel = {"Buy/Sell": "BUY (Ca.)", "Quantity": "-100", "IBCommission": "2", "Notes/Codes": "Ca"}
    again = {"TradePrice": "149", "IBExecID": "c"}
    found = flex({"IBExecID": "a"}, {"IBExecID": "b", "Symbol": "MSFT"}, cancel, again)
    assert [deal.id.rpartition(":")[2] for deal in found.deals] == ["b", "c"]
    assert said(found) == [(2, "cancelled by the broker (line 4): if it is in the journal already, clear its trade")]
    # Two that are alike: the broker's link says which.
    twins = ({"IBExecID": name, "TransactionID": name} for name in "ab")
    linked = flex(*twins, cancel | {"OrigTransactionID": "b", "TransactionID": "c"})
    assert [deal.id.rpartition(":")[2] for deal in linked.deals] == ["a"]
    assert [line for line, _ in said(flex(cancel))] == [2]


def test_of_a_correction_the_last_version_counts_under_the_first_ones_id():
    first, second = ({"IBExecID": f"0000e0d5.65e2f1a1.01.0{n}", "TradePrice": f"15{n}"} for n in (1, 2))
    found = flex(first, second)
    assert [(deal.id, deal.price) for deal in found.deals] == [("ibkr:0000e0d5.65e2f1a1.01.01", D(152))]
    assert said(found) == [(2, "corrected by the broker (line 3)")]


def test_an_option_that_expires_is_closed_at_nothing():
    option = {"AssetClass": "OPT", "Symbol": "AAPL 260320C00150000", "Multiplier": "100", "Quantity": "1"}
    gone = {"Buy/Sell": "SELL", "Quantity": "-1", "TradePrice": "0", "IBCommission": "0", "Notes/Codes": "C;Ep"}
    found = flex(option | {"TradePrice": "2.5"}, option | gone, option | gone | {"Notes/Codes": "C"})
    assert [(deal.side, deal.price) for deal in found.deals] == [(1, D("2.5")), (-1, D(0))]
    assert said(found) == [(4, "the tradeprice '0' is not above zero")]


def test_the_details_of_commissions_are_no_trades():
    details = "ClientAccountID,Symbol,Quantity,Price,Buy/Sell,DateTime,TotalCommission,IBExecID\n"
    trades = "ClientAccountID,Symbol,Quantity,TradePrice,Buy/Sell,DateTime,IBCommission,IBExecID\n"
    line = "U1,AAPL,1,150,BUY,20260302;093000,-1,a\n"
    found = read_file((trades + line + details + line).encode())
    assert (len(found.deals), found.ignored) == (1, 1)
