"""Which data set is shown, how far it is, and what can be done with it."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from core.dataset.scenes import type_title
from dashboard import data, dialogs, navigation
from dashboard.components import formats
from dashboard.components.markup import markdown, pill, show, tag
from dashboard.components.panels import Figure, strip
from dashboard.dataset import actions
from dashboard.dataset.files import archive_of
from dashboard.dataset.form import DIALOG
from db.models import DatasetBuild
from db.store.datasets import get_build
from db.views.datasets import Counts, last_drawn, newest_review

REFRESH_SECONDS = 2
_SILENT = 180
_TONES = {"done": "up", "failed": "down", "cancelled": "warning", "running": "accent", "queued": "accent"}
_OPEN = ("queued", "running")


def chosen_build(builds: list[DatasetBuild]) -> DatasetBuild | None:
    """Draw the picker and the button for a new one; the build of the address, else the newest."""
    by_id = {build.id: build for build in builds if build.id is not None}
    asked = navigation.query_id("build")
    chosen = asked if asked in by_id else next(iter(by_id), None)
    with st.container(horizontal=True, gap="small", key="dataset_bar"):
        if chosen is not None:
            picker = f"dataset_build_{chosen}"
            st.selectbox(
                "Data set",
                list(by_id),
                index=list(by_id).index(chosen),
                format_func=lambda one: _name(by_id[one]),
                label_visibility="collapsed",
                width=420,
                key=picker,
                on_change=_pick,
                args=(picker,),
            )
        st.button("New data set", key="dataset_new", type="primary", on_click=dialogs.show, args=(DIALOG, 0))
    actions.show_answer()
    return None if chosen is None else by_id[chosen]


def progress(build: DatasetBuild) -> None:
    """State and buttons; by itself up to date while the workers draw."""
    assert build.id is not None
    every = REFRESH_SECONDS if build.status in _OPEN else None
    st.fragment(_progress, run_every=every)(build.id)


def figures(found: Counts) -> None:
    """What the data set holds."""
    labels = sum(found.verdicts.values())
    judged = labels - found.verdicts.get("", 0)
    by_split = [
        Figure(name.capitalize() if name else "Images", f"{found.splits[name]:,}", "images" if name else "not split")
        for name in ("train", "validation", "test", "")
        if name in found.splits
    ]
    if by_split:
        rejected, corrected = found.verdicts.get("rejected", 0), found.verdicts.get("corrected", 0)
        strip(
            (
                *by_split,
                Figure("Labels", f"{labels:,}", f"{len(found.kinds)} kinds"),
                Figure("Judged", f"{judged:,}", f"{corrected:,} corrected, {rejected:,} rejected"),
            )
        )


def _progress(build_id: int) -> None:
    build = data.read(get_build, build_id)
    share = 100 * build.done / build.total if build.total else 0
    bar = tag("div", tag("span", style=f"width:{share:.1f}%"), cls="progress")
    show(
        tag(
            "div",
            pill(build.status, _TONES.get(build.status, "")),
            " ",
            tag("b", f"{build.done:,} of {build.total:,} images" if build.total else "not planned yet"),
            tag("span", _speed(build), cls="muted"),
            bar if build.status != "done" else "",
            tag("div", build.error, cls="down plain") if build.error else "",
            *(tag("div", note, cls="muted small") for note in build.notes),
            tag("div", f"{_recipe(build)} In {build.folder}", cls="muted small"),
        )
    )
    _buttons(build)


def _buttons(build: DatasetBuild) -> None:
    build_id = build.id or 0
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="dataset_actions"):
        if build.status in _OPEN and not _is_silent(build):
            st.button("Cancel", key="dataset_cancel", on_click=actions.cancel, args=(build_id,))
        elif build.status != "done":
            st.button("Go on", key="dataset_resume", on_click=actions.resume, args=(build_id,))
        if build.status != "done":
            return
        if _has_news(build):
            st.button("Write labels again", key="dataset_labels", on_click=actions.rewrite, args=(build_id,))
        st.button("Make archive", key="dataset_pack", on_click=actions.pack, args=(build_id,))
        path = archive_of(build)
        if path is not None:
            label = markdown(f"Download archive ({(build.archive_size or 0) / 1e6:,.1f} MB)")
            # Read when it is clicked, not on every run: an archive may be large.
            st.download_button(
                label,
                path.read_bytes,
                file_name=path.name,
                mime="application/zip",
                key="dataset_zip",
                on_click="ignore",
            )
            show(tag("span", f"packed {formats.utc(build.archived_at)} UTC", cls="muted small"))


def _speed(build: DatasetBuild) -> str:
    """Images a second since it began, and how long the rest takes."""
    if build.status != "running" or build.started_at is None or not build.done:
        return ""
    passed = (data.now() - build.started_at).total_seconds()
    if _is_silent(build):
        return f", no new image for {formats.age(_quiet_for(build))}: no worker goes on with it"
    rate = build.done / max(passed, 1.0)
    return f", about {formats.age((build.total - build.done) / rate)} left" if build.done < build.total else ""


def _is_silent(build: DatasetBuild) -> bool:
    return build.status in _OPEN and _quiet_for(build) > _SILENT


def _quiet_for(build: DatasetBuild) -> float:
    newest: datetime | None = data.read(last_drawn, build.id or 0)
    return (data.now() - max(newest or build.created_at, build.started_at or build.created_at)).total_seconds()


def _has_news(build: DatasetBuild) -> bool:
    judged = data.read(newest_review, build.id or 0)
    return judged is not None and (build.labels_at is None or judged > build.labels_at)


def _recipe(build: DatasetBuild) -> str:
    recipe = build.recipe
    kind = "Plain images." if recipe["kind"] == "charts" else f"{recipe['format'].upper()}."
    return (
        f"{kind} {', '.join(recipe['symbols'])}; {', '.join(recipe['timeframes'])}; "
        f"{', '.join(type_title(one) for one in recipe['types'])}; {recipe['days_back']} days, "
        f"{recipe['window']} bars every {recipe['stride']}; {recipe['width']} x {recipe['height']} pixels; "
        f"labels from score {recipe['score']:g}."
    )


def _name(build: DatasetBuild) -> str:
    # Nothing that changes: Streamlit takes an option whose words have changed for another choice.
    return f"{build.name}, {formats.utc(build.created_at)}"


def _pick(picker: str) -> None:
    picked = st.session_state[picker]
    if isinstance(picked, int):
        st.query_params.from_dict({"build": str(picked)})
