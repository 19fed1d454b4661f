"""Which image, in words: one of Cortex's by its type, any other by its name."""

from __future__ import annotations

from cortexlock.model.predictor import SUBDIR, LockedPredictor, PlatformName, Predictor


def image_words(image: Predictor | LockedPredictor, platform: PlatformName, subdir: str) -> str:
    """Return which image it is, and for what: `python predictor on cpu`, `image ours:1 for cuda`."""
    if image.type:
        return f"{'slim ' if image.slim else ''}{image.type} predictor on {platform}"
    machine = "" if subdir == SUBDIR else f" on {subdir}"
    return f"image {image.image} for {platform}{machine}"
