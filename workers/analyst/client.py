"""One Ollama server: which models it has, and one conversation with a hard end. Its errors are ours from here on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from json import JSONDecodeError
from typing import Any, Final

import httpx
import ollama
from pydantic import ValidationError

from core.errors import (
    AnalystRefusedError,
    AnalystTimeoutError,
    AnalystUnavailableError,
    ModelMissingError,
)
from core.text import storable

KEEP_ALIVE: Final = "10m"
"""How long the server keeps the model in memory after an answer."""
NOT_FOUND, SERVER_ERROR = 404, 500

Message = dict[str, Any]
OnText = Callable[[str], None]
"""Told the whole text so far each time there is more of it."""


@dataclass(frozen=True)
class Limits:
    """Seconds: to connect, between two pieces of an answer, and for everything together. `words` ends one answer
    (tokens); `context` is how many tokens the model sees: Ollama's own default would cut a prompt without a word.
    """

    connect: float = 3.0
    silence: float = 120.0
    total: float = 240.0
    words: int = 1200
    context: int = 8192


@dataclass(frozen=True)
class Said:
    """What the model wrote in one go; `whole` is False where it was cut off by the limit of words."""

    text: str
    whole: bool


class TroubledServerError(AnalystUnavailableError):
    """The server answered with an error of its own or broke off: the same question may pass the next time."""


@dataclass(frozen=True)
class ModelServer:
    """An Ollama server by its address. Nothing is sent before the first call.

    Every call raises AnalystUnavailableError (TroubledServerError where another try may help), AnalystTimeoutError,
    ModelMissingError or AnalystRefusedError, and nothing else.
    """

    url: str
    limits: Limits = field(default_factory=Limits)

    def version(self) -> str:
        """The server's version."""
        with self._client(self._quick()) as client, self._translated():
            # The library has no call for it.
            found = client._request_raw("GET", "/api/version").json()
            return str(found.get("version", "")) if isinstance(found, dict) else ""

    def models(self) -> list[str]:
        """Names of the models it has, the one changed last first."""
        with self._client(self._quick()) as client, self._translated():
            rows = [one for one in client.list().models if one.model]
        rows.sort(key=lambda one: (-(one.modified_at.timestamp() if one.modified_at else 0.0), one.model or ""))
        return [one.model or "" for one in rows]

    def sees(self, model: str) -> bool:
        """Whether the model takes images."""
        with self._client(self._quick()) as client, self._translated(model):
            return "vision" in (client.show(model).capabilities or [])

    def chat(
        self,
        model: str,
        messages: Sequence[Message],
        schema: dict[str, Any] | None,
        *,
        on_text: OnText | None = None,
        seed: int = 7,
        deadline: float | None = None,
    ) -> Said:
        """One answer, as a stream; `deadline` is a moment of `time.monotonic`, by default `limits.total` from now."""
        until = time.monotonic() + self.limits.total if deadline is None else deadline
        options = {
            "temperature": 0,
            "seed": seed,
            "num_predict": self.limits.words,
            "num_ctx": self.limits.context,
        }
        pieces: list[str] = []
        with self._client(until) as client, self._translated(model):
            parts = client.chat(
                model=model, messages=messages, format=schema, options=options, keep_alive=KEEP_ALIVE, stream=True
            )
            for part in parts:
                if part.message.content:
                    pieces.append(storable(part.message.content))
                    if on_text is not None:
                        on_text("".join(pieces))
                if part.done:
                    return Said("".join(pieces), part.done_reason != "length")
        raise TroubledServerError(
            f"The model server at {self.url} broke off in the middle of an answer.", self.url, raw="".join(pieces)
        )

    def _quick(self) -> float:
        return time.monotonic() + min(self.limits.total, 10.0)

    @contextmanager
    def _client(self, until: float) -> Iterator[ollama.Client]:
        """The library's client, which takes no proxy or address from the environment and follows no redirect."""
        remaining = until - time.monotonic()
        if remaining <= 0:
            raise AnalystTimeoutError(self._late(), self.url)
        timeout = httpx.Timeout(min(self.limits.silence, remaining), connect=min(self.limits.connect, remaining))
        with ollama.Client(
            self.url,
            timeout=timeout,
            trust_env=False,
            follow_redirects=False,
            transport=_UntilTransport(until),
        ) as client:
            yield client

    @contextmanager
    def _translated(self, model: str = "") -> Iterator[None]:
        """The one place where the library's errors become ours."""
        try:
            yield
        except (ConnectionError, httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise AnalystUnavailableError(
                f"No model is reachable at {self.url}: start Ollama there, or correct the address.", self.url
            ) from error
        except httpx.TimeoutException as error:
            raise AnalystTimeoutError(self._late(), self.url) from error
        except ollama.ResponseError as error:
            raise self._response(error, model) from error
        except (httpx.HTTPError, JSONDecodeError, UnicodeDecodeError) as error:
            raise TroubledServerError(f"The model server at {self.url} broke off an answer.", self.url) from error
        except (httpx.InvalidURL, ValidationError, AttributeError, TypeError) as error:
            raise AnalystUnavailableError(
                f"What answers at {self.url} is no Ollama server: correct the address.", self.url
            ) from error

    def _response(self, error: ollama.ResponseError, model: str) -> Exception:
        said = storable(str(error.error))[:300]
        if error.status_code == NOT_FOUND and model:
            return ModelMissingError(
                f"The server at {self.url} does not have the model {model}: pull it there, or choose another.", model
            )
        if error.status_code == NOT_FOUND:
            return AnalystUnavailableError(
                f"What answers at {self.url} is no Ollama server: correct the address.", self.url
            )
        if error.status_code >= SERVER_ERROR or error.status_code < 0:
            return TroubledServerError(f"The model server failed by itself ({said}): ask again later.", self.url)
        return AnalystRefusedError(f"The model server does not take the question ({said}).", self.url)

    def _late(self) -> str:
        return f"The model at {self.url} did not finish in time: choose a smaller one, or give it a faster machine."


class _UntilTransport(httpx.HTTPTransport):
    """A transport that gives up at a moment, however slowly and steadily the bytes keep coming."""

    def __init__(self, until: float) -> None:
        super().__init__(trust_env=False)
        self._until = until

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        assert isinstance(response.stream, httpx.SyncByteStream)
        response.stream = _UntilStream(response.stream, self._until)
        return response


class _UntilStream(httpx.SyncByteStream):
    def __init__(self, inner: httpx.SyncByteStream, until: float) -> None:
        self._inner = inner
        self._until = until

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._inner:
            if time.monotonic() > self._until:
                raise httpx.ReadTimeout("past the deadline")
            yield piece

    def close(self) -> None:
        self._inner.close()
