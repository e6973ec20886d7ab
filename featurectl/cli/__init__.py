"""The terminal: commands, screens, exit codes. No logic."""
