"""One module per command: its options, its examples, and a function ``run``."""
