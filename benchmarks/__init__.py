"""Benchmarks: each states a ratio measured in one run beside any absolute number."""
