"""What all rooms ask of the machine in one way: files that appear whole, SQLite files."""
