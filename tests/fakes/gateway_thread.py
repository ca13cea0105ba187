"""The loopback gateway in a thread of its own, for tests that have no loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.fakes.gateway import Gateway


@contextmanager
def gateway_thread() -> Iterator[Gateway]:
    """A gateway that answers until the end of the block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    gateway = Gateway()
    try:
        asyncio.run_coroutine_threadsafe(gateway.__aenter__(), loop).result(10)
        yield gateway
        asyncio.run_coroutine_threadsafe(gateway.__aexit__(), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
