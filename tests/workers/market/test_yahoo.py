"""The Yahoo feed, driven through the real yfinance against a stand-in for Yahoo's hosts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import yfinance.data

from core.errors import MarketDataError, MarketDataUnavailableError, ParameterError
from core.settings import Settings
from core.timeframe import Timeframe
from tests.factories import NOW
from tests.fakes.fake_yahoo import FakeYahoo, Listing
from workers.market.feeds import feed_for
from workers.market.yahoo import Symbol, YahooConfig, YahooFeed

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")
DAYS = (9, 10, 11, 12, 13, 16, 17, 18, 19, 20)
FRIDAY_NOON = (2026, 11, 20, 18)


def at(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp()) * 1000


def daily() -> Listing:
    """Two weeks of sessions from 09:30 New York; the 12th is a hole."""
    rows = [(at(2026, 11, day, 14, 30) // 1000, 100 + i, 102 + i, 99 + i, 101 + i, 1000) for i, day in enumerate(DAYS)]
    rows[3] = (rows[3][0], None, None, None, None, None)
    return Listing(rows)


def minutes() -> Listing:
    """The first hour of Friday's session; the seventh minute's high lies below its low."""
    start = at(2026, 11, 20, 14, 30) // 1000
    rows = [(start + 60 * i, 100 + i, 102 + i, 99 + i, 101 + i, 10 + i) for i in range(60)]
    rows[6] = (rows[6][0], 106, 90, 105, 107, 16)
    return Listing(rows)


@pytest.fixture
def yahoo() -> Iterator[FakeYahoo]:
    yfinance.data.YfData.cache_get.cache_clear()  # it remembers answers for the life of the process
    with FakeYahoo() as server:
        yield server


@pytest.fixture
def feed(yahoo: FakeYahoo, tmp_path: Path) -> YahooFeed:
    return YahooFeed(YahooConfig(budget_s=5, base_url=yahoo.url, cache=tmp_path / "yahoo"))


def minute_feed(feed: YahooFeed) -> YahooFeed:
    return YahooFeed(YahooConfig(Timeframe.M1, 5, feed.config.base_url, feed.config.cache))


def test_daily_bars_are_raw_stamped_by_the_exchanges_date_and_keep_the_adjusted_close(yahoo, feed):
    yahoo.listings["GOOD"] = daily()
    fetched = feed.fetch("GOOD", None, at(*FRIDAY_NOON))
    assert fetched.bars.time.tolist() == [at(2026, 11, day) for day in (9, 10, 11, 13, 16, 17, 18, 19)]
    assert fetched.bars.open.tolist() == [100, 101, 102, 104, 105, 106, 107, 108]
    assert fetched.bars.close.tolist() == [101, 102, 103, 105, 106, 107, 108, 109]
    np.testing.assert_allclose(fetched.adj_close, fetched.bars.close * 0.9)


def test_the_first_daily_fetch_asks_for_ten_years(yahoo, feed):
    yahoo.listings["YEARS"] = daily()
    feed.fetch("YEARS", None, at(*FRIDAY_NOON))
    asked = yahoo.asked[-1]
    assert int(asked["period2"]) - int(asked["period1"]) == pytest.approx(3651 * 86_400, abs=7200)
    assert asked["interval"] == "1d"


def test_todays_bar_waits_until_the_day_is_over(yahoo, feed):
    yahoo.listings["OPEN"] = daily()
    since = at(2026, 11, 20)
    assert len(feed.fetch("OPEN", since, at(2026, 11, 20, 23, 59)).bars) == 0
    assert feed.fetch("OPEN", since, at(2026, 11, 21)).bars.close.tolist() == [110]


def test_a_later_fetch_brings_only_what_is_new(yahoo, feed):
    yahoo.listings["LATER"] = daily()
    fetched = feed.fetch("LATER", at(2026, 11, 18), at(*FRIDAY_NOON))
    assert fetched.bars.time.tolist() == [at(2026, 11, 18), at(2026, 11, 19)]
    assert len(fetched.adj_close) == 2


def test_nothing_new_over_a_weekend_is_no_error(yahoo, feed):
    yahoo.listings["WEEKEND"] = daily()
    assert len(feed.fetch("WEEKEND", at(2026, 11, 21), at(2026, 11, 23)).bars) == 0


def test_a_first_fetch_without_any_price_names_the_ticker(yahoo, feed):
    yahoo.listings["EMPTY"] = Listing([])
    with pytest.raises(MarketDataError, match="Yahoo has no prices of 'EMPTY': check the ticker"):
        feed.fetch("EMPTY", None, at(*FRIDAY_NOON))


def test_minutes_leave_out_the_open_bar_and_rows_that_cannot_be(yahoo, feed):
    yahoo.listings["MINUTE"] = minutes()
    fetched = minute_feed(feed).fetch("MINUTE", None, at(2026, 11, 20, 14, 40) + 30_000)
    assert fetched.bars.timeframe is Timeframe.M1
    start = at(2026, 11, 20, 14, 30)
    assert ((fetched.bars.time - start) // 60_000).tolist() == [0, 1, 2, 3, 4, 5, 7, 8, 9]
    assert int(yahoo.asked[-1]["period2"]) - int(yahoo.asked[-1]["period1"]) <= 8 * 86_400


def test_a_long_pause_asks_for_no_more_minutes_than_yahoo_has(yahoo, feed):
    yahoo.listings["PAUSE"] = minutes()
    fetched = minute_feed(feed).fetch("PAUSE", at(2026, 9, 1), at(2026, 11, 20, 15, 30))
    assert len(fetched.bars) == 59


def test_crypto_days_are_utc_days(yahoo, feed):
    rows = [(at(2026, 11, day) // 1000, 10.0, 12.0, 9.0, 11.0, 1) for day in (18, 19, 20)]
    yahoo.listings["BTC-USD"] = Listing(rows, "UTC", 0, "CRYPTOCURRENCY", 1.0)
    assert feed.fetch("BTC-USD", None, at(*FRIDAY_NOON)).bars.time.tolist() == [at(2026, 11, 18), at(2026, 11, 19)]


def test_days_are_the_exchanges_own_east_of_greenwich(yahoo, feed):
    """Tokyo opens at 00:00 UTC in the same date; Sydney's 10:00 is 23:00 UTC of the day before."""
    rows = [(at(2026, 11, day, 23) // 1000, 10.0, 12.0, 9.0, 11.0, 1) for day in (16, 17)]
    yahoo.listings["BHP.AX"] = Listing(rows, "Australia/Sydney", 39_600)
    assert feed.fetch("BHP.AX", None, at(*FRIDAY_NOON)).bars.time.tolist() == [at(2026, 11, 17), at(2026, 11, 18)]


@pytest.mark.parametrize(
    ("fail", "sentence"),
    [
        (429, "Yahoo asked us to slow down"),
        (503, r"could not be reached \(its server answered 503\)"),
        ("cut", r"could not be reached \(its answer was cut off\)"),
    ],
)
def test_what_may_pass_is_unavailable(yahoo, feed, fail, sentence):
    yahoo.fail = fail
    with pytest.raises(MarketDataUnavailableError, match=sentence):
        feed.fetch(f"FAIL{fail}".upper(), None, at(*FRIDAY_NOON))


@pytest.mark.parametrize(
    ("fail", "sentence"),
    [
        ("html", "answer for 'FAILHTML' is no price data"),
        ("junk", "answer for 'FAILJUNK' is no price data"),
        ("hollow", "answer for 'FAILHOLLOW' lacks its prices"),
    ],
)
def test_what_is_no_answer_is_an_error_that_is_not_retried(yahoo, feed, fail, sentence):
    yahoo.fail = fail
    with pytest.raises(MarketDataError, match=sentence) as caught:
        feed.fetch(f"FAIL{fail}".upper(), None, at(*FRIDAY_NOON))
    assert not isinstance(caught.value, MarketDataUnavailableError)


def test_an_unknown_ticker_is_named(yahoo, feed):
    with pytest.raises(MarketDataError, match="Yahoo has no prices of 'NOPE': check the ticker") as caught:
        feed.fetch("NOPE", None, at(*FRIDAY_NOON))
    assert not isinstance(caught.value, MarketDataUnavailableError)


def test_silence_ends_with_the_budget(yahoo, feed):
    yahoo.fail = "slow"
    hasty = YahooFeed(YahooConfig(budget_s=0.5, base_url=yahoo.url, cache=feed.config.cache))
    with pytest.raises(MarketDataUnavailableError, match="did not answer in time"):
        hasty.fetch("SLOW", None, at(*FRIDAY_NOON))


def test_nobody_at_home_is_unavailable(tmp_path: Path):
    with FakeYahoo() as gone:
        url = gone.url
    with pytest.raises(MarketDataUnavailableError, match="the connection failed"):
        YahooFeed(YahooConfig(budget_s=3, base_url=url, cache=tmp_path)).fetch("GONE", None, at(*FRIDAY_NOON))


@pytest.mark.parametrize("ticker", ["", "../x", "A B", "AAPL?x=1", "A" * 40])
def test_what_is_no_ticker_never_reaches_yahoo(yahoo, feed, ticker):
    with pytest.raises(MarketDataError, match="is no Yahoo ticker: write it like AAPL"):
        feed.fetch(ticker, None, at(*FRIDAY_NOON))
    assert yahoo.asked == []


def test_four_hours_are_not_on_offer(feed):
    four = YahooFeed(YahooConfig(Timeframe.H4, base_url=feed.config.base_url))
    with pytest.raises(ParameterError, match="Yahoo has no H4 bars: choose one of M1, M5, M15, H1, D1"):
        four.fetch("AAPL", None, at(*FRIDAY_NOON))


def symbol(source: str, **fields: object) -> Symbol:
    return Symbol(name="Apple", source=source, created_at=NOW, **fields)


def test_each_source_has_its_feed(tmp_path: Path):
    settings = Settings.from_mapping({"CHARTROOM_HOME": str(tmp_path)})
    feed = feed_for(symbol("yahoo", vendor_symbol="AAPL", base_timeframe=1), settings)
    assert isinstance(feed, YahooFeed)
    assert (feed.config.timeframe, feed.config.cache) == (Timeframe.M1, tmp_path / "yahoo")
    assert dict(feed.tickers) == {"Apple": "AAPL"}
    assert feed_for(symbol("simulated"), settings).seed == 7
    assert feed_for(symbol("sample"), settings) is None
    assert feed_for(symbol("file"), settings) is None
