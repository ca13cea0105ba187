"""What the local model is told about a signal, and what it may answer."""
