"""What a feature is: frozen values, one class per kind, one codec to canonical JSON. Pure."""
