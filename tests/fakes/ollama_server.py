"""A loopback Ollama for tests: the real client drives it. Each chat takes the next line of `script`, then the last.

with OllamaServer() as server:
    server.script = [JUNK, fenced(GOOD)]
    ...
    server.chats[0]["messages"]
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

STAMP = "2026-11-20T12:00:00Z"
JUNK = "The market may well go up from here."
REFUSAL = "I'm sorry, but I cannot give trading advice."


@dataclass(frozen=True)
class Chat:
    """How one question is answered: with `text`, or with a fault.

    `status` is an HTTP error. `fault` is `cut` (the socket closes in the middle), `error` (Ollama reports a failure in
    the middle), `drip` (a byte at a time for ever), `silent` (nothing ever comes), `html` (no Ollama at all).
    """

    text: str = ""
    reason: str = "stop"
    status: int = 200
    fault: str = ""


def fenced(text: str) -> str:
    """As models write it that were trained on Markdown."""
    return f"```json\n{text}\n```"


class OllamaServer:
    """A server on a free port. `models` names what it has and what each of them can do, the newest first."""

    def __init__(self) -> None:
        self.models: dict[str, list[str]] = {"qwen2.5:3b": ["completion"], "gemma3:4b": ["completion", "vision"]}
        self.script: Sequence[Chat | str] = [""]
        self.chats: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.on_chunk: Callable[[str], None] = lambda text: None
        self._over = threading.Event()
        self._http = _Http(("127.0.0.1", 0), type("Handler", (_Handler,), {"owner": self}))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def next_chat(self) -> Chat:
        line = self.script[min(len(self.chats) - 1, len(self.script) - 1)]
        return line if isinstance(line, Chat) else Chat(line)

    def wait(self, seconds: float | None = None) -> bool:
        """Do nothing until the test is over, or for `seconds`; whether it is over."""
        return self._over.wait(seconds)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._http.shutdown()
        self._http.server_close()


class _Http(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes in the middle is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    owner: OllamaServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self.owner.asked.append(self.path)
        if self.path == "/api/version":
            self._json(200, {"version": "0.30.5"})
        elif self.path == "/api/tags":
            self._json(200, {"models": [self._tag(number, name) for number, name in enumerate(self.owner.models)]})
        else:
            self._json(404, {"error": "not found"})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.owner.asked.append(self.path)
        model = asked.get("model")
        if self.path == "/api/chat":
            self.owner.chats.append(asked)
        if model not in self.owner.models:
            self._json(404, {"error": f"model '{model}' not found"})
        elif self.path == "/api/show":
            self._json(200, {"capabilities": self.owner.models[model], "details": {}, "model_info": {}})
        elif any(one.get("images") for one in asked["messages"]) and "vision" not in self.owner.models[model]:
            self._json(400, {"error": "this model does not take images"})
        else:
            with suppress(OSError):  # the client has gone
                self._answer(model, self.owner.next_chat())

    def _answer(self, model: str, chat: Chat) -> None:
        if chat.fault == "silent":
            self.owner.wait()
        elif chat.fault == "html":
            self._send(200, "text/html", b"<html><body>It works!</body></html>")
        elif chat.status != 200:
            self._json(chat.status, {"error": "server busy, please try again"})
        else:
            self._stream(model, chat)

    def _stream(self, model: str, chat: Chat) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if chat.fault == "drip":
            while not self.owner.wait(0.01):
                self._chunk(b" ")
            return
        text = chat.text
        for at in range(0, len(text), 24):
            self._part(model, text[at : at + 24])
            self.owner.on_chunk(text[: at + 24])
            if chat.fault == "cut" and at:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            if chat.fault == "error" and at:
                self._chunk(b'{"error":"the runner was killed"}\n')
                break
        else:
            self._part(model, "", done=True, done_reason=chat.reason)
        self._chunk(b"")

    def _part(self, model: str, text: str, **more: Any) -> None:
        message = {"role": "assistant", "content": text}
        part = {"model": model, "created_at": STAMP, "done": False, "message": message, **more}
        self._chunk(json.dumps(part).encode() + b"\n")

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def _json(self, status: int, content: dict[str, Any]) -> None:
        self._send(status, "application/json", json.dumps(content).encode())

    def _send(self, status: int, kind: str, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    @staticmethod
    def _tag(number: int, name: str) -> dict[str, Any]:
        return {"name": name, "model": name, "modified_at": f"2026-11-{20 - number:02}T12:00:00Z", "size": 1}
