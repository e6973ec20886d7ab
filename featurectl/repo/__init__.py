"""The language: files of a feature repository in, a ``Repository`` or its errors out."""
