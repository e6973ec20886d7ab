"""The verbs: apply, materialize, get historical, look up. Protocols in, result values out."""
