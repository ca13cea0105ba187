"""Lines of cTrader, TradingView and Tradovate that look alike or hold less than they seem to."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.journal.imports.read import read_file
from core.journal.imports.rows import ImportFileError, Options
from core.journal.imports.trades import into_trades

D = Decimal
CTRADER = (
    "{},Symbol,Opening direction,Opening time (UTC+0),Closing time (UTC+0),Entry price,Closing price,"
    "Closing Quantity,Commission,Swap,Gross USD,Net USD\n"
)
FIRST = "PID1,EURUSD,Buy,02/03/2026 10:00:00.000,02/03/2026 11:00:00.000,1.08,1.081,0.5 Lots,-1,0,50,49\n"
SECOND = "PID1,EURUSD,Buy,02/03/2026 10:00:00.000,02/03/2026 12:00:00.000,1.08,1.082,0.5 Lots,-1,0,100,99\n"


def test_a_position_of_ctrader_that_is_closed_in_parts_is_one_trade():
    for column in ("ID", "Position ID"):
        found = read_file((CTRADER.format(column) + FIRST + SECOND).encode(), Options(day_first=True))
        (trade,), misfits = into_trades(found.deals, [])
        assert (len({deal.id for deal in found.deals}), trade.size, misfits) == (4, 0, [])
        assert sum((deal.stated or D(0)) - deal.fee for deal in trade.deals) == 148
    # The same deal in a file that begins later.
    later = read_file((CTRADER.format("Position ID") + SECOND).encode(), Options(day_first=True))
    assert {deal.id for deal in later.deals} < {deal.id for deal in found.deals}


def test_of_an_order_of_tradingview_only_what_was_filled_counts():
    head = "Symbol,Side,Type,Qty,Filled Qty,Avg Fill Price,Status,Commission,Placing Time,Closing Time,Order ID\n"
    line = "NASDAQ:AAPL,Buy,Limit,10,{},100,{},1,2026-03-02 10:00:00,{},{}\n"
    text = head + line.format(4, "Partially Filled", "", 1) + line.format(6, "Cancelled", "2026-03-02 10:05:00", 2)
    text += line.format("", "Filled", "2026-03-02 10:05:00", 3) + line.format("", "Partially Filled", "", 4)
    text += line.format(0, "Cancelled", "2026-03-02 10:05:00", 5)
    found = read_file(text.encode())
    assert [(deal.quantity, deal.at.minute) for deal in found.deals] == [(D(4), 0), (D(6), 5), (D(10), 5)]
    assert ([one.line for one in found.rejected], found.ignored) == ([5], 1)


def test_a_fill_of_tradovate_has_the_time_whose_zone_is_known():
    text = "_timestamp,Fill ID,Timestamp,B/S,Quantity,Price,Contract\n"
    text += "2026-03-02 14:30:00.000Z,1,03/02/2026 09:30:00,Buy,2,21000.25,MNQH6\n"
    assert read_file(text.encode()).deals[0].at == datetime(2026, 3, 2, 14, 30, tzinfo=UTC)


def test_fills_of_two_accounts_at_tradovate_are_refused():
    text = "Fill ID,Timestamp,B/S,Quantity,Price,Contract,Account\n"
    text += "1,03/02/2026 09:30:00,Buy,2,21000.25,MNQH6,PA1\n2,03/02/2026 09:30:00,Sell,2,21000.25,MNQH6,{}\n"
    assert len(read_file(text.format("PA1").encode()).deals) == 2
    with pytest.raises(ImportFileError, match="of the accounts PA1 and PA2"):
        read_file(text.format("PA2").encode())
