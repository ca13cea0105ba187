"""Export what is shown as an image, a document or a page; the newest exports of the same subject below."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from core import jobs
from core.charts.export import FORMATS, HEIGHTS, SCALES, THEMES, WIDTHS, ExportRequest
from core.errors import ChartroomError, SettingsError
from core.settings import Settings
from dashboard import data, dialogs, jobqueue, navigation
from dashboard.components import dialog_parts, formats
from dashboard.components.markup import markdown, pill, show, tag
from db.actions.chart_export import ask_export, delete_export, retry_export
from db.models import ChartExport
from db.store.charts.exports import file_inside, get_export, read_file
from db.views.chart_exports import exports_of

LISTED = 5
LATE = timedelta(minutes=10)
CUSTOM = "Custom"
SIZES = ("1280 x 720", "1920 x 1080", "1440 x 900", "800 x 600", CUSTOM)
_MIMES = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf", "html": "text/html"}
_LABELS = {"png": "PNG", "svg": "SVG", "pdf": "PDF", "html": "HTML page"}
_PILLS = {"done": "up", "failed": "down", "queued": "accent"}


def export_panel(
    subject: str, subject_id: int | None, request: ExportRequest, label: str = "Export this chart"
) -> None:
    """Draw the panel, closed until it is wanted.

    `subject` is `signal`, `trade`, `chart` or `patterns`; `subject_id` the id of the signal, the trade or (for the last
    two) the symbol. `request` says what is on the chart: format, theme, size and scale are chosen here.
    """
    name = f"export_{subject}_{subject_id or 0}"
    with st.expander(label, key=f"{name}_panel", on_change="rerun") as panel:
        if not panel.open:
            return
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key=f"{name}_choices"):
            chosen = _choices(name, request)
            asking = (name, subject, subject_id, chosen)
            st.button("Export", type="primary", key=f"{name}_ask", on_click=_ask, args=asking)
        dialog_parts.show_kept(f"{name}_error")
        rows = data.read(exports_of, subject, subject_id, LISTED)
        if not rows:
            st.caption("Nothing exported yet. What you export is kept here, with its lineage.")
        for row in rows:
            _line(name, row)


def charts_folder() -> Path:
    return Settings.from_mapping(os.environ).charts


def _choices(name: str, request: ExportRequest) -> ExportRequest:
    """The request with what the person chose."""
    form = st.selectbox("Format", FORMATS, format_func=_LABELS.__getitem__, key=f"{name}_format", width=130)
    theme = st.selectbox("Theme", THEMES, format_func=str.capitalize, key=f"{name}_theme", width=110)
    size = st.selectbox("Size (pixels)", SIZES, key=f"{name}_size", width=140)
    if size == CUSTOM:
        width = int(st.number_input("Width", *WIDTHS, request.width, 10, key=f"{name}_width", width=120))
        height = int(st.number_input("Height", *HEIGHTS, request.height, 10, key=f"{name}_height", width=120))
    else:
        width, height = (int(part) for part in size.split(" x "))
    scale = request.scale
    if form != "html":
        scale = st.number_input("Scale", *SCALES, request.scale, 0.5, format="%.1f", key=f"{name}_scale", width=110)
    return replace(request, format=form, theme=theme, width=width, height=height, scale=float(scale))


def _line(name: str, row: ChartExport) -> None:
    assert row.id is not None
    key = f"export_{row.id}"
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"{key}_line"):
        facts = f"{_LABELS[row.format]}, {row.theme}, {row.width} x {row.height}{_weight(row.size)}"
        when = f"{formats.utc(row.created_at)} UTC"
        show(
            tag(
                "div",
                pill(row.status, _PILLS[row.status]), " ", tag("b", row.title), " ", tag("span", facts, cls="muted"),
                " ", tag("span", when, cls="muted"), tag("div", row.error, cls="down plain") if row.error else "",
            )
        )  # fmt: skip
        if row.status == "done" and row.path is not None:
            _download(key, row.path, row.format)
            subject = {row.subject: row.subject_id} if row.subject in ("signal", "trade") else {"export": row.id}
            navigation.link("lineage", "Lineage", **subject)
        if row.status == "failed" or _is_late(row):
            st.button("Try again", key=f"{key}_retry", on_click=_do, args=(name, partial(_retry, row.id)))
        if row.once is None and row.status != "queued":
            st.button("Delete", key=f"{key}_delete", on_click=_do, args=(name, partial(_delete, row.id)))


def _is_late(row: ChartExport) -> bool:
    """Whether its job must have got lost: a chart takes a second, its last try comes after two minutes."""
    return row.status == "queued" and data.now() - row.created_at > LATE


def _download(key: str, path: str, form: str) -> None:
    """A button that reads the file when it is pressed; a sentence where the file is gone."""
    folder = charts_folder()
    try:
        there = file_inside(folder, path).is_file()
    except ChartroomError as error:
        st.caption(markdown(error.message))
        return
    if not there:
        st.caption("The file is gone: export it again.")
        return
    st.download_button("Download", partial(read_file, folder, path), path, _MIMES[form], key=f"{key}_download")


def _weight(size: int | None) -> str:
    return "" if size is None else f", {max(1, round(size / 1024)):,} kB"


def _ask(name: str, subject: str, subject_id: int | None, request: ExportRequest) -> None:
    def ask() -> str:
        export_id = ask_export(data.engine(), subject, subject_id, request, data.now())
        return _submit(export_id, "The chart is being drawn.")

    _do(name, ask)


def _retry(export_id: int) -> str:
    retry_export(data.engine(), export_id, data.now())
    return _submit(export_id, "The chart is drawn again.")


def _delete(export_id: int) -> str:
    delete_export(data.engine(), charts_folder(), export_id)
    return "The export is deleted."


def _submit(export_id: int, sentence: str) -> str:
    """Ask for the job. Without a queue the request waits in the data base until the workers look for what is due."""
    row = data.read(get_export, export_id)
    try:
        jobqueue.submit([jobs.render_export(export_id, int(row.created_at.timestamp() * 1000))])
    except SettingsError:
        return "The chart will be drawn as soon as the workers are back."
    return sentence


def _do(name: str, act: Callable[[], Any]) -> None:
    with dialog_parts.attempt(f"{name}_error"):
        dialogs.succeed(act())
