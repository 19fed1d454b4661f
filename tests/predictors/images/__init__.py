"""Tests of `cortexlock/predictors`."""
