"""Packed bars come back bit by bit, whatever they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.bar_pack import pack, unpack
from core.bars import COLUMNS, Bars
from core.errors import BarsError
from core.timeframe import Timeframe
from tests.real_bars import REAL_BARS

anything = st.one_of(
    st.floats(allow_nan=True), st.decimals(0, 10**6, places=5).map(float), st.integers(0, 2**60).map(float)
)


def exactly(one: Bars, other: Bars) -> bool:
    return all(getattr(one, name).tobytes() == getattr(other, name).tobytes() for name in COLUMNS)


@settings(max_examples=150)
@given(data=st.data(), count=st.integers(0, 12))
def test_any_bars_come_back_as_they_were(data, count) -> None:
    kind = data.draw(st.sampled_from([anything, st.decimals(1, 2, places=5).map(float), st.integers(0, 99).map(float)]))
    times = data.draw(arrays(np.int64, count, elements=st.integers(0, 2**42), unique=True))
    bars = Bars(Timeframe.M5, np.sort(times), *(data.draw(arrays(np.float64, count, elements=kind)) for _ in range(5)))
    assert exactly(unpack(pack(bars), Timeframe.M5), bars)


@pytest.mark.parametrize("name", REAL_BARS)
def test_real_bars_come_back_and_are_small(name) -> None:
    bars = REAL_BARS[name]()
    text = pack(bars)
    assert exactly(unpack(text, bars.timeframe), bars)
    assert len(text) < 20 * len(bars)


@pytest.mark.parametrize("text", ["no text", "AAAA", "eJwDAAAAAAE="])
def test_another_text_is_refused(text) -> None:
    with pytest.raises(BarsError, match="no packed bars"):
        unpack(text, Timeframe.M5)
