"""Exports as the programs write them, by hand: the same three bars, whatever the spelling."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import MarketDataError, ParameterError
from core.timeframe import Timeframe
from workers.market.files.check import Checked, check, longest_rising
from workers.market.files.read import read_table

NOW = int(datetime(2026, 11, 20, tzinfo=UTC).timestamp()) * 1000
FIRST = int(datetime(2013, 2, 1, tzinfo=UTC).timestamp()) * 1000
ROWS = [(91.715, 91.72, 91.653, 91.7), (91.7, 91.707, 91.65, 91.661), (91.661, 91.67, 91.66, 91.665)]
VOLUMES = [12.0, 7.0, 3.0]

MT5 = """<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>
2013.02.01\t00:00:00\t91.715\t91.720\t91.653\t91.700\t12\t0\t3
2013.02.01\t00:01:00\t91.700\t91.707\t91.650\t91.661\t7\t0\t3
2013.02.01\t00:02:00\t91.661\t91.670\t91.660\t91.665\t3\t0\t3
"""
MT4 = """2013.02.01,00:00,91.715,91.720,91.653,91.700,12
2013.02.01,00:01,91.700,91.707,91.650,91.661,7
2013.02.01,00:02,91.661,91.670,91.660,91.665,3
"""
TRADINGVIEW = """time,open,high,low,close,Volume,MA
1359676800,91.715,91.72,91.653,91.7,12,NaN
1359676860,91.7,91.707,91.65,91.661,7,NaN
1359676920,91.661,91.67,91.66,91.665,3,91.7
"""
TRADINGVIEW_ISO = """time,open,high,low,close,Volume
2013-01-31T19:00:00-05:00,91.715,91.72,91.653,91.7,12
2013-01-31T19:01:00-05:00,91.7,91.707,91.65,91.661,7
2013-02-01T00:02:00Z,91.661,91.67,91.66,91.665,3
"""
DUKASCOPY = """Gmt time,Open,High,Low,Close,Volume
01.02.2013 00:00:00.000,91.715,91.72,91.653,91.7,12
01.02.2013 00:01:00.000,91.7,91.707,91.65,91.661,7
01.02.2013 00:02:00.000,91.661,91.67,91.66,91.665,3
"""
DUKASCOPY_LOCAL = """Local time,Open,High,Low,Close,Volume
01.02.2013 01:00:00.000 GMT+0100,91.715,91.72,91.653,91.7,12
01.02.2013 01:01:00.000 GMT+0100,91.7,91.707,91.65,91.661,7
01.02.2013 01:02:00.000 GMT+0100,91.661,91.67,91.66,91.665,3
"""


def binance(unit: int) -> str:
    rows = zip(ROWS, VOLUMES, strict=True)
    return "".join(
        f"{(FIRST + 60_000 * n) * unit},{o:.8f},{h:.8f},{low:.8f},{c:.8f},{v:.8f},"
        f"{(FIRST + 60_000 * n + 59_999) * unit},1100.5,35,4.2,385.1,0\n"
        for n, ((o, h, low, c), v) in enumerate(rows)
    )


TICKER_HEADER = "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>\n"
GERMAN = """Datum;Zeit;Eröffnung;Hoch;Tief;Schluss;Volumen
13.02.2013;00:00;1.091,715;1.091,72;1.091,653;1.091,7;12
13.02.2013;00:01;1.091,7;1.091,707;1.091,65;1.091,661;7
"""


def table(line: str, header: str = "") -> str:
    """The bars spelt by a pattern of n (the minute), o, h, l, c and v."""
    rows = enumerate(zip(ROWS, VOLUMES, strict=True))
    return header + "".join(line.format(n=n, o=o, h=h, l=l, c=c, v=int(v)) + "\n" for n, ((o, h, l, c), v) in rows)  # noqa: E741


PLAIN = {
    "mt5": MT5,
    "mt4": MT4,
    "tradingview": TRADINGVIEW,
    "tradingview_iso": TRADINGVIEW_ISO,
    "dukascopy": DUKASCOPY,
    "dukascopy_local": DUKASCOPY_LOCAL,
    "binance_ms": binance(1),
    "binance_us": binance(1000),
    "histdata": table("20130201 00{n:02}00;{o};{h};{l};{c};{v}"),
    "two_columns": table("20130201,00{n:02}00,{o},{h},{l},{c},{v}"),
    "ticker_first": table("EURUSD,1,20130201,00{n:02}00,{o},{h},{l},{c},{v}", TICKER_HEADER),
    "half_day_clock": table("2/1/2013 12:{n:02}:00 AM,{o},{h},{l},{c},{v}", "Date,Open,High,Low,Close,Volume\n"),
    "newest_column_order": table("{v};{c};{l};{h};{o};2013-02-01T00:{n:02}", "Vol;Close;Low;High;Open;Time\n"),
    "pipes": MT4.replace("00:", "0:").replace(",", "|"),
    "decimal_comma": MT4.replace(",", ";").replace(".", ",").replace("2013,02,01", "2013-02-01"),
    "quoted": "\n".join(",".join(f'"{field}"' for field in line.split(",")) for line in MT4.splitlines()),
    "blanks": MT4.replace(",", " , "),
    "no_line_end": MT4.rstrip("\n"),
    "windows": MT5.replace("\n", "\r\n"),
    "old_mac": MT4.replace("\n", "\r"),
    "backwards": "\n".join(reversed(MT4.splitlines())),
    "excel_hint": "sep=;\n" + MT4.replace(",", ";"),
    "title_line": "https://example.com/data\n" + TRADINGVIEW,
    "month_names": MT4.replace("2013.02.01,", "01 Feb 2013 "),
    "trailing_delimiter": MT4.replace("\n", ",\n"),
}


def load(
    folder: Path,
    text: str | bytes,
    *,
    tz: str = "UTC",
    day_first: bool | None = None,
    timeframe: Timeframe = Timeframe.M1,
    name: str = "bars.csv",
) -> Checked:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    table, layout, _sha256 = read_table(path, lambda count: None)
    return check(table, timeframe, ZoneInfo(tz), layout.day_first if day_first is None else day_first, NOW)


def times(checked: Checked) -> list[str]:
    return [datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M") for ms in checked.bars.time.tolist()]


def reasons(checked: Checked) -> dict[int, str]:
    return {item.line: item.reason for item in checked.rejected}


@pytest.mark.parametrize("kind", PLAIN)
def test_every_export_gives_the_same_bars(tmp_path: Path, kind: str) -> None:
    day_first = False if kind == "half_day_clock" else None
    checked = load(tmp_path, PLAIN[kind], day_first=day_first)
    assert checked.rejected == []
    assert checked.bars.time.tolist() == [FIRST, FIRST + 60_000, FIRST + 120_000]
    found = np.column_stack([checked.bars.open, checked.bars.high, checked.bars.low, checked.bars.close])
    assert found.tolist() == [list(row) for row in ROWS]
    assert checked.bars.volume.tolist() == VOLUMES
    assert (checked.rows, checked.repeated) == (3, 0)


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbf" + MT5.encode(),
        MT5.encode("utf-16"),
        gzip.compress(MT5.encode()),
        gzip.compress(MT5.encode("utf-16")),
        gzip.compress(MT5[:90].encode()) + gzip.compress(MT5[90:].encode()),
    ],
    ids=["byte order mark", "utf-16", "gzip", "gzip of utf-16", "gzip in two members"],
)
def test_the_wrapping_does_not_matter(tmp_path: Path, raw: bytes) -> None:
    assert load(tmp_path, raw).bars.close.tolist() == [91.7, 91.661, 91.665]


def test_a_decimal_comma_with_grouped_thousands(tmp_path: Path) -> None:
    checked = load(tmp_path, GERMAN)
    assert checked.bars.open.tolist() == [1091.715, 1091.7]
    assert times(checked) == ["2013-02-13 00:00", "2013-02-13 00:01"]


def test_real_volume_is_taken_where_it_is_traded(tmp_path: Path) -> None:
    assert load(tmp_path, MT5.replace("\t0\t3", "\t500\t3")).bars.volume.tolist() == [500] * 3


def test_an_adjusted_close_comes_along(tmp_path: Path) -> None:
    text = "Date,Open,High,Low,Close,Adj Close,Volume\n2013-02-01,1,3,1,2,1.5,10\n2013-02-04,2,3,1,2,,10\n"
    checked = load(tmp_path, text, timeframe=Timeframe.D1)
    assert checked.adj_close is not None
    assert np.array_equal(checked.adj_close, [1.5, np.nan], equal_nan=True)


def test_numbers_are_the_nearest_floats(tmp_path: Path) -> None:
    spelt = ["1.1", "0.1234567890123456789", "1e-3", "+2.5", "123456789012345", "0.30000000000000004", "7.", ".5"]
    text = "".join(f"2013-02-01 00:{n:02},{x},{x},{x},{x},1\n" for n, x in enumerate(spelt))
    assert load(tmp_path, text).bars.open.tolist() == [float(x) for x in spelt]


def test_every_bad_row_is_named_and_no_good_one_is_lost(tmp_path: Path) -> None:
    good = "{},1.5,2,1,1.5,10"
    lines = [
        "time,open,high,low,close,volume",
        good.format("2013-02-01 00:00"),
        "2013-02-01 00:01,1.5,1,2,1.5,10",
        "2013-02-01 00:02,2.5,2,1,1.5,10",
        "2013-02-01 00:03,1.5,2,1,0.5,10",
        "2013-02-01 00:04,0,2,0,1.5,10",
        "2013-02-01 00:05,1.5,2,-1,1.5,10",
        "2013-02-01 00:06,NaN,2,1,1.5,10",
        "2013-02-01 00:07,1.5,2,1,abc,10",
        "2013-02-01 00:08,1.5,2,1",
        "",
        "2013-02-01 00:09,1.5,2,1,1.5,10,7,8",
        "yesterday,1.5,2,1,1.5,10",
        good.format("2013-02-30 00:00"),
        good.format("2013-02-01 25:00"),
        "2013-02-01 00:10,1.5,2,1,1.5,-1",
        good.format("2013-02-01 00:11"),
        good.format("2013-01-31 23:00"),
        good.format("2013-02-01 00:11"),
        "2013-02-01 00:11,1.5,2,1,1.6,10",
        good.format("2031-02-01 00:12"),
        "2013-02-01 00:12,inf,inf,1,1.5,10",
        "2013-02-01 00:13,1.5,2,1,1.5,",
        "2013-02-01 00:14,1.5,1e300,1,1.5,10",
        "2013-02-01 00:14,1.5,2,1,1.5,1e300",
    ]
    checked = load(tmp_path, "\r\n".join(lines))
    assert reasons(checked) == {
        3: "the high is below the low",
        4: "the open lies outside high and low",
        5: "the close lies outside high and low",
        6: "a price is not positive",
        7: "a price is not positive",
        8: "the open is not a number",
        9: "the close is not a number",
        10: "too few columns: 4 instead of 6",
        12: "too many columns: 8 instead of 6",
        13: "the time cannot be read",
        14: "the time cannot be read",
        15: "the time cannot be read",
        16: "the volume is negative or not a number",
        18: "the time is out of order",
        20: "the same time as line 17 with other values",
        21: "the bar is not complete yet: its time lies in the future",
        22: "the open is not a number",
        24: "a price is above 1e+15, which no market has",
        25: "the volume is above 1e+18, which no market has",
    }
    assert times(checked) == ["2013-02-01 00:00", "2013-02-01 00:11", "2013-02-01 00:13"]
    assert checked.bars.volume.tolist() == [10, 10, 0]
    assert checked.repeated == 1
    assert checked.rows == 3 + 1 + len(checked.rejected) == len(lines) - 2


def test_line_numbers_hold_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.market.files.source.BLOCK", 200)
    lines = [f"2013-02-01 {n // 60:02}:{n % 60:02},1.5,2,1,1.5,10" for n in range(300)]
    lines[250] = lines[250].replace(",2,1,", ",1,2,")
    checked = load(tmp_path, "\n".join(lines))
    assert reasons(checked) == {251: "the high is below the low"}
    assert len(checked.bars) == 299


@pytest.mark.parametrize("wrong", ["2019-06-01 00:00", "2001-06-01 00:00"])
@pytest.mark.parametrize("place", [0, 50, 99])
def test_one_wrong_time_costs_one_row(tmp_path: Path, wrong: str, place: int) -> None:
    moments = [f"2013-02-01 {n // 60:02}:{n % 60:02}" for n in range(100)]
    moments[place] = wrong
    for lines in (moments, moments[::-1]):
        checked = load(tmp_path, "".join(f"{moment},1.5,2,1,1.5,10\n" for moment in lines))
        in_place = (place, wrong[:4]) in ((0, "2001"), (99, "2019"))
        assert len(checked.bars) == (100 if in_place else 99)
        assert [item.reason for item in checked.rejected] == ([] if in_place else ["the time is out of order"])


def test_longest_rising_sequence() -> None:
    assert longest_rising(np.array([], np.int64)).tolist() == []
    assert longest_rising(np.array([5, 5, 5])).tolist() == [0]
    assert longest_rising(np.array([1, 9, 2, 3, 3, 8, 4])).tolist() == [0, 2, 3, 6]


@given(st.lists(st.integers(0, 20), max_size=40))
def test_no_rising_sequence_is_longer(times: list[int]) -> None:
    chosen = longest_rising(np.array(times, np.int64))
    assert (np.diff(chosen) > 0).all()
    assert (np.diff(np.array(times)[chosen]) > 0).all()
    best: list[int] = []
    for place, value in enumerate(times):
        best.append(1 + max((best[before] for before in range(place) if times[before] < value), default=0))
    assert len(chosen) == max(best, default=0)


def dated(*dates: str) -> str:
    return "date,open,high,low,close\n" + "".join(f"{date},1.5,2,1,1.5\n" for date in dates)


def test_day_and_month_are_told_apart_by_the_whole_column(tmp_path: Path) -> None:
    days = load(tmp_path, dated("11/02/2013", "12/02/2013", "13/02/2013"), timeframe=Timeframe.D1)
    assert times(days)[0] == "2013-02-11 00:00"
    months = load(tmp_path, dated("02/11/2013", "02/12/2013", "02/13/2013"), timeframe=Timeframe.D1)
    assert times(months) == times(days)
    unpadded = load(tmp_path, dated("9/2/2013", "10/2/2013", "13/2/2013"), timeframe=Timeframe.D1)
    assert times(unpadded)[0] == "2013-02-09 00:00"


def test_an_undecidable_date_names_the_option(tmp_path: Path) -> None:
    text = dated("01/02/2013", "02/02/2013", "03/02/2013")
    with pytest.raises(ParameterError, match="--date-format"):
        load(tmp_path, text, timeframe=Timeframe.D1)
    assert times(load(tmp_path, text, day_first=True, timeframe=Timeframe.D1))[1] == "2013-02-02 00:00"
    monthly = load(tmp_path, text, day_first=False, timeframe=Timeframe.D1)
    assert times(monthly) == ["2013-01-02 00:00", "2013-02-02 00:00", "2013-03-02 00:00"]


def test_one_date_of_the_other_order_is_a_bad_row(tmp_path: Path) -> None:
    dates = [f"{day:02}/02/2013" for day in range(13, 29)] * 1 + [f"{day:02}/03/2013" for day in range(13, 30)]
    checked = load(tmp_path, dated(*dates, "03/30/2013"), timeframe=Timeframe.D1)
    assert reasons(checked) == {len(dates) + 2: "the time cannot be read"}


def test_local_times_that_are_missing_or_doubled_are_bad_rows(tmp_path: Path) -> None:
    """Berlin went from 02:00 to 03:00 on 31 March 2013 and from 03:00 back to 02:00 on 27 October."""
    moments = ["31.03.2013 01:00", "31.03.2013 02:30", "31.03.2013 03:00", "27.10.2013 01:00", "27.10.2013 02:30"]
    checked = load(tmp_path, dated(*moments, "27.10.2013 03:00"), tz="Europe/Berlin", timeframe=Timeframe.M30)
    assert times(checked) == ["2013-03-31 00:00", "2013-03-31 01:00", "2013-10-26 23:00", "2013-10-27 02:00"]
    assert reasons(checked) == {
        3: "the time does not exist in Europe/Berlin, when the clocks go forward",
        6: "the time exists twice in Europe/Berlin, when the clocks go back",
    }


def test_a_zone_option_leaves_instants_alone(tmp_path: Path) -> None:
    for kind in ("tradingview", "tradingview_iso", "dukascopy_local", "binance_us"):
        assert load(tmp_path, PLAIN[kind], tz="Asia/Tokyo").bars.time[0] == FIRST
    assert load(tmp_path, MT4, tz="Asia/Tokyo").bars.time[0] == FIRST - 9 * 3_600_000


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"])
def test_local_hours_agree_with_the_standard_library(tmp_path: Path, zone: str) -> None:
    """Every half hour of a year: where Python finds one instant, so do we; where it finds none or two, we refuse."""
    moments = [datetime.fromtimestamp(1356998400 + 1800 * n, UTC).replace(tzinfo=None) for n in range(2 * 24 * 365)]
    checked = load(tmp_path, dated(*(f"{m:%Y-%m-%d %H:%M}" for m in moments)), tz=zone, timeframe=Timeframe.M30)
    expected, bad = [], []
    for line, moment in enumerate(moments, start=2):
        early, late = (moment.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1))
        (expected if early == late else bad).append(early if early == late else line)
    assert checked.bars.time.tolist() == [int(found.timestamp()) * 1000 for found in expected]
    assert list(reasons(checked)) == bad


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "bars.csv is empty"),
        (gzip.compress(b"", mtime=0), "bars.csv is empty"),
        (b"PK\x03\x04 and so on", "bars.csv is a spreadsheet or a zip archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "bars.csv is an old spreadsheet"),
        (bytes(range(256)) * 50, "bars.csv is not text"),
        (gzip.compress(MT5.encode() * 500, mtime=0)[:-20], "bars.csv is cut off or damaged"),
        (gzip.compress(MT5.encode(), mtime=0)[:12] + b"rubbish" * 9, "bars.csv is cut off or damaged"),
        (b"Dear customer,\nno bars today.\n", "bars.csv: nothing in it looks like bars"),
        (b"time,open,high,close\n2013-02-01,1,2,1.5\n", "bars.csv: its header names no column for low"),
        (b"\n\n\n", "bars.csv: nothing in it looks like bars"),
    ],
)
def test_a_file_without_bars_is_refused_in_one_sentence(tmp_path: Path, raw: bytes, sentence: str) -> None:
    with pytest.raises(MarketDataError) as caught:
        load(tmp_path, raw)
    assert caught.value.message.startswith(sentence)
    assert "\n" not in caught.value.message


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path, sentence in ((tmp_path / "none.csv", "none.csv does not exist"), (tmp_path, "is a folder")):
        with pytest.raises(MarketDataError, match=sentence):
            read_table(path, lambda count: None)


def test_the_wrong_timeframe_is_noticed(tmp_path: Path) -> None:
    minutes = "".join(f"2013-02-01 00:{n:02},1.5,2,1,1.5,10\n" for n in range(40))
    with pytest.raises(ParameterError, match=r"every 1 min: no H1 bars; correct --timeframe"):
        load(tmp_path, minutes, timeframe=Timeframe.H1)
    fives = "".join(f"2013-02-01 {n // 12:02}:{n % 12 * 5:02},1.5,2,1,1.5,10\n" for n in range(40))
    with pytest.raises(ParameterError, match=r"every 5 min: no M1 bars; correct --timeframe"):
        load(tmp_path, fives, timeframe=Timeframe.M1)
