"""The process around one browser, whose page it keeps open from figure to figure; it dies with whoever started it.

Run as `python -m workers.renderer.guard FOLDER BROWSER`. A request on the standard input is a frame of JSON (`figure`,
`format`, `width`, `height`, `scale`), or a probe; the answer on the standard output is a mark and a frame: an image, or
the reason. When the standard input ends or the page's process dies, the browser and everything in FOLDER go, whatever
state they are in, and so does the guard.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from kaleido import Kaleido
from kaleido._kaleido_tab import JavascriptError, KaleidoError
from kaleido._page_generator import PageGenerator

from workers.renderer.cleanup import sweep
from workers.renderer.wire import DONE, FAILED, LOST, PROBE, frame, read_frame

# Kaleido prints a PDF with a margin, which moves the figure off a page of its size. And plotly names the clip paths of
# a figure at random: with the same seed for every figure, the same figure gives the same SVG and the same PDF.
_OURS = """<style>@page{margin:0}#kaleido-image{display:block}</style><script>
const draw = kaleido_scopes.plotly
kaleido_scopes.plotly = (...given) => {
  let seed = 20
  Math.random = () => (seed = seed * 48271 % 2147483647) / 2147483647
  return draw(...given)
}
</script></head>"""


class KeptPage(Kaleido):
    """Kaleido without the reload after every image, which reads 4.8 MB of plotly.js again."""

    async def _return_kaleido_tab(self, tab: Any) -> None:
        await self.tabs_ready.put(tab)

    async def probe(self) -> None:
        """Return once the page has answered. One that is frozen never does.

        Raises:
            RuntimeError: the page is lost.
        """
        for tab in self.tabs.values():
            answer = await tab.send_command("Runtime.evaluate", {"expression": "1"})
            if "error" in answer:
                raise RuntimeError("the page does not answer")


class Page(PageGenerator):
    """Kaleido's page, with a PDF's page filled, and plotly's random numbers seeded before each figure."""

    footer = PageGenerator.footer.replace("</head>", _OURS)


def main(folder: str, browser: str) -> None:
    """Serve requests until the standard input ends."""
    # The browser inherits descriptors 0 to 2; the pipes to the server must not stay open in it.
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    asyncio.run(_serve(requests, answers, Path(folder), browser))


async def _serve(requests: BinaryIO, answers: BinaryIO, folder: Path, browser: str) -> None:
    loop, waiting = asyncio.get_running_loop(), asyncio.Queue[bytes]()
    threading.Thread(target=_listen, args=(requests, folder, loop, waiting), daemon=True).start()
    kaleido: KeptPage | None = None
    while True:
        request = await waiting.get()
        try:
            if kaleido is None:
                kaleido = await _opened(browser, folder)
            mark, answer = DONE, await _answer(kaleido, request)
        except (KaleidoError, JavascriptError) as error:
            mark, answer = FAILED, _reason(error)
        except Exception as error:
            mark, answer = LOST, _reason(error)
        answers.write(mark + frame(answer))
        answers.flush()


async def _opened(browser: str, folder: Path) -> KeptPage:
    # MathJax off: with its server out of reach the browser would never finish to load.
    kaleido = KeptPage(n=1, timeout=None, page_generator=Page(mathjax=False), path=browser)
    await kaleido.open()

    async def crashed(_: object) -> None:
        _leave(folder)

    # The browser outlives its page, and nobody would ever answer what the page was asked.
    for tab in kaleido.tabs.values():
        tab.subscribe("Inspector.targetCrashed", crashed)
        await tab.send_command("Inspector.enable")
    return kaleido


async def _answer(kaleido: KeptPage, request: bytes) -> bytes:
    if request == PROBE:
        await kaleido.probe()
        return b""
    asked = json.loads(request)
    options = {name: asked[name] for name in ("format", "width", "height", "scale")}
    image: bytes = await kaleido.calc_fig(asked["figure"], opts=options)
    return image


def _listen(requests: BinaryIO, folder: Path, loop: asyncio.AbstractEventLoop, waiting: asyncio.Queue[bytes]) -> None:
    """Hand on requests; when the server has gone, go too. In a thread, so that a stuck browser cannot delay that."""
    while (request := read_frame(requests)) is not None:
        loop.call_soon_threadsafe(waiting.put_nowait, request)
    _leave(folder)


def _leave(folder: Path) -> NoReturn:
    sweep(folder, os.getpid())
    os._exit(1)


def _reason(error: Exception) -> bytes:
    return str(error.args[0] if error.args else type(error).__name__).encode()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
