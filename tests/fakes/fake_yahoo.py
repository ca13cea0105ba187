"""A stand-in for the Yahoo hosts that yfinance talks to, on the loopback, with the ways in which they fail."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

CHART = "/v8/finance/chart/"
BAD_ANSWERS = {
    "html": "<html><body>Please accept our terms</body></html>",
    "junk": '{"chart": {"result": [',
    "hollow": json.dumps({"chart": {"result": [{"meta": {}}], "error": None}}),
}


@dataclass
class Listing:
    """What Yahoo has of one ticker: rows of (epoch seconds, open, high, low, close, volume), None for a hole."""

    rows: list[tuple[Any, ...]]
    timezone: str = "America/New_York"
    offset: int = -18_000
    kind: str = "EQUITY"
    adjusted: float = 0.9
    """Adjusted close over close."""


@dataclass
class FakeYahoo:
    """`with FakeYahoo() as yahoo`: serves `listings`; `fail` makes every answer about prices bad in one way.

    `fail` is a status code, `html`, `junk`, `cut`, `slow` or `hollow` (JSON without the parts that matter).
    """

    listings: dict[str, Listing] = field(default_factory=dict)
    fail: int | str | None = None
    asked: list[dict[str, str]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> FakeYahoo:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.yahoo = self
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def yahoo(self) -> FakeYahoo:
        return self.server.yahoo

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/v1/test/getcrumb":
            self.answer(200, "crumb", "text/plain")
        elif parts.path.startswith(CHART):
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self.yahoo.asked.append(query)
            self.prices(unquote(parts.path.removeprefix(CHART)), query)
        elif parts.path.startswith("/v10/finance/quoteSummary/"):
            reason = {"code": "Not Found", "description": "Quote not found"}
            self.answer(404, json.dumps({"quoteSummary": {"result": None, "error": reason}}))
        else:
            self.answer(404, "{}")

    def prices(self, ticker: str, query: dict[str, str]) -> None:
        fail = self.yahoo.fail
        if fail is None:
            status, body = chart(self.yahoo.listings.get(ticker), ticker, query)
            self.answer(status, json.dumps(body))
        elif isinstance(fail, int):
            self.answer(fail, "Too Many Requests\r\n" if fail == 429 else "oops", "text/plain")
        elif fail == "cut":
            self.answer(200, '{"chart"', promised=5000)
        elif fail == "slow":
            self.yahoo.released.wait()
        else:
            self.answer(200, BAD_ANSWERS[fail])

    def answer(self, status: int, text: str, kind: str = "application/json", promised: int = 0) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(promised or len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = bool(promised)


def chart(listing: Listing | None, ticker: str, query: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """Status and body of a chart request, with the limits Yahoo sets."""
    if listing is None:
        return 404, _error("Not Found", "No data found, symbol may be delisted")
    if query["interval"] not in ("1m", "5m", "15m", "1h", "1d"):
        return 422, _error("Unprocessable Entity", f"Invalid input - interval={query['interval']} is not supported")
    begin, end = int(query.get("period1", 0)), int(query.get("period2", 2**40))
    if query["interval"] == "1m" and "period1" in query and end - begin > 8 * 86_400:
        return 422, _error("Unprocessable Entity", "Only 8 days worth of 1m granularity data are allowed")
    rows = [row for row in listing.rows if begin <= row[0] < end]
    return 200, {"chart": {"result": [_result(listing, ticker, query, rows)], "error": None}}


def _result(listing: Listing, ticker: str, query: dict[str, str], rows: list[tuple[Any, ...]]) -> dict[str, Any]:
    period = {"timezone": "X", "start": 0, "end": 2**33, "gmtoffset": listing.offset}
    meta = {
        "currency": "USD",
        "symbol": ticker,
        "instrumentType": listing.kind,
        "exchangeTimezoneName": listing.timezone,
        "timezone": "X",
        "gmtoffset": listing.offset,
        "regularMarketTime": 0,
        "priceHint": 2,
        "dataGranularity": query["interval"],
        "range": query.get("range", ""),
        "validRanges": ["1d", "5d", "max"],
        "currentTradingPeriod": {"pre": period, "regular": period, "post": period},
    }
    if not rows:
        return {"meta": meta, "indicators": {"quote": [{}], "adjclose": [{}]}}
    if query["interval"] != "1d":
        days = sorted({(row[0] + listing.offset) // 86_400 * 86_400 - listing.offset for row in rows})
        meta["tradingPeriods"] = [[period | {"start": day, "end": day + 86_400}] for day in days]
    names = ("open", "high", "low", "close", "volume")
    quote = {name: [row[place] for row in rows] for place, name in enumerate(names, start=1)}
    indicators: dict[str, Any] = {"quote": [quote]}
    if query["interval"] == "1d":
        adjusted = [None if close is None else close * listing.adjusted for close in quote["close"]]
        indicators["adjclose"] = [{"adjclose": adjusted}]
    return {"meta": meta, "timestamp": [row[0] for row in rows], "indicators": indicators}


def _error(code: str, description: str) -> dict[str, Any]:
    return {"chart": {"result": None, "error": {"code": code, "description": description}}}
