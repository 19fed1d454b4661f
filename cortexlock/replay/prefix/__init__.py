"""What a prefix holds: its state, its receipt, what no list names, and how it compares with a lockfile."""
