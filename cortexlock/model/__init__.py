"""Frozen values: what a predictor provides, what a project asks for, what a lockfile says. No I/O here."""
