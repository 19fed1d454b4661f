"""Package indexes and find-links pages: where they are, what they list, who may ask."""
