"""Yahoo Finance through yfinance."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pandas as pd
import yfinance
from curl_cffi import requests as curl
from curl_cffi.requests.session import HttpMethod
from yfinance.exceptions import YFException, YFPricesMissingError, YFRateLimitError

from core.errors import MarketDataError, MarketDataUnavailableError, ParameterError
from core.settings import Settings
from core.timeframe import Timeframe
from db.models import Symbol
from workers.market.base import FetchedBars
from workers.market.yahoo_bars import DAY_MS, parse_history

OFFERS: Final = {
    Timeframe.M1: ("1m", 7),
    Timeframe.M5: ("5m", 59),
    Timeframe.M15: ("15m", 59),
    Timeframe.H1: ("1h", 729),
    Timeframe.D1: ("1d", 3650),
}
"""Yahoo's name and the days of history to ask for. Yahoo itself allows 8, 60, 60, 730 and any; 4h does not exist."""
TICKER: Final = re.compile(r"[A-Z0-9][A-Z0-9.^=&-]{0,24}|\^[A-Z0-9.-]{1,24}")
_SERVER_ERROR: Final = 500
_NOT_FOUND: Final = range(400, 429)


@dataclass(frozen=True)
class YahooConfig:
    """What to ask for. `budget_s` (seconds) covers all requests of one fetch; `base_url` replaces every Yahoo host.

    `cache` is the folder in which yfinance remembers time zones and cookies; None leaves its own choice.
    """

    timeframe: Timeframe = Timeframe.D1
    budget_s: float = 30.0
    base_url: str | None = None
    cache: Path | None = None

    @classmethod
    def from_settings(cls, settings: Settings, timeframe: Timeframe) -> YahooConfig:
        """For this machine; YAHOO_BASE_URL in the environment points elsewhere (a mirror, a test)."""
        return cls(timeframe, base_url=os.environ.get("YAHOO_BASE_URL") or None, cache=settings.home / "yahoo")


@dataclass(frozen=True)
class YahooFeed:
    """Bars of one timeframe; `tickers` maps the desk's names to Yahoo's where they differ."""

    config: YahooConfig
    tickers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def for_symbol(cls, symbol: Symbol, settings: Settings) -> YahooFeed:
        """In the finest timeframe the symbol has, daily for a new one."""
        timeframe = Timeframe(symbol.base_timeframe or Timeframe.D1)
        config = YahooConfig.from_settings(settings, timeframe)
        return cls(config, ((symbol.name, symbol.vendor_symbol or symbol.name),))

    def fetch(self, symbol_name: str, since: int | None, until: int) -> FetchedBars:
        """See `Feed.fetch`. Daily bars are stamped 00:00 UTC of the exchange's date, and complete a day later."""
        timeframe, ticker = self.config.timeframe, dict(self.tickers).get(symbol_name, symbol_name).upper()
        if timeframe not in OFFERS:
            names = ", ".join(offer.name for offer in OFFERS)
            raise ParameterError(f"Yahoo has no {timeframe.name} bars: choose one of {names}.", timeframe)
        if not TICKER.fullmatch(ticker):
            raise MarketDataError(
                f"'{symbol_name}' is no Yahoo ticker: write it like AAPL, BTC-USD or EURUSD=X.", ticker
            )
        oldest = until - OFFERS[timeframe][1] * DAY_MS
        start = oldest if since is None else max(since, oldest)
        if start + timeframe.ms > until:
            return parse_history(pd.DataFrame(), timeframe, start, until)
        history = self._history(ticker, start, until, first=since is None)
        return parse_history(history, timeframe, start, until)

    def _history(self, ticker: str, start: int, until: int, *, first: bool) -> pd.DataFrame:
        """Ask Yahoo; its silence about a short range is an empty frame, every other failure one of our errors."""
        try:
            return _ask(self.config, ticker, start, until)
        except YFRateLimitError as error:
            raise MarketDataUnavailableError("Yahoo asked us to slow down: the fetch is tried again later.") from error
        except YFPricesMissingError as error:
            if not first and _is_silence(error):
                return pd.DataFrame()
            raise MarketDataError(f"Yahoo has no prices of '{ticker}': check the ticker.", ticker) from error
        except YFException as error:
            raise MarketDataError(f"Yahoo has no prices of '{ticker}': check the ticker ({error}).", ticker) from error
        except curl.exceptions.HTTPError as error:
            raise _refused(error, ticker) from error
        except ValueError as error:
            raise MarketDataError(
                f"Yahoo's answer for '{ticker}' is no price data: try again later.", ticker
            ) from error
        except OSError as error:
            raise MarketDataUnavailableError(f"Yahoo could not be reached ({_cause(error)}).", ticker) from error
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            # yfinance takes answers apart without looking: a missing part shows as one of these.
            raise MarketDataError(
                f"Yahoo's answer for '{ticker}' lacks its prices: try again later.", ticker
            ) from error


