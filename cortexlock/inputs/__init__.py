"""Files into values: configuration, cortex.yaml, dependency files."""
