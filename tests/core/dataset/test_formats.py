"""What label files say, compared with the boxes they come from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dataset.classes import NUMBER_OF
from core.dataset.formats import LEAST_PIXELS, WrittenImage, WrittenLabel, coco_annotations, pixels, yolo_lines

SHARE = st.floats(0, 1)


def image(*boxes: tuple[float, float, float, float]) -> WrittenImage:
    labels = [WrittenLabel("order_block", 1, 0.8, "", 0, 1, 2, 1.0, 2.0, box, "") for box in boxes]
    return WrittenImage(
        4, "images/train/a.png", "00", "train", "A", "H1", "line", 0, 9, 9, 1.0, 2.0, 1.5, 800, 600, True, False, labels
    )


@given(SHARE, SHARE, SHARE, SHARE)
def test_a_written_box_holds_the_pattern_and_stays_in_the_image(a: float, b: float, c: float, d: float):
    (x0, x1), (y0, y1) = sorted((a, c)), sorted((b, d))
    x, y, width, height = pixels((x0, y0, x1, y1), 800, 600)
    assert x >= 0
    assert y >= 0
    assert x + width <= 800 + 1e-9
    assert y + height <= 600 + 1e-9
    assert min(width, height) >= LEAST_PIXELS
    assert x <= x0 * 800 + 1e-9
    assert x + width >= x1 * 800 - 1e-9
    if x1 - x0 > 0.01:
        assert width == pytest.approx((x1 - x0) * 800)


def test_both_formats_name_the_same_box():
    drawn = image((0.1, 0.2, 0.3, 0.6), (0.5, 0.5, 0.5, 0.5))
    number, x, y, width, height = yolo_lines(drawn).splitlines()[0].split()
    assert int(number) == NUMBER_OF["order_block"]
    assert [float(x), float(y), float(width), float(height)] == pytest.approx([0.2, 0.4, 0.2, 0.4])
    first, second = coco_annotations(drawn, 7)
    assert first["bbox"] == pytest.approx([80, 120, 160, 240])
    assert first["area"] == pytest.approx(160 * 240)
    assert (first["id"], first["image_id"], first["category_id"]) == (7, 5, NUMBER_OF["order_block"] + 1)
    assert second["bbox"][2:] == [LEAST_PIXELS, LEAST_PIXELS]
