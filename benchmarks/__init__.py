"""Measured figures: speed, memory, accuracy over seeds. Run one with ``python -m benchmarks NAME``."""
