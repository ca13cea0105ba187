"""Brokers' files to executions: pure functions from bytes to rows and to the lines that hold none."""
