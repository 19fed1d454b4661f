"""Greet, with what script.sh, conda and pip installed."""

import accelerator
import inflection
from greeting import greeting


class PythonPredictor:
    """One API of Cortex: `predict` answers a request."""

    def __init__(self, config):
        """Load nothing: there is no model."""

    def predict(self, payload):
        """Greet `payload["name"]` and sum `payload["numbers"]`."""
        return {
            "greeting": greeting(inflection.titleize(payload["name"])),
            "total": accelerator.total(payload["numbers"]),
            "device": accelerator.DEVICE,
        }
