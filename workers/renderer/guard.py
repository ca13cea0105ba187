"""The process around one browser: draws one figure, answers on its standard output, and dies with whoever started it.

Run as `python -m workers.renderer.guard FOLDER BROWSER`. A request is a four-byte length and JSON (`figure`, `width`,
`height`, `scale`, `timeout`); the answer is one byte (`+` or `-`), a four-byte length, and a PNG or the reason. When
the standard input ends, the browser and everything in FOLDER go, whatever state they are in.
"""

from __future__ import annotations

import asyncio
import json
import os
import struct
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO, Final

from workers.renderer.cleanup import sweep

LENGTH: Final = struct.Struct(">I")
DONE, FAILED = b"+", b"-"


def main(folder: str, browser: str) -> None:
    """Serve one request."""
    # The browser inherits descriptors 0 to 2; the pipes to the parent must not stay open in it.
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    request = json.loads(requests.read(LENGTH.unpack(requests.read(LENGTH.size))[0]))
    threading.Thread(target=_die_with_parent, args=(requests, Path(folder)), daemon=True).start()
    try:
        mark, answer = DONE, asyncio.run(_draw(request, browser))
    except Exception as error:
        mark, answer = FAILED, str(error.args[0] if error.args else type(error).__name__).encode()
    answers.write(mark + LENGTH.pack(len(answer)) + answer)
    answers.flush()
    threading.Event().wait()  # the parent ends this process once it has read the answer


async def _draw(request: dict[str, Any], browser: str) -> bytes:
    # Imported here: the parent imports this module for its constants.
    import plotly  # noqa: PLC0415
    from kaleido import Kaleido  # noqa: PLC0415

    script = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    size = {"format": "png", **{name: request[name] for name in ("width", "height", "scale")}}
    # MathJax off: with its server out of reach the browser would never finish to load.
    async with Kaleido(
        n=1, timeout=request["timeout"], mathjax=False, plotlyjs=script.as_uri(), path=browser
    ) as kaleido:
        return await kaleido.calc_fig(request["figure"], opts=size)


def _die_with_parent(requests: BinaryIO, folder: Path) -> None:
    requests.read()
    sweep(os.getpid(), folder)
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
