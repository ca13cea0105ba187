"""Whose chain it is: the heading, its permanent address and where else to look."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from dashboard import navigation
from dashboard.components import formats
from dashboard.components.markup import Markup, pill, show, tag
from dashboard.components.panels import heading
from dashboard.lineage.address import href
from db.views.lineage.search import TITLES
from db.views.lineage.subjects import Subject

_TONES = {"failed": "down", "done": "up", "accepted": "up", "rejected": "down", "new": "accent", "open": "accent"}
_PAGES = {
    "signal": ("signals", "signal"),
    "trade": ("journal", "trade"),
    "order_ticket": ("orders", "order"),
    "strategy": ("strategies", "strategy"),
    "account": ("accounts", "account"),
    "portfolio": ("portfolio", "portfolio"),
    "corporate_action": ("portfolio", None),
    "prompt_version": ("prompts", None),
    "question": ("ask", "question"),
}


def title(subject: Subject) -> None:
    """What it is, in one line."""
    side = tag("b", formats.side(subject.direction), cls="up" if subject.direction > 0 else "down")
    heading(
        f"{name(subject)}: {subject.symbol or subject.title}",
        subject.title if subject.symbol else "",
        side if subject.direction else "",
        pill(subject.status, _TONES.get(subject.status, "")) if subject.status else Markup(""),
        f"{formats.utc(subject.moment)} UTC",
        source=subject.source,
    )


def name(subject: Subject) -> str:
    """`Signal 12`."""
    return f"{TITLES.get(subject.entity, subject.entity.capitalize())} {subject.id}"


def reason(error: str) -> None:
    """Why it failed."""
    show(tag("div", error, cls="reason"))


def links(subject: Subject) -> None:
    """The page that the subject lives on."""
    if subject.entity in _PAGES:
        page, parameter = _PAGES[subject.entity]
        label = f"Open {TITLES.get(subject.entity, subject.entity).lower()}"
        navigation.link(page, label, **({parameter: subject.id} if parameter else {}))


def address(subject: Subject) -> None:
    """The permanent address of what is shown, to copy."""
    with st.popover("Address"):
        st.caption("The permanent address of this chain, with the step that is lit.")
        step, other = navigation.query_id("step"), navigation.query_id("with")
        st.code(f"{_base()}/{href(subject.entity, subject.id, step, other)}", language=None, wrap_lines=True)


def _base() -> str:
    """The dashboard's own address, as this browser sees it."""
    parts = urlsplit(st.context.url or "")
    return f"{parts.scheme}://{parts.netloc}{parts.path.removesuffix('/').removesuffix('/lineage')}"
