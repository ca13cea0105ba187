"""Pictures of a trade: its own charts at entry and exit, and the screenshots that were uploaded."""

from __future__ import annotations

import os

import streamlit as st

from core.errors import ChartroomError
from core.settings import Settings
from dashboard import data, dialogs
from dashboard.charts.exports import charts_folder, export_panel
from dashboard.components import dialog_parts
from dashboard.components.markup import markdown
from dashboard.components.panels import section
from db.actions.chart_trades import trade_request
from db.actions.trade_images import CAPTION_LENGTH, MOST_BYTES, add_image, remove_image
from db.store.charts.exports import read_file
from db.views.trades import TradeDetail

_TYPES = ["png", "jpg", "jpeg", "webp"]
_ERROR, _ROUND = "picture_error", "picture_round"


def pictures(detail: TradeDetail) -> None:
    """Show them; below, add one of your own or export the chart."""
    trade_id = detail.trade.id or 0
    section(f"Charts and screenshots ({len(detail.charts) + len(detail.images)})")
    if detail.charts or detail.images:
        with st.container(key="trade_pictures"):
            for chart in detail.charts:
                with st.container(key=f"picture_chart_{chart.id}"):
                    _own_chart(chart.title, chart.path)
            for image in detail.images:
                with st.container(key=f"picture_{image.id}"):
                    _shot(image.id or 0, image.path, image.caption)
    else:
        st.caption("The desk draws a chart at entry and exit by itself as soon as bars are stored.")
    _upload(trade_id)
    request = data.read(trade_request, trade_id)
    if request is None:
        st.caption("Its symbol has no bars yet, so there is no chart to export.")
    else:
        export_panel("trade", trade_id, request, f"Charts of trade {trade_id}")


def _own_chart(title: str, path: str | None) -> None:
    try:
        st.image(read_file(charts_folder(), path or ""))
    except ChartroomError as error:
        st.caption(markdown(error.message))
    st.caption(markdown(title))


def _shot(image_id: int, path: str, caption: str) -> None:
    try:
        st.image(read_file(Settings.from_mapping(os.environ).uploads, path))
    except ChartroomError:
        st.caption("The file of this screenshot is gone from the uploads folder.")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption(markdown(caption or "Screenshot"))
        st.button("Remove", key=f"picture_remove_{image_id}", on_click=_remove, args=(image_id,))


def _upload(trade_id: int) -> None:
    # A new key after each upload: the widget would offer the same file again.
    place = st.session_state.setdefault(_ROUND, 0)
    with st.expander("Add a screenshot", key=f"picture_panel_{trade_id}", on_change="rerun") as panel:
        if not panel.open:
            return
        st.file_uploader(
            f"PNG, JPEG or WebP of at most {MOST_BYTES // 2**20} MB",
            _TYPES,
            key=f"picture_file_{place}",
            max_upload_size=MOST_BYTES // 2**20,
        )
        st.text_input("Caption", key=f"picture_caption_{place}", max_chars=CAPTION_LENGTH)
        dialog_parts.show_kept(_ERROR)
        st.button("Add it", type="primary", key="picture_add", on_click=_add, args=(trade_id, place))


def _add(trade_id: int, place: int) -> None:
    file = st.session_state.get(f"picture_file_{place}")
    if file is None:
        st.session_state[_ERROR] = "Choose a file first."
        return
    folder = Settings.from_mapping(os.environ).uploads
    caption = str(st.session_state.get(f"picture_caption_{place}") or "")
    with dialog_parts.attempt(_ERROR):
        add_image(data.engine(), folder, trade_id, file.getvalue(), caption, data.now())
        st.session_state[_ROUND] = place + 1
        dialogs.succeed("The screenshot is added.")


def _remove(image_id: int) -> None:
    with dialog_parts.attempt(_ERROR):
        remove_image(data.engine(), image_id, data.now())
