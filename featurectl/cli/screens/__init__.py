"""What each command shows: pure functions from values to lines of text."""
