"""The difference between what is applied and what is in the files, as data. Pure."""
