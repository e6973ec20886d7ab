"""The Python API: a thin façade over the flows."""
