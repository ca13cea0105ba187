"""Lines of MetaTrader's reports that are easily misread, written by hand from the terminal's reports."""

from datetime import UTC, datetime
from decimal import Decimal

from core.journal.imports.read import read_file
from core.journal.imports.trades import into_trades

D = Decimal
POSITIONS = "Time\tPosition\tSymbol\tType\tVolume\tPrice\tS / L\tT / P\tTime\tPrice\tCommission\tSwap\tProfit\n"
OPEN = "Time\tPosition\tSymbol\tType\tVolume\tPrice\tS / L\tT / P\tMarket Price\tSwap\tProfit\tComment\n"
ORDERS = "Open Time\tOrder\tSymbol\tType\tVolume\tPrice\tS / L\tT / P\tTime\tState\tComment\n"
DEALS = "Time\tDeal\tSymbol\tType\tDirection\tVolume\tPrice\tOrder\tCommission\tFee\tSwap\tProfit\tBalance\tComment\n"
MT4 = "Ticket\tOpen Time\tType\tSize\tItem\tPrice\tS / L\tT / P\tClose Time\tPrice\tCommission\tTaxes\tSwap\tProfit\n"
TRAILED = "2026.03.02 10:00:00\t{}\tEURUSD\tbuy\t1\t1.08\t1.07995\t\t2026.03.02 12:00:00\t1.085\t0\t0\t500\n"
STILL = "2026.03.02 10:00:00\t{}\tEURUSD\tbuy\t0.4\t1.08\t1.07995\t\t1.085\t0\t200\t\n"
ORDER = "2026.03.02 10:00:00\t{}\tEURUSD\tbuy\t1 / 1\tmarket\t{}\t\t2026.03.02 10:00:00\tfilled\t\n"
BUY = "2026.03.02 10:00:00\t9\tEURUSD\tbuy\tin\t1\t1.08\t111\t0\t0\t0\t0\t1000\t\n"


def read(*parts):
    return read_file("".join(parts).encode())


def said(parsed):
    return [(one.line, one.reason) for one in parsed.rejected]


def test_only_the_opening_orders_stop_is_a_closed_positions_risk():
    found = read(POSITIONS, *(TRAILED.format(n) for n in (111, 112, 113)), ORDERS, ORDER.format(111, "1.07500"),
                 ORDER.format(112, ""))  # fmt: skip
    assert [deal.stop for deal in found.deals if deal.id.endswith(":in")] == [D("1.075"), None, None]
    assert read(OPEN, STILL.format(111), DEALS).deals[0].stop == D("1.07995")


def test_a_row_without_its_time_or_ticket_is_told_and_a_sum_is_not():
    row = TRAILED.format(111)
    sums = "\t" * 10 + "0\t0\t500\n"
    found = read(POSITIONS, row, "\t" + row.partition("\t")[2], sums)
    assert (len(found.deals), said(found), found.ignored) == (2, [(3, "the time is missing")], 1)
    four = "5\t2026.03.02 10:00:00\tbuy\t1\teurusd\t1.08\t0\t0\t2026.03.02 12:00:00\t1.085\t0\t0\t0\t500\n"
    deposit = "\t2026.03.02 10:00:00\tbalance\tDeposit" + "\t" * 10 + "1000\n"
    found = read(MT4, four, four[1:], deposit, "\t" * 10 + "0\t0\t0\t500\n")
    assert (len(found.deals), found.cash, found.ignored) == (2, [], 1)
    assert said(found) == [(3, "the ticket is missing"), (4, "the ticket is missing")]


def test_a_position_in_parts_keeps_each():
    half = TRAILED.format(111).replace("\tbuy\t1\t", "\tbuy\t0.6\t")
    later = half.replace("12:00:00\t1.085", "13:00:00\t1.086")
    found = read(POSITIONS, half, later, later, OPEN, STILL.format(111))
    assert len(found.deals) == 7
    # The line that is there twice says the same as the first.
    named = [deal.id.removeprefix("metatrader:") for deal in found.deals[::2]]
    assert named == ["111:in", "111#2:in", "111#2:in", "111#3:in"]
    (trade,), misfits = into_trades({deal.id: deal for deal in found.deals}.values(), [])
    assert (trade.size, len(trade.deals), misfits) == (D("0.4"), 5, [])
    # A part that was open in an older report, pasted above, is closed by the newer one.
    pasted = read(OPEN, STILL.format(111).replace("0.4", "1"), POSITIONS, TRAILED.format(111))
    assert [deal.id for deal in pasted.deals] == ["metatrader:111:in", "metatrader:111:in", "metatrader:111:out"]


def test_costs_that_are_deals_of_their_own_are_booked():
    line = "2026.03.03 00:00:00\t{}\t\t{}\t\t\t\t\t0\t0\t0\t{}\t1000\t{}\n"
    found = read(
        POSITIONS, TRAILED.format(111), DEALS, BUY,
        line.format(10, "commission", "-7.50", "March"), line.format(11, "dividend", "3", ""),
        line.format(12, "credit", "500", "Bonus"), line.format(13, "moon", "1", ""), line.format(14, "moon", "0", ""),
    )  # fmt: skip
    assert [(row.id, row.kind, row.amount, row.text) for row in found.cash] == [
        ("10:charge", "fee", D("-7.5"), "March"),
        ("11:charge", "adjustment", D(3), "dividend"),
    ]
    assert found.cash[0].at == datetime(2026, 3, 3, tzinfo=UTC)
    assert [line for line, _ in said(found)] == [7, 8]
    assert found.ignored == 2


def test_deals_without_their_positions_are_told():
    # Read as a plain table they would lose their commissions and the broker's results.
    assert said(read(DEALS, BUY)) == [(2, "a deal without its position: export the report with its table of positions")]
