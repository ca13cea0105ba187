"""What the Dataset page says while there is nothing."""

from __future__ import annotations

from dashboard.components.panels import code, empty


def no_builds() -> None:
    empty(
        "No data set yet.",
        "A data set is a folder of chart images with the boxes of the patterns on them, split by time for training. "
        "Press New data set above, or run ",
        code("python -m workers dataset --timeframes 1h,4h --days-back 90 --out DIR"),
        ".",
    )


def no_matching_images() -> None:
    empty("No image matches these filters.", "Take one away to see more.")


def unknown_image(image_id: int) -> None:
    empty(
        f"There is no image {image_id} in this data set.",
        "The address names one that does not exist. Choose the data set above to see its images.",
    )


def no_file() -> None:
    empty("The file of this image is gone.", "Build the data set again: what is missing is drawn anew.")
