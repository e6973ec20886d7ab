"""Stores of the newest row of each entity, the codec of a row, the scheme of keys."""
