"""The pages, in the order of the navigation, links between them, and ids in the address."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

FOLDER = Path(__file__).resolve().parent.parent / "pages"
_LARGEST_ID = 2**31 - 1
_LONGEST_ID = 10


@dataclass(frozen=True)
class PageEntry:
    """One file of `pages/`; those of a `group` share a menu."""

    name: str
    title: str
    default: bool = False
    group: str = ""


PAGES = (
    PageEntry("home", "Home", default=True),
    PageEntry("signals", "Signals"),
    PageEntry("orders", "Orders"),
    PageEntry("portfolio", "Portfolio"),
    PageEntry("journal", "Journal"),
    PageEntry("accounts", "Accounts"),
    PageEntry("charts", "Charts"),
    PageEntry("patterns", "Patterns", group="Research"),
    PageEntry("dataset", "Dataset", group="Research"),
    PageEntry("strategies", "Strategies", group="Research"),
    PageEntry("prompts", "Prompts", group="Analyst"),
    PageEntry("ask", "Ask the desk", group="Analyst"),
    PageEntry("lineage", "Lineage", group="System"),
    PageEntry("jobs", "Jobs", group="System"),
    PageEntry("broker", "IBKR login", group="System"),
)
_BY_NAME = {entry.name: entry for entry in PAGES}


def page(name: str) -> StreamlitPage:
    entry = _BY_NAME[name]
    return st.Page(FOLDER / f"{name}.py", title=entry.title, url_path=name, default=entry.default)


def pages() -> dict[str, list[StreamlitPage]]:
    """The pages by menu; those under the empty name stand in the line itself."""
    found: dict[str, list[StreamlitPage]] = {}
    for entry in PAGES:
        found.setdefault(entry.group, []).append(page(entry.name))
    return found


def link(name: str, label: str, **parameters: int | str | None) -> None:
    """A link to a page, with query parameters. `label` is Markdown: escape what comes from outside."""
    query = {key: str(value) for key, value in parameters.items() if value is not None}
    st.page_link(page(name), label=label, query_params=query or None, width="content")


def query_id(name: str) -> int | None:
    """The row id that the address asks for (`?signal=12`); None when it is absent or no id at all."""
    text = st.query_params.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_ID):
        return None
    number = int(text)
    return number if 0 < number <= _LARGEST_ID else None
