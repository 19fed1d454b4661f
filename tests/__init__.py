"""Tests of cortexlock; `tests.support` is what they share."""
