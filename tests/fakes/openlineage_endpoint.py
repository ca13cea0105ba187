"""A stand-in for a server that takes OpenLineage events, on the loopback, with the ways in which one fails."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class OpenLineageEndpoint:
    """`with OpenLineageEndpoint() as endpoint`: keeps the events it was sent.

    `fail` is a status code for every answer, `slow` (no answer until the end) or `moved` (leads to another address).
    """

    fail: int | str | None = None
    events: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> OpenLineageEndpoint:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.endpoint = self
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

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        endpoint = self.server.endpoint
        body = self.rfile.read(int(self.headers["Content-Length"]))
        endpoint.paths.append(self.path)
        if endpoint.fail == "slow":
            endpoint.released.wait()
            return
        status = 307 if endpoint.fail == "moved" else endpoint.fail or 201
        if status == 201:
            endpoint.events.append(json.loads(body))
            endpoint.keys.append(self.headers["Authorization"])
        self.send_response(status)
        if status == 307:
            self.send_header("Location", f"{endpoint.url}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()
