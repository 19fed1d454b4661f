"""Finds the words of a text that matter most; the work is done by the package beside it."""

from text_tools import keywords


class PythonPredictor:
    """Needs no model."""

    def __init__(self, config):
        self.count = int(config.get("count", 5))

    def predict(self, payload):
        """Take `{"text": …}`, return its most frequent words that are no stop words."""
        return {"keywords": keywords(payload["text"], count=self.count)}
