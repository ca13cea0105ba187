"""The renderer: one process that keeps a browser and its page, draws for every job of this machine, and never hangs.

Run as `python -m workers.renderer.server HOME OWNER`, by `workers.renderer.start`. It listens on a Unix socket in HOME
and leaves when the process OWNER has gone. A request is two frames: JSON with `deadline` (seconds) and `browser`, and
what the guard is to draw. The browser lives in a guard's process tree: whatever happens to it, this process only waits
on pipes, and kills and starts again what does not answer in time.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import psutil

from workers.renderer.cleanup import end, sweep
from workers.renderer.place import Place, note, noted_folder, place_in, take
from workers.renderer.wire import DONE, LATE, LENGTH, LOST, PROBE, frame, length_of

IDLE_S: Final = 300.0
"""Seconds without work after which the browser is closed: it holds some 300 MB."""
MOST_IMAGES: Final = 500
"""Images of one browser, so that what a page may leak stays small."""
PROBE_S: Final = 3.0
"""Seconds in which an idle page answers a probe. One that does not is replaced before it is given a figure."""
POLL_S: Final = 1.0
PREFIX: Final = "chartroom-render-"

Answer = tuple[bytes, bytes]


class Guard:
    """One browser and the process around it."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path, browser: str) -> None:
        self.process = process
        self.folder = folder
        self.browser = browser
        self.drawn = 0

    @classmethod
    async def start(cls, browser: str, note_folder: Callable[[Path], None]) -> Guard:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        note_folder(folder)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "workers.renderer.guard", str(folder), browser),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=os.environ | {"TMPDIR": str(folder)},
            start_new_session=True,
        )
        return cls(process, folder, browser)

    async def draw(self, body: bytes) -> Answer:
        self.drawn += 1
        return await self._ask(body)

    async def is_well(self) -> bool:
        """Whether the page still answers: it may have been frozen or killed since its last figure."""
        try:
            async with asyncio.timeout(PROBE_S):
                return (await self._ask(PROBE))[0] == DONE
        except (TimeoutError, asyncio.IncompleteReadError, OSError):
            return False

    async def _ask(self, body: bytes) -> Answer:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(frame(body))
        await self.process.stdin.drain()
        mark = await self.process.stdout.readexactly(1)
        length = length_of(await self.process.stdout.readexactly(LENGTH.size))
        return mark, await self.process.stdout.readexactly(length)

    async def end(self) -> None:
        """Nothing of it is left afterwards."""
        await asyncio.to_thread(end, self.process.pid, self.folder)
        await self.process.wait()


class Renderer:
    """Draws one figure after the other; those who ask wait for their turn within their own deadlines."""

    def __init__(self, note_folder: Callable[[Path], None]) -> None:
        self.note_folder = note_folder
        self.guard: Guard | None = None
        self.turn = asyncio.Lock()
        self.resting = asyncio.create_task(self._rest())

    async def draw(self, body: bytes, browser: str, deadline: float) -> Answer:
        """An image or the reason why there is none, `deadline` seconds from now at the latest."""
        ends = asyncio.get_running_loop().time() + deadline
        try:
            async with asyncio.timeout_at(ends):
                await self.turn.acquire()
        except TimeoutError:
            return LATE, b"in time: it had too many others to draw"
        try:
            self.resting.cancel()
            answer = await self._attempt(body, browser, ends, f"within {max(1, round(deadline))} s and was stopped")
            # Whatever was no success leaves no browser behind that may be in a state of its own.
            if answer[0] != DONE or self.guard is None or self.guard.drawn >= MOST_IMAGES:
                await self.close()
            self.resting = asyncio.create_task(self._rest())
            return answer
        finally:
            self.turn.release()

    async def close(self) -> None:
        """End the browser. It starts again with the next figure."""
        guard, self.guard = self.guard, None
        if guard is not None:
            await guard.end()

    async def _attempt(self, body: bytes, browser: str, ends: float, late: str) -> Answer:
        try:
            async with asyncio.timeout_at(ends):
                if self.guard is not None and (self.guard.browser != browser or not await self.guard.is_well()):
                    await self.close()
                if self.guard is None:
                    self.guard = await Guard.start(browser, self.note_folder)
                return await self.guard.draw(body)
        except TimeoutError:
            return LATE, late.encode()
        except (asyncio.IncompleteReadError, OSError) as error:
            return LOST, str(error).encode()

    async def _rest(self) -> None:
        """Close the browser after a while, unless somebody asks before: who has the turn cancels this."""
        await asyncio.sleep(IDLE_S)
        async with self.turn:
            await self.close()


def main(home: Path, owner: int) -> None:
    """Serve until told to stop or until the owner has gone; return at once when another renderer serves here."""
    place = place_in(home)
    lock = take(place)
    if lock is None:
        return
    left = noted_folder(lock)
    if left is not None and left.name.startswith(PREFIX):
        sweep(left)
    note(lock)
    try:
        asyncio.run(_serve(place, owner, partial(note, lock)))
    finally:
        place.socket.unlink(missing_ok=True)


async def _serve(place: Place, owner: int, note_folder: Callable[[Path], None]) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    renderer = Renderer(note_folder)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ValueError, KeyError):
            asked = json.loads(await _read(reader))
            mark, content = await renderer.draw(await _read(reader), str(asked["browser"]), float(asked["deadline"]))
            writer.write(mark + frame(content))
            await writer.drain()
        writer.close()

    place.socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.socket.unlink(missing_ok=True)
    os.umask(0o177)  # the socket is its owner's alone from the first moment
    server = await asyncio.start_unix_server(answer, place.socket)
    os.umask(0o077)
    watch = asyncio.create_task(_outlived(owner, stop))
    await stop.wait()
    watch.cancel()
    server.close()
    await renderer.close()


async def _read(reader: asyncio.StreamReader) -> bytes:
    return await reader.readexactly(length_of(await reader.readexactly(LENGTH.size)))


async def _outlived(owner: int, stop: asyncio.Event) -> None:
    """Set `stop` when the process `owner` has gone."""
    loop = asyncio.get_running_loop()
    if hasattr(os, "pidfd_open"):
        try:
            loop.add_reader(os.pidfd_open(owner), stop.set)
        except ProcessLookupError:
            stop.set()
        return
    while psutil.pid_exists(owner):
        await asyncio.sleep(POLL_S)
    stop.set()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
