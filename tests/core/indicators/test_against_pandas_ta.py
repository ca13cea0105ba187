"""Indicators against an independent implementation: pandas-ta-classic with its TA-Lib shortcut switched off."""

from __future__ import annotations

import numpy as np
import pandas_ta_classic as ta
import pytest

from core.bars import Bars
from core.indicators.snapshot import indicators
from tests.real_bars import sample_bars
from tests.series import random_bars


@pytest.mark.parametrize("bars", [sample_bars("IBM", 800), random_bars(3, 800)], ids=["IBM", "walk"])
def test_values_agree_once_both_have_settled(bars: Bars) -> None:
    frame = bars.frame()
    high, low, close, volume = frame["high"], frame["low"], frame["close"], frame["volume"]
    bands = ta.bbands(close, 20, 2.0, ddof=0, talib=False)
    _lower, middle, upper = (bands.filter(like=f"BB{side}_").iloc[:, 0] for side in "LMU")
    directional = ta.adx(high, low, close, 14, talib=False)
    on_balance = ta.obv(close, volume, talib=False)
    expected = {
        "EMA20": ta.ema(close, 20, talib=False),
        "EMA50": ta.ema(close, 50, talib=False),
        "EMA200": ta.ema(close, 200, talib=False),
        "RSI14": ta.rsi(close, 14, talib=False),
        "MACD_HIST": ta.macd(close, 12, 26, 9, talib=False).filter(like="MACDh").iloc[:, 0],
        "ATR14": ta.atr(high, low, close, 14, talib=False),
        "ADX14": directional.filter(like="ADX_").iloc[:, 0],
        "PLUS_DI14": directional.filter(like="DMP").iloc[:, 0],
        "MINUS_DI14": directional.filter(like="DMN").iloc[:, 0],
        "BB_POSITION20": (close - middle) / (upper - middle),
        "VOLUME_FLOW20": on_balance.diff(20) / volume.rolling(20).sum(),
    }
    ours = indicators(bars)
    assert set(ours) == set(expected)
    for name, reference in expected.items():
        # Wilder's averages may start from different seeds; after 600 bars the seed has faded out.
        np.testing.assert_allclose(ours[name][600:], reference.to_numpy()[600:], rtol=1e-6, atol=1e-7, err_msg=name)
