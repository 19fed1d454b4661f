"""Tests of `cortexlock/lock`."""
