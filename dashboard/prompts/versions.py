"""The versions of a prompt: what changed, how often each was asked, and two of them beside each other."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import data
from dashboard.components import formats
from dashboard.components.markup import show, table
from dashboard.components.panels import note, section
from dashboard.prompts import drafts as prompt_drafts
from dashboard.prompts.diff import diff
from db.models import PromptVersion
from db.views.prompts import PromptLine, version_uses

_HEADS = (
    ("Version", "num"),
    ("Saved (UTC)", "nowrap"),
    ("What changed", ""),
    ("First asked (UTC)", "nowrap"),
    ("Asked", "num"),
)


def versions_panel(key: data.Stamp, line: PromptLine, versions: Sequence[PromptVersion]) -> None:
    """Draw the list, and below it the difference between two; `versions` come newest first."""
    uses = data.cached(key, version_uses, line.prompt.id or 0)
    rows = [
        (
            one.number,
            formats.utc(one.created_at),
            one.note or "-",
            formats.utc(one.used_at),
            f"{uses.get(one.id or 0, 0):,}",
        )
        for one in versions
    ]
    section(f"Versions of {line.prompt.name} ({len(versions)})")
    show(table(_HEADS, rows))
    note("A version never changes: every save makes the next one, and the newest is asked with.")
    if len(versions) < 2:  # noqa: PLR2004
        return
    by_number = {one.number: one for one in versions}
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        before = st.selectbox("From version", list(by_number), index=1, key=f"prompt_from_{line.prompt.id}", width=150)
        after = st.selectbox("To version", list(by_number), index=0, key=f"prompt_to_{line.prompt.id}", width=150)
        st.button(
            f"Edit version {before} anew",
            key="prompt_restore",
            on_click=_take,
            args=(line.prompt.id or 0, by_number[before], versions[0].number),
            help="Its texts come into the editor; saving them makes the next version.",
        )
    for title, name in (("System", "system"), ("Template", "template")):
        section(title)
        show(diff(getattr(by_number[before], name), getattr(by_number[after], name)))


def _take(prompt_id: int, version: PromptVersion, newest: int) -> None:
    prompt_drafts.begin(prompt_id, version)
    prompt_drafts.write(prompt_id, version.system, version.template)
    prompt_drafts.see(prompt_id, newest)
    st.session_state["prompt_part"] = "Wording"
