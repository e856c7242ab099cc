"""Published benchmarks by card: YAML files that say what lies where, and how entries become questions."""
