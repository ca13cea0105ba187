"""Streamlit's own script runner over the real entry script, and what it wrote as text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]


def open_page(name: str, **query: str) -> AppTest:
    """The page as a person sees it who opens its address; fails on any exception in it."""
    at = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=30)
    for key, value in query.items():
        at.query_params[key] = value
    if name != "home":
        at.switch_page(f"../pages/{name}.py")
    return run(at)


def run(at: AppTest, *_done: object) -> AppTest:
    """Run again after what was done to its widgets; fails on any exception."""
    at.run()
    assert not at.exception, at.exception
    return at


def text(at: AppTest) -> str:
    """Everything written, HTML and Markdown as they stand."""
    pieces = [element.proto.body for element in at.get("html")]
    pieces += [element.value for kind in ("markdown", "caption", "error", "warning") for element in getattr(at, kind)]
    pieces += [element.proto.label for element in at.get("page_link")]
    return "\n".join(pieces)


def charts(at: AppTest) -> list[list[dict[str, Any]]]:
    """The payloads of the candle charts and curves on the page."""
    return [json.loads(element.proto.json_args)["charts"] for element in at.get("component_instance")]
