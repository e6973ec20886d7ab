"""The semantics as SQL, written once: definitions in, queries out. Pure."""
