"""Pure computation on plain values, arrays and frames: no clock, no files, no network, no data base."""

__version__ = "0.1.0"
