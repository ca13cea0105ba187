"""Where OpenLineage events go: a file of JSON lines, or an HTTP endpoint. The library's exceptions end here."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

import requests
from openlineage.client.event_v2 import RunEvent
from openlineage.client.transport.file import FileConfig, FileTransport
from openlineage.client.transport.http import ApiKeyTokenProvider, HttpConfig, HttpTransport, TokenProvider

from core.errors import LineageExportError, LineageRefusedError

TIMEOUT: Final = 5.0
"""Seconds for the connection, and again for each answer."""
_LATER = frozenset({401, 403, 404, 405, 407, 408, 425, 429})
"""Answers to a correct event that another setting or another moment would change; other 4xx are about the event."""
_REFUSED, _FAULT = 400, 500


class Place(Protocol):
    """Something that takes events in order.

    Raises:
        LineageExportError: it does not work now.
        LineageRefusedError: it will never take this event.
    """

    def emit(self, events: Iterable[RunEvent]) -> None:
        """Deliver these events; not all of them may have arrived when it raises."""


@dataclass(frozen=True)
class FilePlace:
    """A file of JSON lines; or, `by_day`, a folder with a file for each day of events."""

    path: Path
    by_day: bool = False

    def emit(self, events: Iterable[RunEvent]) -> None:
        """Append the events."""
        for event in events:
            path = self.path / f"{event.eventTime[:10]}.jsonl" if self.by_day else self.path
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                FileTransport(FileConfig(str(path), append=True)).emit(event)
            except (OSError, RuntimeError) as error:
                reason = getattr(error, "strerror", None) or str(error)
                raise LineageExportError(f"{path} cannot be written ({reason}): check path and space.", path) from error


@dataclass(frozen=True)
class UrlPlace:
    """An endpoint that speaks OpenLineage; events go to `api/v1/lineage` below `url`."""

    url: str
    timeout: float = TIMEOUT

    def emit(self, events: Iterable[RunEvent]) -> None:
        """POST each event."""
        session = requests.Session()
        session.max_redirects = 0
        session.stream = True  # an answer's body is of no interest, and one that never ends is not waited for
        with session:
            transport = HttpTransport(self._config(session))
            for event in events:
                self._post(transport, event)

    def _config(self, session: requests.Session) -> HttpConfig:
        key = os.environ.get("OPENLINEAGE_API_KEY")
        auth = ApiKeyTokenProvider({"apiKey": key}) if key else TokenProvider({})
        url = self.url if self.url.endswith("/") else f"{self.url}/"
        # Another try comes with the next minute, which does not keep a worker waiting.
        return HttpConfig(url=url, timeout=self.timeout, auth=auth, session=session, retry={"total": 0})

    def _post(self, transport: HttpTransport, event: RunEvent) -> None:
        try:
            transport.emit(event)
        except requests.HTTPError as error:
            status = error.response.status_code if error.response is not None else 0
            if _REFUSED <= status < _FAULT and status not in _LATER:
                raise LineageRefusedError(
                    f"{self._place} refuses the event of {event.job.name}: HTTP {status}."
                ) from error
            raise LineageExportError(
                f"{self._place} answers HTTP {status}: see its log, or OPENLINEAGE_URL."
            ) from error
        except requests.Timeout as error:
            raise LineageExportError(f"{self._place} does not answer within {self.timeout:g} s.") from error
        except requests.TooManyRedirects as error:
            raise LineageExportError(f"{self._place} leads elsewhere: set OPENLINEAGE_URL to that address.") from error
        except (requests.RequestException, ValueError) as error:
            raise LineageExportError(
                f"{self._place} cannot be reached: start it, or correct OPENLINEAGE_URL."
            ) from error

    @property
    def _place(self) -> str:
        """Host and port, without a password."""
        parts = urlsplit(self.url)
        return f"The OpenLineage endpoint {parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
