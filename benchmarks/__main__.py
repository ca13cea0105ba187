"""`python -m benchmarks NAME`."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

HELPERS = {"render_scene", "__init__", "__main__", "render_plotly", "timing", "page_script"}


def main(arguments: list[str]) -> int:
    """Run one benchmark and print its figures as one line of JSON."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in HELPERS)
    if len(arguments) != 1 or arguments[0] not in names:
        print(f"usage: python -m benchmarks NAME, where NAME is one of {', '.join(names)}", file=sys.stderr)
        return 2
    print(json.dumps(importlib.import_module(f"benchmarks.{arguments[0]}").run()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
