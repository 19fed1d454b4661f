"""Files that are there whole or not at all, and caches made of them; below all that knows what is in them."""
