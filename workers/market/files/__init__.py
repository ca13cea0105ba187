"""Bars from files: what trading programs and data vendors export as text."""
