"""The journal of record, on plain values: what a trade is worth by its fills."""
