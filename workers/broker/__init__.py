"""Brokers: what the desk asks of one, and Interactive Brokers behind it."""
