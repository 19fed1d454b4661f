"""Tests of whole commands; those that need the package index or a Python 3.6 are marked."""
