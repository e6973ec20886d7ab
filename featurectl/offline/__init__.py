"""Engines that run queries over the offline store, and the frames that go in and come out."""
