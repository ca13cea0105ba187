"""Indicators by family, and the set that the strategies read."""
