"""What the Lineage page shows, as its address says it: `?signal=12`, `?order=3&step=345`, `?run=7&with=6`."""

from __future__ import annotations

from typing import Final

from dashboard import navigation

PARAMETERS: Final = {
    "step": "step",
    "signal": "signal",
    "trade": "trade",
    "order_ticket": "order",
    "chart_export": "export",
    "run": "run",
    "opinion": "opinion",
    "question": "question",
    "prompt_version": "prompt",
    "strategy": "strategy",
    "account": "account",
    "challenge": "challenge",
    "portfolio": "portfolio",
    "corporate_action": "action",
    "import_batch": "import",
}
"""What each entity is called in an address."""


def asked() -> tuple[str, int] | None:
    """Entity and id in the address; a step counts only where nothing else is named: else it is the lit one."""
    for entity in (*[*PARAMETERS][1:], "step"):
        found = navigation.query_id(PARAMETERS[entity])
        if found is not None:
            return entity, found
    return None


def href(entity: str, entity_id: int, step: int | None = None, other: int | None = None) -> str:
    """The address of a chain, with a step lit or beside another one, below the dashboard's own address."""
    extra = {"step": step if entity != "step" else None, "with": other}
    told = "".join(f"&{name}={value}" for name, value in extra.items() if value is not None)
    return f"lineage?{PARAMETERS[entity]}={entity_id}{told}"
