"""Canonical hashes: the same content, the same hash, on every machine."""

import hashlib
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bars import Bars
from core.lineage import canonical_json, content_hash
from core.patterns.events import EVENT
from core.timeframe import Calendar, Timeframe

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.decimals(allow_nan=False, places=8),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@dataclass(frozen=True)
class Zone:
    top: float
    bottom: float


def test_golden_value():
    spelled = '{"a":[1,2.5,null,true],"price":"1.25"}'
    assert canonical_json({"price": Decimal("1.250"), "a": [1, 2.5, None, True]}) == spelled
    assert content_hash({"price": Decimal("1.25"), "a": (1, 2.5, None, True)}) == (
        hashlib.sha256(spelled.encode()).hexdigest()
    )


@given(st.dictionaries(st.text(), VALUES))
def test_the_order_of_keys_does_not_matter(value):
    assert content_hash(value) == content_hash(dict(reversed(value.items())))


@given(VALUES)
def test_every_plain_value_has_one_hash(value):
    assert content_hash(value) == content_hash(value)
    assert len(content_hash(value)) == 64


def test_equal_floats_hash_equally():
    assert content_hash(0.0) == content_hash(-0.0)
    assert content_hash(np.float64(0.1)) == content_hash(0.1)
    assert content_hash(0.1) != content_hash(np.nextafter(0.1, 1))
    assert content_hash(float("nan")) == content_hash(-float("nan"))
    assert len({content_hash(value) for value in (float("nan"), float("inf"), -float("inf"), 0.0, 0)}) == 5


def test_equal_decimals_hash_equally():
    assert content_hash(Decimal("100")) == content_hash(Decimal("1E+2")) == content_hash(Decimal("100.00"))
    assert content_hash(Decimal("-0.00")) == content_hash(Decimal(0))


def test_arrays_hash_by_type_shape_and_values():
    row = np.arange(6.0)
    assert content_hash(row) == content_hash(row.copy())
    assert content_hash(row.reshape(2, 3)) == content_hash(np.asfortranarray(row.reshape(2, 3)))
    different = (row, row.reshape(2, 3), row.astype(np.float32), row.astype(np.int64), row[::-1])
    assert len({content_hash(array) for array in different}) == 5
    assert content_hash(np.arange(12.0)[::2]) == content_hash(np.arange(0.0, 12.0, 2.0))


def test_zero_and_nan_have_one_form_in_arrays():
    negative_nan = np.array([0xFFF8_0000_0000_0000], dtype=np.uint64).view(np.float64)
    assert content_hash(negative_nan) == content_hash(np.array([np.nan]))
    assert content_hash(np.array([-0.0])) == content_hash(np.array([0.0]))
    events = np.zeros(2, EVENT)
    other = events.copy()
    other["level"] = -0.0
    assert content_hash(events) == content_hash(other)
    other["score"][1] = 0.5
    assert content_hash(events) != content_hash(other)


def test_dataclasses_enums_and_bars_have_a_canonical_form():
    assert content_hash(Zone(2.0, 1.0)) == content_hash({"bottom": 1.0, "top": 2.0})
    assert content_hash([Timeframe.M5, Calendar.FX]) == content_hash([5, "fx"])
    bars = Bars.from_rows(Timeframe.M5, [(0, 1.0, 2.0, 0.5, 1.5, 10.0)])
    changed = Bars.from_rows(Timeframe.M5, [(0, 1.0, 2.0, 0.5, 1.5, 11.0)])
    assert content_hash(bars) == content_hash(bars[:]) != content_hash(changed)


@pytest.mark.parametrize("value", [{1, 2}, object(), Zone, np.array([object()])])
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(TypeError, match="no canonical form"):
        content_hash(value)
