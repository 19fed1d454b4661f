"""Text into plain values and back: YAML, JSON schemas. Nothing here knows what the values mean."""
