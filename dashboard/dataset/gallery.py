"""The images of a data set, a page at a time, and the filters over them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import streamlit as st

from core.dataset.scenes import type_title
from core.dataset.split import SPLITS
from core.patterns.naming import kind_named, title
from core.timeframe import Timeframe
from dashboard import data
from dashboard.components import formats
from dashboard.components.markup import markdown, show, tag
from dashboard.dataset import empties as dataset_empties
from dashboard.dataset.files import image_bytes
from db.models import DatasetBuild
from db.views.datasets import PARTLY, REVIEWED, UNREVIEWED, Counts, ImageFilter, Thumb
from db.views.datasets import gallery as read_gallery

T = TypeVar("T")

SHOWN = 15
_PAGE = "dataset_page"
_FILTER = "dataset_filter"
_REVIEWS = {"": "Review", UNREVIEWED: "Not begun", PARTLY: "Begun", REVIEWED: "Reviewed"}
_SCORES = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9)


def gallery(key: data.Stamp, build: DatasetBuild, found: Counts) -> None:
    """Draw filters, images and the way to the next ones."""
    wanted = _filters(build.id or 0, found)
    if st.session_state.get(_FILTER) != wanted:
        st.session_state[_FILTER], st.session_state[_PAGE] = wanted, 0
    first = SHOWN * int(st.session_state[_PAGE])
    thumbs, total = data.cached(key, read_gallery, wanted, first, SHOWN)
    if not thumbs:
        dataset_empties.no_matching_images()
        return
    with st.container(key="dataset_gallery"):
        for thumb in thumbs:
            _thumb(build, thumb)
    _pager(first, len(thumbs), total)


def current_filter(build_id: int) -> ImageFilter:
    """The filter of the gallery, for going from image to image; everything before there was one."""
    kept: ImageFilter | None = st.session_state.get(_FILTER)
    return kept if kept is not None and kept.build_id == build_id else ImageFilter(build_id)


def open_image(build_id: int, image_id: int | None) -> None:
    """Show one image, or the gallery again; for `on_click`."""
    image = {} if image_id is None else {"image": str(image_id)}
    st.query_params.from_dict({"build": str(build_id)} | image)


def _filters(build_id: int, found: Counts) -> ImageFilter:
    symbols = dict(found.choices["symbols"])
    with st.container(horizontal=True, gap="small", key="dataset_filters"):
        return ImageFilter(
            build_id,
            symbols=_choose("Symbols", symbols, "dataset_symbols"),
            timeframes=_choose(
                "Timeframes", {one: Timeframe(one).name for one in found.choices["timeframes"]}, "dataset_timeframes"
            ),
            types=_choose("Chart types", {one: type_title(one) for one in found.choices["types"]}, "dataset_types"),
            splits=_choose("Splits", {one: one for one in SPLITS if one in found.splits}, "dataset_splits"),
            kinds=_choose(
                "Patterns",
                {kind: f"{title(kind_named(kind))} ({count:,})" for kind, count in sorted(found.kinds.items())},
                "dataset_kinds",
            ),
            score=st.selectbox(
                "Score",
                _SCORES,
                format_func=lambda least: f"From {least:g}" if least else "Score",
                label_visibility="collapsed",
                key="dataset_score",
            ),
            review=st.selectbox(
                "Review",
                list(_REVIEWS),
                format_func=_REVIEWS.__getitem__,
                label_visibility="collapsed",
                key="dataset_reviewed",
            ),
        )


def _choose(label: str, offered: Mapping[T, str], key: str) -> tuple[T, ...]:
    # A choice of another data set that this one does not offer is no choice here.
    state = st.session_state
    state[key] = [one for one in state.get(key, []) if one in offered]
    chosen = st.multiselect(
        label,
        list(offered),
        format_func=lambda one: offered.get(one, str(one)),
        placeholder=label,
        label_visibility="collapsed",
        key=key,
    )
    return tuple(chosen)


def _thumb(build: DatasetBuild, thumb: Thumb) -> None:
    with st.container(key=f"thumb_{thumb.id}"):
        png = image_bytes(build, thumb.path)
        if png is None:
            show(tag("div", "The file is gone.", cls="muted"))
        else:
            st.image(png, width="stretch")
        label = f"{thumb.symbol} {Timeframe(thumb.timeframe).name} {type_title(thumb.chart_type)}"
        st.button(
            markdown(label),
            key=f"open_image_{thumb.id}",
            on_click=open_image,
            args=(build.id, thumb.id),
            width="stretch",
        )
        judged = f"{thumb.judged} of {thumb.labels} judged"
        show(tag("div", tag("span", f"{formats.utc(thumb.end)[:16]} {thumb.split}"), tag("span", judged), cls="muted"))


def _pager(first: int, count: int, total: int) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="dataset_pager"):
        st.button("Back", key="dataset_back", disabled=first == 0, on_click=_turn, args=(-1,))
        st.button("More", key="dataset_more", disabled=first + count >= total, on_click=_turn, args=(1,))
        show(tag("span", f"{first + 1:,} to {first + count:,} of {total:,} images", cls="muted"))


def _turn(pages: int) -> None:
    st.session_state[_PAGE] = max(0, int(st.session_state.get(_PAGE, 0)) + pages)
