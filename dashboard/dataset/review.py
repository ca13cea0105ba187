"""One image: its labels over it, and a click to accept, correct or reject each."""

from __future__ import annotations

import streamlit as st

from core.dataset.labels import Box
from core.dataset.scenes import type_title
from core.timeframe import Timeframe
from dashboard import data
from dashboard.components import dialog_parts, formats
from dashboard.components.markup import Markup, show, tag
from dashboard.components.panels import heading
from dashboard.dataset import empties as dataset_empties
from dashboard.dataset.files import image_bytes
from dashboard.dataset.gallery import current_filter, open_image
from dashboard.dataset.judging import CURRENT, ERROR, MOVE, accept_others, judge, relabelled, steps_on, undo
from dashboard.dataset.labels import label_table
from dashboard.dataset.preview import label_title, preview
from dashboard.patterns.kind_picker import kind_picker
from db.actions.dataset_review import LabelVerdict
from db.models import ChartPattern
from db.store.datasets import judged_box
from db.views.datasets import ImageDetail, neighbours

_SIDES = ("Left", "Top", "Right", "Bottom")


def review(key: data.Stamp, detail: ImageDetail) -> None:
    """Draw image, facts, buttons and the list of its labels."""
    _title(key, detail)
    current = _current(detail.patterns)
    place, side = st.columns([1.9, 1], gap="medium")
    with side:
        _progress(detail.patterns)
        dialog_parts.show_kept(ERROR)
        moved = _controls(detail, current)
        if detail.patterns:
            label_table(detail, current)
    with place:
        png = image_bytes(detail.build, detail.image.path)
        if png is None:
            dataset_empties.no_file()
            return
        preview(png, detail.image.path, detail.patterns, current.id if current else None, moved)
        if detail.entries:
            _entries(detail)


def _title(key: data.Stamp, detail: ImageDetail) -> None:
    image, build_id = detail.image, detail.build.id or 0
    before, after = data.cached(key, neighbours, current_filter(build_id), image.number)
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="dataset_title"):
        st.button("Gallery", key="dataset_gallery_back", on_click=open_image, args=(build_id, None))
        for label, target in (("Previous", before), ("Next", after)):
            name = f"dataset_{label.lower()}"
            st.button(label, key=name, disabled=target is None, on_click=open_image, args=(build_id, target))
        heading(
            f"{detail.symbol.name} {Timeframe(image.timeframe).name} {type_title(image.chart_type)}",
            f"{image.candles} bars, {formats.utc(image.start)} to {formats.utc(image.end)} UTC",
            image.split or "no split",
            f"image {image.number + 1}",
            source=detail.symbol.source,
        )


def _current(patterns: list[ChartPattern]) -> ChartPattern | None:
    """The label that was clicked, else the first that nobody has judged."""
    by_id = {one.id: one for one in patterns}
    chosen = by_id.get(st.session_state.get(CURRENT))
    return chosen or next((one for one in patterns if not one.verdict), None)


def _progress(patterns: list[ChartPattern]) -> None:
    judged = sum(bool(one.verdict) for one in patterns)
    share = 100 * judged / len(patterns) if patterns else 100
    bar = tag("div", tag("span", style=f"width:{share:.0f}%"), cls="progress")
    show(tag("div", tag("b", f"{judged} of {len(patterns)}"), " labels judged", bar))


def _controls(detail: ImageDetail, current: ChartPattern | None) -> Box | None:
    """The buttons; the box as it is being moved, None while it is not."""
    image_id = detail.image.id or 0
    moved = None
    if current is not None:
        _facts(detail, current)
        with st.container(horizontal=True, gap="small", key="dataset_verdicts"):
            for label, verdict in (("Accept", "accepted"), ("Reject", "rejected")):
                st.button(
                    label,
                    key=f"dataset_{verdict}",
                    type="primary" if verdict == "accepted" else "secondary",
                    on_click=judge,
                    args=(image_id, current.id, LabelVerdict(verdict)),
                    width="stretch",
                )
        _relabel(current)
        moved = _mover(detail, current)
    steps = steps_on(image_id)
    open_ = any(not one.verdict for one in detail.patterns)
    with st.container(horizontal=True, gap="small", key="dataset_moves"):
        st.button(
            "Accept the rest",
            key="dataset_rest",
            disabled=not open_,
            on_click=accept_others,
            args=(image_id,),
            width="stretch",
        )
        st.button("Undo", key="dataset_undo", disabled=not steps, on_click=undo, args=(image_id,), width="stretch")
    return moved


def _facts(detail: ImageDetail, current: ChartPattern) -> None:
    up, tick = current.direction > 0, detail.symbol.tick_size
    rows: list[tuple[str, object]] = [
        ("Direction", tag("b", "Up" if up else "Down", cls="up" if up else "down")),
        ("Score", f"{current.score:.2f}"),
        ("Range", f"{formats.price(current.price_low, tick)} to {formats.price(current.price_high, tick)}"),
        ("Known", f"{formats.utc(current.known_at)} UTC"),
        ("Then", formats.words(current.status) or "untouched"),
        ("Review", current.verdict or "open"),
    ]
    listed = tag("dl", *(_fact(name, value) for name, value in rows), cls="trade")
    show(tag("div", tag("h3", label_title(current)), listed, cls="review"))


def _fact(name: str, value: object) -> Markup:
    return tag("div", tag("dt", name), tag("dd", value))


def _relabel(current: ChartPattern) -> None:
    """Choosing the right kind is the click that corrects."""
    picker = f"dataset_kind_{current.id}"
    kind_picker("Correct", current.kind, picker, relabelled, (current.image_id, current.id, _box_of(current), picker))


def _mover(detail: ImageDetail, current: ChartPattern) -> Box | None:
    """Four fields in pixels, and the click that keeps them."""
    if not st.toggle("Move the box", key=MOVE):
        return None
    width, height = detail.image.width, detail.image.height
    values = [share * size for share, size in zip(judged_box(current), (width, height) * 2, strict=True)]
    fields = []
    with st.container(key="dataset_box"):
        for name, value, limit in zip(_SIDES, values, (width, height) * 2, strict=True):
            key = f"dataset_{name.lower()}_{current.id}"
            fields.append(
                st.number_input(f"{name} (px)", 0.0, float(limit), round(value, 1), 1.0, format="%.1f", key=key)
            )
    box = (fields[0] / width, fields[1] / height, fields[2] / width, fields[3] / height)
    said = LabelVerdict("corrected", current.label, box)
    st.button(
        "Keep this box", key="dataset_keep", on_click=judge, args=(current.image_id, current.id, said), width="stretch"
    )
    return box


def _entries(detail: ImageDetail) -> None:
    best = max(detail.entries, key=lambda one: one.confidence)
    tick = detail.symbol.tick_size
    words = (
        f"Surest of {len(detail.entries)} entries: {formats.words(best.entry_type.lower())} at "
        f"{formats.price(best.entry, tick)}, stop {formats.price(best.stop, tick)}, "
        f"target {formats.price(best.target, tick)}, {best.reward_risk:.1f} R, "
        f"confidence {formats.percent(best.confidence)}; structure {best.market_structure}."
    )
    show(tag("div", words, cls="muted plain"))


def _box_of(current: ChartPattern) -> Box | None:
    return judged_box(current) if current.box else None
