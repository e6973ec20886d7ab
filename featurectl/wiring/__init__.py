"""The only room that names concrete engines, stores and registries."""
