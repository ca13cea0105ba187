"""Dataset: labelled chart images for machine learning: build them, look at them, judge their labels, take them away."""

from __future__ import annotations

import streamlit as st

from dashboard import data, navigation, status
from dashboard.dataset import builds as dataset_builds
from dashboard.dataset import empties as dataset_empties
from dashboard.dataset import form as dataset_form
from dashboard.dataset import gallery as dataset_gallery
from dashboard.dataset import review as dataset_review
from db.views import datasets

key = status.page_stamp()
build = dataset_builds.chosen_build(data.cached(key, datasets.builds))
dataset_form.new_build_dialog(key)
if build is None or build.id is None:
    dataset_empties.no_builds()
    st.stop()

found = data.cached(key, datasets.counts, build.id)
image_id = navigation.query_id("image")
detail = data.cached(key, datasets.image_detail, image_id) if image_id else None
if image_id and (detail is None or detail.build.id != build.id):
    dataset_empties.unknown_image(image_id)
elif detail is not None:
    dataset_review.review(key, detail)
else:
    dataset_builds.progress(build)
    dataset_builds.figures(found)
    if found.splits:
        dataset_gallery.gallery(key, build, found)
