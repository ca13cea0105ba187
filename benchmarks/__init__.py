"""Speed, shown side by side: `python -m benchmarks NAME` prints one JSON line with ours, peer and ratio."""