def _ask(config: YahooConfig, ticker: str, start: int, until: int) -> pd.DataFrame:
    yfinance.config.debug.hide_exceptions = False
    if config.cache is not None:
        config.cache.mkdir(parents=True, exist_ok=True)
        yfinance.set_tz_cache_location(str(config.cache))
    first, last = pd.Timestamp(start, unit="ms", tz="UTC"), pd.Timestamp(until, unit="ms", tz="UTC")
    daily = config.timeframe is Timeframe.D1
    span: dict[str, Any] = {"start": first, "end": last}
    if daily:
        span = {"start": first.strftime("%Y-%m-%d"), "end": (last + pd.Timedelta(days=1)).strftime("%Y-%m-%d")}
    with Connection(config) as session:
        asked = yfinance.Ticker(ticker, session=session)
        found: pd.DataFrame = asked.history(
            interval=OFFERS[config.timeframe][0], auto_adjust=False, actions=False, timeout=config.budget_s, **span
        )
        return found


class Connection(curl.Session[curl.Response]):
    """A session that spends at most the budget on all its requests together, and may be pointed at another host."""

    def __init__(self, config: YahooConfig) -> None:
        # A browser's handshake is what Yahoo answers to; a stand-in on this machine is not behind the proxy.
        super().__init__(impersonate="chrome", trust_env=config.base_url is None)
        self._base_url = config.base_url
        self._ends = time.monotonic() + config.budget_s

    def request(self, method: HttpMethod, url: str, *arguments: Any, **options: Any) -> curl.Response:
        """As the session's own, within what is left of the budget; a server's failure is an error of the network."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise curl.exceptions.Timeout("no time left")
        if self._base_url is not None:
            parts = urlsplit(url)
            url = self._base_url + parts.path + (f"?{parts.query}" if parts.query else "")
        options["timeout"] = min(left, options.get("timeout") or left)
        answer = super().request(method, url, *arguments, **options)
        if answer.status_code >= _SERVER_ERROR:
            raise curl.exceptions.ConnectionError(f"its server answered {answer.status_code}")
        return answer


def _is_silence(error: YFPricesMissingError) -> bool:
    """Nothing traded in the range asked for, as opposed to a ticker that does not exist."""
    return error.yahoo_reason is None or "data doesn't exist" in str(error.yahoo_reason).lower()


def _refused(error: curl.exceptions.HTTPError, ticker: str) -> MarketDataError:
    status = getattr(error.response, "status_code", None)
    if status in _NOT_FOUND:
        return MarketDataError(f"Yahoo has no prices of '{ticker}': check the ticker.", ticker)
    return MarketDataUnavailableError(f"Yahoo could not be reached ({_cause(error)}).", ticker)


def _cause(error: OSError) -> str:
    """A word for the person: curl's own text is a paragraph with a link."""
    kinds = (
        (curl.exceptions.Timeout, "it did not answer in time"),
        (curl.exceptions.DNSError, "its name could not be resolved"),
        (curl.exceptions.IncompleteRead, "its answer was cut off"),
        (curl.exceptions.SSLError, "the connection is not secure"),
    )
    for kind, words in kinds:
        if isinstance(error, kind):
            return words
    return str(error) if "server answered" in str(error) else "the connection failed"
