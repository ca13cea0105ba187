"""What indicators are called in full, so that a person who looks for Bollinger finds BBANDS."""

from __future__ import annotations

from typing import Final

from core.indicators.talib_source import NAMES, abstract

_TALIB: Final = frozenset(NAMES)
_OTHERS: Final = {
    "ALMA": "Arnaud Legoux Moving Average",
    "AO": "Awesome Oscillator",
    "CE": "Chandelier Exit",
    "CHOP": "Choppiness Index",
    "CKSP": "Chande Kroll Stop",
    "CMF": "Chaikin Money Flow",
    "COPPOCK": "Coppock Curve",
    "CPR": "Central Pivot Range",
    "DONCHIAN": "Donchian Channel",
    "DPO": "Detrended Price Oscillator",
    "EFI": "Elder's Force Index",
    "EOM": "Ease of Movement",
    "ERI": "Elder Ray Index",
    "FISHER": "Fisher Transform",
    "FRACTAL": "Williams Fractals",
    "HA": "Heikin Ashi Candles",
    "HILO": "Gann High Low Activator",
    "HMA": "Hull Moving Average",
    "HVOL": "Historical Volatility",
    "ICHIMOKU": "Ichimoku Cloud",
    "JMA": "Jurik Moving Average",
    "KC": "Keltner Channel",
    "KDJ": "KDJ Oscillator",
    "KST": "Know Sure Thing",
    "KVO": "Klinger Volume Oscillator",
    "MASSI": "Mass Index",
    "MCGD": "McGinley Dynamic",
    "NVI": "Negative Volume Index",
    "PGO": "Pretty Good Oscillator",
    "PVI": "Positive Volume Index",
    "PVO": "Percentage Volume Oscillator",
    "PVT": "Price Volume Trend",
    "QQE": "Quantitative Qualitative Estimation",
    "RMA": "Wilder's Moving Average",
    "RSX": "Relative Strength Xtra",
    "RVGI": "Relative Vigor Index",
    "RVI": "Relative Volatility Index",
    "RVOL": "Relative Volume",
    "SMI": "Stochastic Momentum Index",
    "SQUEEZE": "Squeeze Momentum",
    "SQUEEZE_PRO": "Squeeze Momentum Pro",
    "SSF": "Super Smoother Filter",
    "STC": "Schaff Trend Cycle",
    "SUPERTREND": "Supertrend",
    "TD_SEQ": "Tom DeMark Sequential",
    "TSI": "True Strength Index",
    "TTM_TREND": "TTM Trend",
    "UI": "Ulcer Index",
    "VIDYA": "Variable Index Dynamic Average",
    "VORTEX": "Vortex Indicator",
    "VWAP": "Volume Weighted Average Price",
    "VWMA": "Volume Weighted Moving Average",
    "VWMACD": "Volume Weighted MACD",
    "ZLEMA": "Zero Lag Exponential Moving Average",
    "ZSCORE": "Z-Score",
}


def full_title(name: str) -> str:
    """The full name of one of `core.indicators.registry.names()`; empty where it has none but its short one."""
    if name in _TALIB:
        return str(abstract.Function(name).info["display_name"])
    return _OTHERS.get(name, "")
