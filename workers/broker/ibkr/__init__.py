"""Interactive Brokers through ib_async: connection, pure parsing, and the one loop that owns both."""
