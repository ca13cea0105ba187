"""The Streamlit entry, `python -m streamlit run dashboard/app.py` from the root: navigation, style, status, page."""

from __future__ import annotations

import sys
from pathlib import Path

# Streamlit puts this file's folder on the path; the packages live one floor higher.
ROOT = str(Path(__file__).resolve().parent.parent)
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)

import streamlit as st  # noqa: E402

from dashboard import navigation, status  # noqa: E402
from dashboard.components import style  # noqa: E402

HERE = Path(__file__).resolve().parent

# Icons are files of ours: Streamlit would fetch a named one from a font server.
st.set_page_config(page_title="Chartroom", page_icon=HERE / "icon.svg", layout="wide")
st.logo(HERE / "logo.svg", icon_image=HERE / "logo.svg", size="large")
page = st.navigation(navigation.pages(), position="top")
style.apply()
status.begin_page()
status.status_line()
page.run()
