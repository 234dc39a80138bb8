"""Measurements: medians of several repetitions, ratios within one run, nothing asserted; see docs/benchmarks.md."""
