"""What was applied, by whom and when; which runs moved which data; who holds which lease."""
